#include "fixture.hpp"
#include "storage/kept_calls.hpp"

using namespace torc;
using namespace torc::test;

namespace {

core::once call(const std::string& key, int32_t step = 0) {
  return {"ada", key, "print", step, {}};
}
core::once_ptr shared(const std::string& key) {
  return std::make_shared<const core::once>(call(key));
}

struct kept_disk : disk {
  std::optional<core::kept_call> kept(const std::string& key) { return read->kept("ada", key); }
  storage::database& raw() {
    std::string why;
    if (!raw_)
      raw_ = storage::database::open(path, storage::database::mode::read_write_create, why);
    BOOST_REQUIRE(raw_);
    return *raw_;
  }
  std::unique_ptr<storage::database> raw_;
};

} // namespace

BOOST_FIXTURE_TEST_SUITE(kept_calls, kept_disk)

BOOST_AUTO_TEST_CASE(are_on_disk_with_what_they_did_or_not_at_all) {
  const auto w = workflow();
  store->begin();
  const auto done = store->apply(core::create<core::file_row>{{{}, w, "f", "/f", {}}});
  store->remember(call("k"), {done->ids, done->count});
  reboot(); // before the commit
  BOOST_TEST(!kept("k"));
  BOOST_TEST(read->page_where<core::file_row>({w, {}, {}}).items.empty());

  store->begin();
  const auto again = store->apply(core::create<core::file_row>{{{}, w, "f", "/f", {}}});
  store->remember(call("k"), {again->ids, again->count});
  store->commit();
  reboot();
  BOOST_REQUIRE(kept("k"));
  BOOST_TEST(kept("k")->fingerprint == "print");
  BOOST_TEST((kept("k")->effects.at(0) == core::effect{again->ids, 1}));
  BOOST_TEST(kept("k")->answer.status == 0);
  BOOST_TEST(!read->kept("bob", "k"));
}

BOOST_AUTO_TEST_CASE(add_their_steps_and_their_answer) {
  std::vector<int64_t> ids{5, 6, 7, 20, 9};
  store->begin();
  store->remember(call("k"), {ids, 3});
  store->remember(call("k", 2), {{}, -4});
  store->commit();
  edit(core::keep_answer{call("k", 3), {201, "text/plain", "done\n"}});
  const auto found = kept("k");
  BOOST_REQUIRE(found);
  BOOST_TEST(found->effects.size() == 2u);
  BOOST_TEST((found->effects.at(0) == core::effect{ids, 3}));
  BOOST_TEST((found->effects.at(2) == core::effect{{}, -4}));
  BOOST_TEST(found->answer.status == 201);
  BOOST_TEST(found->answer.type == "text/plain");
  BOOST_TEST(found->answer.body == "done\n");
}

BOOST_AUTO_TEST_CASE(have_a_foretold_answer_with_their_effect) {
  auto what = call("k");
  what.foretold = {200, "application/json", "{}"};
  store->begin();
  store->remember(what, {});
  store->commit();
  BOOST_TEST(kept("k")->answer.body == "{}");
}

BOOST_AUTO_TEST_CASE(of_controls_are_written_in_their_turn_unless_refused) {
  const auto w = workflow();
  core::turn t;
  auto& v = t.cause.cause;
  v.controls.push_back({core::ticket_id{1}, core::cancel_workflow{w}});
  v.controls.push_back({core::ticket_id{2}, core::cancel_workflow{core::workflow_id{999}}});
  v.once = {{core::ticket_id{1}, shared("yes")}, {core::ticket_id{2}, shared("no")}};
  turn(t);
  BOOST_TEST(kept("yes").has_value());
  BOOST_TEST(!kept("no"));
}

BOOST_AUTO_TEST_CASE(of_claims_know_the_jobs) {
  const auto w = workflow();
  const auto j = jobs(w, {{}, {}, {}});
  initialize(w);
  core::turn t;
  auto& offer = t.cause.cause.offers.emplace_back();
  offer.ticket = core::ticket_id{9};
  offer.once = shared("claim");
  for (size_t i : {1u, 2u}) {
    t.grants.push_back(grant(w, j[i]));
    t.grants.back().runner = {};
    t.grants.back().offer = offer.ticket;
  }
  turn(t);
  const std::vector<int64_t> claimed{j[1].value, j[2].value};
  BOOST_TEST(kept("claim")->effects.at(0).ids == claimed, boost::test_tools::per_element());
}

BOOST_AUTO_TEST_CASE(of_starts_and_ends_are_in_the_turn_that_records_them) {
  core::turn t;
  t.cause.cause.once = {{core::ticket_id{3}, shared("end")}};
  turn(t);
  BOOST_TEST(kept("end")->effects.at(0).count == 1);
}

BOOST_AUTO_TEST_CASE(are_forgotten_after_their_time) {
  const int64_t then = 1'000'000'000'000'000;
  storage::remember(raw(), call("a"), {}, then);
  storage::remember(raw(), call("b"), {}, then + 1);
  const auto end = then + core::kept_for_us;
  BOOST_TEST(storage::read_kept(raw(), "ada", "a", end).has_value());
  BOOST_TEST(!storage::read_kept(raw(), "ada", "a", end + 1));
  storage::remember(raw(), call("a"), {{1}, 1}, end + 1); // a new call
  BOOST_TEST(storage::read_kept(raw(), "ada", "a", end + 1)->effects.at(0).ids.size() == 1u);
  storage::remember(raw(), call("c"), {}, end + 5);
  BOOST_TEST(raw().number("SELECT count(*) FROM kept_call") == 2);
}

BOOST_AUTO_TEST_CASE(are_no_more_than_their_number) {
  storage::remember(raw(), call("first"), {}, 1);
  storage::remember(raw(), call("later"), {}, 1);
  raw().execute("UPDATE kept_call SET seq = " + std::to_string(core::most_kept_calls) +
                " WHERE key = 'later'");
  BOOST_TEST(storage::read_kept(raw(), "ada", "first", 2).has_value());
  storage::remember(raw(), call("second"), {}, 2);
  BOOST_TEST(!storage::read_kept(raw(), "ada", "first", 2));
  BOOST_TEST(storage::read_kept(raw(), "ada", "second", 2).has_value());
}

BOOST_AUTO_TEST_SUITE_END()
