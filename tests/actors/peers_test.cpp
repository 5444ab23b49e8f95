#include "tests/actors/world.hpp"

#include <algorithm>

/// Runners of another version, and such as do not speak the truth.
using namespace torc;
using namespace torc::test;
using core::job_status;
namespace wire = core::wire;

namespace {

/// What a runner of protocol 1 said, byte by byte: it attaches, starts two jobs and ends one; it
/// comes back to another server, still has the second, ends that, too, and leaves.
constexpr const char* attaches =
    "27010100ce490673656372657403616e6e02056e6f646531c601040400028080808080010100"
    "0000";
/// The first words of a runner of protocol 2, which tells its version.
constexpr const char* attaches_in_2 =
    "2d020100ce490673656372657403616e6e02056e6f646531c601040400028080808080010100"
    "000005302e392e30";
constexpr const char* reports =
    "548280808080040202098280808080040202020984808080800404020202c09ad089e5c5b206"
    "c09ad089e5c5b206012209828080808004020202000ac09ad089e5c5b20680b5dc89e5c5b206"
    "80c0bb04e012000000";
constexpr const char* attaches_again =
    "360101828080808004ce490673656372657403616e6e02056e6f646531c60104040002808080"
    "8080010100010984808080800404020200";
constexpr const char* reports_the_end =
    "31828080808004040000012209848080808004040202060cc09ad089e5c5b2068086a792e5c5"
    "b20680c0bb04e0120000880e";
constexpr const char* leaves = "0e828080808004060000000001880e";

core::sealed recorded(uint16_t protocol, uint16_t kind, std::string_view hex) {
  core::sealed s{protocol, kind, {}};
  for (size_t i = 0; i + 1 < hex.size(); i += 2)
    s.bytes += static_cast<char>(std::stoi(std::string(hex.substr(i, 2)), nullptr, 16));
  return s;
}

constexpr int64_t first = (int64_t{1} << 36) + 1; // of the ids of the first server

/// A runner that plays a record, and what it heard.
struct older_peer {
  using envelopes = std::vector<core::sealed>;
  std::shared_ptr<envelopes> heard = std::make_shared<envelopes>();
  uint16_t speaks;
  actors::runner_actor handle;

  explicit older_peer(world& w, uint16_t protocol = 1)
      : speaks(protocol),
        handle(w.sys.spawn(
            [](actors::runner_actor::pointer,
               std::shared_ptr<envelopes> to) -> actors::runner_actor::behavior_type {
              return {[to](const core::sealed& s) { to->push_back(s); }};
            },
            heard)) {}

  wire::welcome attach(world& w, const char* record) {
    auto got = core::sealed{};
    auto asked =
        w.self->request(w.rooms.collector, caf::infinite, recorded(speaks, 1, record), handle);
    w.run();
    asked.receive([&](const core::sealed& s) { got = s; },
                  [&](const caf::error& e) { BOOST_FAIL(w.sys.render(e)); });
    BOOST_TEST(got.protocol == speaks, "it is answered in its own protocol");
    return core::open_sealed<wire::welcome>(got).value();
  }
  void say(world& w, const char* record) {
    caf::send_as(handle, w.rooms.collector, recorded(speaks, 7, record));
    w.run();
  }
  /// The messages of one kind that came since the last call.
  template <class T>
  std::vector<T> take() {
    std::vector<T> all;
    for (const auto& s : *heard) {
      BOOST_TEST(s.protocol == speaks);
      if (s.kind == core::kind_of<T>)
        all.push_back(core::open_sealed<T>(s).value());
    }
    std::erase_if(*heard, [](const auto& s) { return s.kind == core::kind_of<T>; });
    return all;
  }
};

bool has(const std::string& text, const std::string& part) {
  return text.find(part) != std::string::npos;
}

} // namespace

BOOST_FIXTURE_TEST_SUITE(peers, world)

BOOST_AUTO_TEST_CASE(a_runner_of_the_previous_protocol_is_taken_in_and_adopted) {
  const auto w = must_create(2, {});
  must_initialize(w);
  older_peer old(*this);
  const auto welcome = old.attach(*this, attaches);
  BOOST_TEST(welcome.refused == "");
  BOOST_TEST(welcome.chosen_protocol == 1);
  BOOST_REQUIRE_EQUAL(welcome.runner, first);
  BOOST_TEST(has(log.back(), "node1 pid 99, protocol 1"), log.back());
  const auto orders = old.take<wire::run_jobs>();
  BOOST_REQUIRE_EQUAL(orders.size(), 1u);
  BOOST_REQUIRE_EQUAL(orders[0].orders.size(), 2u);
  BOOST_REQUIRE_EQUAL(orders[0].orders[1].what.grant, first + 1);
  old.say(*this, reports);
  BOOST_TEST(old.take<wire::ack>().size() == 1u);
  verify_statuses(w, {{job_status::completed, 1}, {job_status::running, 1}});

  reboot(); // The server is another now; the runner goes on.
  const auto again = old.attach(*this, attaches_again);
  BOOST_TEST(again.refused == "");
  BOOST_TEST(again.runner == first);
  BOOST_TEST(again.revoked.empty(), "what it holds is its own");
  BOOST_TEST(again.server_epoch == 2);
  verify_statuses(w, {{job_status::completed, 1}, {job_status::running, 1}});
  old.say(*this, reports_the_end);
  old.say(*this, reports_the_end);
  BOOST_TEST(old.take<wire::ack>().size() == 2u);
  BOOST_TEST(old.take<wire::finished>().size() == 1u);
  verify_statuses(w, {{job_status::completed, 1}, {job_status::failed, 1}});
  core::result_filter f;
  f.workflow = w;
  f.all_runs = true;
  BOOST_TEST(reads().results(f).total == 2);
  old.say(*this, leaves);
  BOOST_TEST(old.take<wire::ack>().size() == 1u);
  BOOST_TEST(old.take<wire::revoke>().empty());
}

BOOST_AUTO_TEST_CASE(
    a_runner_that_knows_no_labels_gets_jobs_without_and_their_environment_in_the_command) {
  const auto w = must_create(0, {});
  auto plain = core::job_row{};
  plain.workflow = w;
  plain.name = "plain";
  plain.command = "echo";
  plain.env = core::to_env({{"A", "1"}});
  auto labeled = plain;
  labeled.name = "labeled";
  labeled.labels = core::make_labels({"gpu"}).value();
  must_edit(core::create_jobs{w, {plain, labeled}, false});
  must_initialize(w);
  older_peer old(*this, 2);
  const auto welcome = old.attach(*this, attaches_in_2);
  BOOST_TEST(welcome.refused == "");
  BOOST_TEST(welcome.chosen_protocol == 2);
  BOOST_TEST(has(log.back(), "node1 pid 99, version 0.9.0, protocol 2"), log.back());
  const auto sent = old.take<wire::run_jobs>();
  BOOST_REQUIRE_EQUAL(sent.size(), 1u);
  BOOST_REQUIRE_EQUAL(sent[0].orders.size(), 1u);
  BOOST_TEST(sent[0].orders[0].command == "export A='1'\necho");
}

BOOST_AUTO_TEST_CASE(a_runner_of_a_protocol_that_nobody_speaks_is_told_so) {
  auto card = wire::attach{};
  card.token = "secret";
  card.newest_protocol = card.oldest = wire::protocol + 1;
  older_peer stranger(*this);
  auto said = std::string{};
  auto asked = self->request(rooms.collector, caf::infinite, core::seal(card), stranger.handle);
  run();
  asked.receive(
      [&](const core::sealed& s) { said = core::open_sealed<wire::welcome>(s).value().refused; },
      [&](const caf::error& e) { BOOST_FAIL(sys.render(e)); });
  BOOST_TEST(has(said, "use programs of closer versions"), said);
}

BOOST_AUTO_TEST_CASE(a_runner_that_lies_is_refused_and_logged_once_and_nobody_else_notices) {
  const auto w = must_create(4, {{0, 2}, {1, 3}});
  must_initialize(w);
  auto honest = must_attach(1, 0, w);
  auto liar = must_attach(1, 0, w);
  const auto its = honest.heard->orders.begin()->second.what;
  const auto own = liar.heard->orders.begin()->second.what;
  const auto before = log.size();
  const auto ends = [](wire::attempt what) {
    auto r = wire::report{};
    auto& e = r.done.emplace_back();
    e.what = what;
    e.status = static_cast<int8_t>(job_status::completed);
    return r;
  };
  auto unknown_job = own, wrong_attempt = own, wrong_run = own, never_given = own;
  unknown_job.job = 99;
  wrong_attempt.attempt_id = 2;
  wrong_run.run = 7;
  never_given.grant += 1000;
  for (const auto& lie : {its, unknown_job, wrong_attempt, wrong_run, never_given}) {
    report(liar, ends(lie));
    run();
  }
  auto gives_back = wire::report{};
  gives_back.returned = {its.grant};
  report(liar, gives_back);
  auto starts = wire::report{};
  starts.started = {its, unknown_job};
  report(liar, starts);
  run();
  verify_statuses(w, {{job_status::pending, 2}, {job_status::blocked, 2}});
  BOOST_TEST(liar.heard->acks.size() == 7u, "it does not repeat itself for ever");
  BOOST_REQUIRE_EQUAL(log.size(), before + 1);
  BOOST_TEST(has(log.back(), "runner " + std::to_string(liar.welcome.runner) +
                                 " says what cannot be, which is refused: grant " +
                                 std::to_string(its.grant) + " is not its own"),
             log.back());
  BOOST_TEST(honest.heard->revokes.empty());
  BOOST_TEST(work_off(honest) + work_off(liar) + work_off(honest) == 4);
  verify_statuses(w, {{job_status::completed, 4}});
}

BOOST_AUTO_TEST_CASE(what_a_runner_claims_when_it_attaches_is_not_believed_either) {
  const auto w = must_create(2, {});
  must_initialize(w);
  auto honest = must_attach(1, 0, w);
  auto liar = must_attach(1, 0, w);
  const auto its = honest.heard->orders.begin()->second.what;
  auto ended = wire::ended{};
  ended.what = its;
  ended.status = static_cast<int8_t>(job_status::completed);
  const auto own = liar.heard->orders.begin()->second.what;
  must_reattach(liar, {its, own}, {ended});
  BOOST_TEST(liar.welcome.revoked == std::vector<int64_t>{its.grant});
  BOOST_TEST(std::count_if(log.begin(), log.end(),
                           [](const auto& l) { return has(l, "says what cannot be"); }) == 1);
  verify_statuses(w, {{job_status::pending, 2}});
  BOOST_TEST(work_off(honest) == 1);
}

BOOST_AUTO_TEST_SUITE_END()
