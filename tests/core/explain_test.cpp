#include "core/explain.hpp"

#include <boost/test/unit_test.hpp>
#include <limits>

using namespace torc::core;

namespace {

/// A workflow whose jobs have the ids 1, 2, ... and the names "j1", "j2", ...
struct case_of {
  workflow_facts facts;
  std::vector<attempt_facts> attempts;
  std::vector<runner_facts> runners;

  explicit case_of(const std::vector<job_status>& statuses,
                   const std::vector<std::pair<int64_t, int64_t>>& edges = {}) {
    facts.workflow = workflow_id{1};
    facts.classes = {{{1, 0, 1, 1 << 20, 60}, 0, {}, requirement_id{1}},
                     {{64, 0, 1, 1 << 20, 60}, 0, {}, requirement_id{2}}};
    for (const auto s : statuses) {
      auto j = job_facts{};
      j.job = job_id{static_cast<int64_t>(facts.jobs.size()) + 1};
      j.status = s;
      facts.jobs.push_back(j);
    }
    for (auto [blocker, job] : edges)
      facts.edges.emplace_back(job_id{blocker}, job_id{job});
  }
  case_of& ended(int64_t job, job_status s, int64_t code, double minutes = 1) {
    attempts.push_back({job_id{job}, s, code, minutes, {}});
    return *this;
  }
  explain_input input() const {
    return {facts, attempts, runners, [](job_id j) { return "j" + std::to_string(j.value); }};
  }
  job_explanation job(int64_t id) const {
    auto e = explain_job(input(), job_id{id});
    BOOST_REQUIRE(e.ok());
    return std::move(*e);
  }
  workflow_explanation whole() const { return explain_workflow(input()); }
};

bool says(const std::vector<std::string>& reasons, std::string_view text) {
  for (const auto& r : reasons)
    if (r.find(text) != std::string::npos)
      return true;
  for (const auto& r : reasons)
    BOOST_TEST_MESSAGE(r);
  return false;
}

std::vector<int64_t> ids(const std::vector<job_id>& jobs) {
  std::vector<int64_t> out;
  for (auto j : jobs)
    out.push_back(j.value);
  return out;
}

ending end_of(job_status s, int64_t code, double minutes = 0.1,
              std::optional<int64_t> peak = std::nullopt) {
  return explain_ending({job_id{1}, s, code, minutes, peak}, {1, 0, 1, 1 << 30, 60});
}

constexpr auto ready = job_status::ready, blocked = job_status::blocked,
               running = job_status::running, completed = job_status::completed,
               failed = job_status::failed, canceled = job_status::canceled,
               terminated = job_status::terminated;

} // namespace

BOOST_AUTO_TEST_SUITE(explain)

BOOST_AUTO_TEST_CASE(an_ending_is_told_from_its_code_its_memory_and_its_time) {
  BOOST_TEST(end_of(completed, 0).kind == "success");
  BOOST_TEST(end_of(failed, 3).why == "ended with exit code 3");
  BOOST_TEST(end_of(failed, 127).why.find("not found") != std::string::npos);
  BOOST_TEST(end_of(failed, 139).why == "was ended by SIGSEGV");
  BOOST_TEST(end_of(failed, 255).kind == "exit_code");
  BOOST_TEST(end_of(failed, 137).kind == "signal");
  BOOST_TEST(end_of(failed, 137, 0.1, 1 << 29).kind == "signal");
  BOOST_TEST(end_of(failed, 137, 0.1, 1 << 30).kind == "out_of_memory");
  BOOST_TEST(end_of(failed, 143, 1).kind == "time_limit");
  BOOST_TEST(end_of(terminated, 137, 1.2).kind == "time_limit");
  BOOST_TEST(end_of(terminated, 137, 0.5).kind == "stopped");
  BOOST_TEST(end_of(failed, 1, 2).kind == "exit_code");
}

BOOST_AUTO_TEST_CASE(a_blocked_job_waits_for_those_at_the_root_of_it) {
  // 1 and 2 -> 3 -> 4 -> 5; 6 has nothing to do with it.
  const case_of c({running, completed, blocked, blocked, blocked, ready},
                  {{1, 3}, {2, 3}, {3, 4}, {4, 5}});
  const auto e = c.job(5);
  BOOST_TEST(e.blockers.direct == 1);
  BOOST_TEST(e.blockers.all == 3);
  BOOST_TEST(e.blockers.first_count == 1);
  BOOST_TEST(ids(e.blockers.first) == std::vector<int64_t>{1}, boost::test_tools::per_element());
  BOOST_TEST(e.blockers.by_status[static_cast<size_t>(blocked)] == 2);
  BOOST_TEST(says(e.reasons, "it waits for 1 unfinished job, 3 with those before; "
                             "first to end: job 1 (j1)"));
}

BOOST_AUTO_TEST_CASE(lists_have_an_end_and_counts_have_none) {
  std::vector<job_status> statuses(1000, running);
  std::vector<std::pair<int64_t, int64_t>> edges;
  for (int64_t i = 1; i <= 1000; ++i)
    edges.emplace_back(i, 1001);
  statuses.push_back(blocked);
  const case_of c(statuses, edges);
  const auto e = c.job(1001);
  BOOST_TEST(e.blockers.first_count == 1000);
  BOOST_TEST(e.blockers.first.size() == most_named);
  BOOST_TEST(e.blockers.first.front().value == 1);
  BOOST_TEST(says(e.reasons, "and 997 more"));
}

BOOST_AUTO_TEST_CASE(a_ready_job_says_which_runner_it_lacks) {
  case_of c({ready, ready});
  c.facts.jobs[1].job_class = 1;
  BOOST_TEST(says(c.job(1).reasons, "no runner is attached"));
  c.runners.push_back({"a", {8, 0, 1, 1 << 30, {}}});
  BOOST_TEST(says(c.job(1).reasons,
                  "1 runner is large enough, of 1; it waits until one of them has "
                  "room for 1 CPU, 1 MiB of memory and 60 s"));
  BOOST_TEST(c.job(2).fitting_runners == 0);
  BOOST_TEST(says(c.job(2).reasons, "the one runner is not large enough: it asks for 64 CPUs where "
                                    "the largest has 8 CPUs"));
  const auto whole = c.whole();
  BOOST_REQUIRE(whole.ready.size() == 2u);
  BOOST_TEST(whole.ready[1].count == 1);
  BOOST_TEST(whole.ready[1].fitting_runners == 0);
}

BOOST_AUTO_TEST_CASE(each_resource_that_no_runner_has_is_named) {
  case_of c({ready});
  c.runners.push_back({"a", {8, 0, 1, 1 << 30, 3600}});
  c.runners.push_back({"b", {2, 1, 1, 1 << 29, 7200}});
  c.facts.classes[0].need = {4, 2, 2, int64_t{3} << 30, 10'000};
  BOOST_TEST(
      says(c.job(1).reasons,
           "none of the 2 runners is large enough: it asks for 2 GPUs where the largest has 1 "
           "GPU, 2 nodes where the largest has 1 node, 3.00 GiB of memory where the largest "
           "has 1.00 GiB of memory and 10000 s of time where the largest has 7200 s of time"));
  c.facts.classes[0].need = {4, 1, 1, 1 << 20, 60};
  BOOST_TEST(says(c.job(1).reasons, "no runner has all of that at once"));
  c.facts.classes[0].need = {1, 0, 1, 1 << 20, 60};
  c.runners[0].held = 3;
  BOOST_TEST(says(c.job(1).reasons, "2 runners are large enough, of 2"));
  BOOST_TEST(says(c.job(1).reasons, "beside 3 jobs that are there already"));
}

BOOST_AUTO_TEST_CASE(a_runner_of_another_workflow_is_none) {
  case_of c({ready});
  c.runners.push_back({"a", {8, 0, 1, 1 << 30, {}}, runner_id{1}, false, 5});
  BOOST_TEST(says(c.job(1).reasons, "the one runner that is attached serves other workflows; start "
                                    "one with: torc workflows run 1"));
  BOOST_TEST(c.job(1).fitting_runners == 0);
  c.runners.push_back(c.runners[0]);
  BOOST_TEST(says(c.job(1).reasons, "all 2 runners that are attached serve other workflows"));
}

BOOST_AUTO_TEST_CASE(times_are_told_in_the_unit_that_fits) {
  const auto took = [](double minutes) {
    case_of c({completed});
    return c.ended(1, completed, 0, minutes).job(1).reasons.at(0);
  };
  BOOST_TEST(took(0.0002) == "attempt 1 took 12 ms and succeeded");
  BOOST_TEST(took(0.07) == "attempt 1 took 4.2 s and succeeded");
  BOOST_TEST(took(12.5) == "attempt 1 took 12.5 min and succeeded");
  BOOST_TEST(took(186) == "attempt 1 took 3.1 h and succeeded");
}

BOOST_AUTO_TEST_CASE(what_ready_blockers_lack_is_said_once_for_all_that_are_alike) {
  const case_of c({ready, ready, ready, blocked}, {{1, 4}, {2, 4}, {3, 4}});
  const auto reasons = c.job(4).reasons;
  BOOST_TEST(reasons.size() == 2u);
  BOOST_TEST(says(reasons, "job 1 (j1) is ready: no runner is attached"));
}

BOOST_AUTO_TEST_CASE(a_cancellation_is_followed_to_what_failed) {
  // 1 failed -> 2 canceled -> 3 canceled; 4 succeeded -> 3.
  case_of c({failed, canceled, canceled, completed}, {{1, 2}, {2, 3}, {4, 3}});
  BOOST_TEST(ids(c.job(3).failed_blockers) == std::vector<int64_t>{1},
             boost::test_tools::per_element());
  BOOST_TEST(says(c.job(3).reasons, "depends on job 1 (j1)"));
  case_of by_user({canceled});
  by_user.facts.canceled = true;
  BOOST_TEST(by_user.job(1).reasons.at(0) == "canceled with its workflow by a user");
  auto in = by_user.input();
  in.canceled = cancellation{"ada", 1'769'860'800'000};
  BOOST_TEST(explain_job(in, job_id{1})->reasons.at(0) ==
             "canceled with its workflow by ada, at 2026-01-31T12:00:00.000Z");
  BOOST_TEST(explain_workflow(in).reasons.at(0) ==
             "it was canceled by ada, at 2026-01-31T12:00:00.000Z: nothing of it is started");
  in.canceled->at_ms = std::numeric_limits<int64_t>::max();
  BOOST_TEST(explain_workflow(in).reasons.at(0) ==
             "it was canceled by ada, at 9999-12-31T23:59:59.999Z: nothing of it is started");
}

BOOST_AUTO_TEST_CASE(a_job_that_was_canceled_by_hand_names_who_did_it_before_all_else) {
  case_of c({failed, canceled, canceled}, {{1, 2}});
  c.facts.canceled = true;
  auto in = c.input();
  in.canceled = cancellation{"ada", 1'769'860'800'000};
  in.job_canceled = cancellation{"bob", 1'769'860'800'001};
  const auto by_hand = explain_job(in, job_id{2});
  BOOST_TEST(by_hand->reasons.at(0) == "canceled by bob, at 2026-01-31T12:00:00.001Z");
  BOOST_TEST(by_hand->canceled->user == "bob");
  in.job_canceled->user.clear();
  BOOST_TEST(explain_job(in, job_id{2})->reasons.at(0) ==
             "canceled by a user, at 2026-01-31T12:00:00.001Z");
  in.job_canceled.reset();
  BOOST_TEST(!explain_job(in, job_id{2})->canceled);
  BOOST_TEST(explain_job(in, job_id{3})->canceled->user == "ada");
}

BOOST_AUTO_TEST_CASE(a_slow_job_is_told_from_its_siblings) {
  case_of c(std::vector<job_status>(12, completed));
  c.facts.jobs[11].job_class = 1;
  for (int64_t job = 1; job <= 10; ++job)
    c.ended(job, completed, 0, 1 + 0.01 * static_cast<double>(job));
  c.ended(11, completed, 0, 5).ended(12, completed, 0, 50);
  BOOST_TEST(c.job(11).siblings.count == 10);
  BOOST_TEST(says(c.job(11).reasons, "it was slow: 10 jobs of the same requirements took 1.1 min"));
  BOOST_TEST(!says(c.job(10).reasons, "slow"));
  BOOST_TEST(c.job(12).siblings.count == 0); // has requirements of its own
  const auto slow = c.whole().slow;
  BOOST_REQUIRE(slow.size() == 1u);
  BOOST_TEST(slow[0].job.value == 11);
  // Of a few as well: a job is no sibling of itself.
  case_of few(std::vector<job_status>(6, completed));
  for (int64_t job = 1; job <= 5; ++job)
    few.ended(job, completed, 0, 1);
  few.ended(6, completed, 0, 5);
  BOOST_REQUIRE(few.whole().slow.size() == 1u);
  BOOST_TEST(few.whole().slow[0].median_minutes == 1);
  BOOST_TEST(says(few.job(6).reasons, "it was slow"));
}

BOOST_AUTO_TEST_CASE(a_workflow_groups_its_failures_and_names_who_holds_it_up) {
  case_of c({failed, failed, failed, running, running, blocked, blocked}, {{4, 6}, {4, 7}, {5, 7}});
  c.ended(1, failed, 3).ended(2, failed, 3).ended(3, failed, 139);
  const auto e = c.whole();
  BOOST_REQUIRE(e.failures.size() == 2u);
  BOOST_TEST(e.failures[0].count == 2);
  BOOST_TEST(e.failures[0].return_code == 3);
  BOOST_REQUIRE(e.holding.size() == 2u);
  BOOST_TEST(e.holding[0].first.value == 4);
  BOOST_TEST(e.holding[0].second == 2);
  BOOST_TEST(says(e.reasons, "3 of 7 jobs have ended"));
  BOOST_TEST(says(e.reasons, "job 1 (j1), job 2 (j2) ended with exit code 3"));
}

BOOST_AUTO_TEST_CASE(a_workflow_that_was_never_initialized_says_so) {
  const case_of c({job_status::uninitialized, job_status::disabled});
  BOOST_TEST(says(c.whole().reasons, "torc workflows start 1"));
  BOOST_TEST(!explain_job(c.input(), job_id{9}).ok());
}

BOOST_AUTO_TEST_SUITE_END()
