#include "tests/actors/world.hpp"

/// Labels and environments on their way from the job to its runner.
using namespace torc;
using namespace torc::test;
using core::job_status;
namespace wire = core::wire;

namespace {

struct labeled : world {
  core::workflow_id w = must_create(0, {});

  void add(const std::string& name, std::vector<std::string> labels,
           std::vector<std::pair<std::string, std::string>> env = {}) {
    auto j = core::job_row{};
    j.workflow = w;
    j.name = name;
    j.command = "echo";
    j.labels = core::make_labels(std::move(labels)).value();
    if (!env.empty())
      j.env = core::to_env(std::move(env));
    must_edit(core::create_jobs{w, {j}, false});
  }
  static std::string names(const guest& g) {
    std::string all;
    for (const auto& [grant, order] : g.heard->orders)
      all += (all.empty() ? "" : " ") + order.name;
    return all;
  }
};

} // namespace

BOOST_FIXTURE_TEST_SUITE(labels, labeled)

BOOST_AUTO_TEST_CASE(each_runner_is_sent_what_asks_for_its_labels) {
  add("plain", {});
  add("windows", {"windows"});
  add("both", {"gpu", "windows"});
  must_initialize(w);
  auto plain = must_attach(9, 9, w);
  auto gpu = must_attach(9, 9, w, "ann", {"gpu"});
  auto windows = must_attach(9, 9, w, "ann", {"windows"});
  BOOST_TEST(names(plain) == "plain");
  BOOST_TEST(names(gpu).empty());
  BOOST_TEST(names(windows) == "windows");
  reboot(); // Labels come from the disk now.
  auto all = must_attach(9, 9, w, "ann", {"windows", "gpu", "x"});
  BOOST_TEST(names(all) == "both");
}

BOOST_AUTO_TEST_CASE(a_runner_whose_labels_cannot_be_is_refused) {
  auto card = wire::attach{};
  card.token = "secret";
  card.user = "ann";
  card.labels = {"a,b"};
  auto guest = must_attach(1);
  auto said = std::string{};
  auto asked = self->request(rooms.collector, caf::infinite, core::seal(card), guest.handle);
  run();
  asked.receive(
      [&](const core::sealed& s) { said = core::open_sealed<wire::welcome>(s).value().refused; },
      [&](const caf::error& e) { BOOST_FAIL(sys.render(e)); });
  BOOST_TEST(said.find("\"a,b\" is no label") != std::string::npos, said);
}

BOOST_AUTO_TEST_CASE(an_order_brings_its_environment_and_an_older_runner_gets_it_in_the_command) {
  add("first", {}, {{"A", "it's"}});
  must_initialize(w);
  auto newer = must_attach(1, 0, w);
  BOOST_REQUIRE_EQUAL(newer.heard->orders.size(), 1u);
  const auto got = newer.heard->orders.begin()->second;
  BOOST_TEST(got.command == "echo");
  BOOST_TEST(got.env == std::vector<std::string>{"A=it's"}, boost::test_tools::per_element());

  w = must_create(0, {});
  add("second", {}, {{"A", "it's"}});
  must_initialize(w);
  auto card = newer.card;
  card.workflow = w.value;
  card.newest_protocol = 2;
  card.runner = 0;
  ++card.instance;
  auto older = must_attach_as(card);
  BOOST_REQUIRE_EQUAL(older.heard->orders.size(), 1u);
  const auto& order = older.heard->orders.begin()->second;
  BOOST_TEST(order.command == "export A='it'\\''s'\necho");
  BOOST_TEST(order.env.empty());
}

BOOST_AUTO_TEST_SUITE_END()
