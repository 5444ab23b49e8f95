#include "core/image.hpp"

#include <boost/test/unit_test.hpp>

#include <algorithm>
#include <functional>
#include <map>
#include <random>
#include <set>

using namespace torc::core;

namespace {

using st = job_status;

workflow_facts workflow(const std::vector<st>& statuses,
                        const std::vector<std::pair<int, int>>& edges) {
  auto w = workflow_facts{};
  w.workflow = workflow_id{7};
  w.user = "ada";
  w.run = 3;
  w.sort_method = "none";
  w.classes.resize(1);
  for (size_t i = 0; i < statuses.size(); ++i)
    w.jobs.push_back({job_id{static_cast<int64_t>(i) + 1}, statuses[i]});
  for (auto [b, j] : edges)
    w.edges.emplace_back(job_id{b}, job_id{j});
  return w;
}

admission plan(const workflow_facts& w, admit_mode mode) {
  auto stages = std::vector<uint32_t>();
  auto out = plan_admission(w, mode, stages);
  BOOST_REQUIRE_MESSAGE(out.ok(), (out ? "" : out.why().message));
  BOOST_TEST(stages == out->all_stages, boost::test_tools::per_element());
  return *out;
}

std::map<int64_t, st> statuses(const admission& a) {
  auto out = std::map<int64_t, st>();
  for (const auto& j : a.jobs)
    out[j.job.value] = j.status;
  return out;
}

std::string why_not(const workflow_facts& w) {
  auto stages = std::vector<uint32_t>();
  auto out = plan_admission(w, admit_mode::all, stages);
  BOOST_REQUIRE(!out.ok());
  BOOST_TEST((out.why().why == refusal::unprocessable));
  return out.why().message;
}

bool same(const std::map<int64_t, st>& a, const std::map<int64_t, st>& b) {
  return a == b;
}

} // namespace

BOOST_AUTO_TEST_SUITE(image)

BOOST_AUTO_TEST_CASE(a_diamond_starts_with_its_root_and_has_three_stages) {
  auto a =
      plan(workflow({st::uninitialized, st::uninitialized, st::uninitialized, st::uninitialized},
                    {{1, 2}, {1, 3}, {2, 4}, {3, 4}}),
           admit_mode::all);
  BOOST_TEST(
      same(statuses(a), {{1, st::ready}, {2, st::blocked}, {3, st::blocked}, {4, st::blocked}}));
  BOOST_TEST(a.edges.size() == 4u);
  BOOST_TEST(a.stage_totals == (std::vector<uint32_t>{1, 2, 1}), boost::test_tools::per_element());
  BOOST_TEST(a.user == "ada");
  BOOST_TEST(a.sort_method == "none");
  BOOST_TEST(a.run == 3);
}

BOOST_AUTO_TEST_CASE(an_edge_said_twice_counts_once) {
  auto a = plan(workflow({st::uninitialized, st::uninitialized}, {{1, 2}, {1, 2}, {1, 2}}),
                admit_mode::all);
  BOOST_TEST(a.edges.size() == 1u);
}

BOOST_AUTO_TEST_CASE(a_stage_is_the_longest_path_from_a_root) {
  auto a = plan(workflow({st::completed, st::blocked, st::blocked, st::blocked},
                         {{1, 2}, {2, 3}, {1, 4}, {3, 4}}),
                admit_mode::recovery);
  BOOST_TEST(a.all_stages == (std::vector<uint32_t>{0, 1, 2, 3}), boost::test_tools::per_element());
  BOOST_TEST(a.stage_totals.size() == 4u);
  BOOST_TEST(a.jobs.size() == 3u);
  BOOST_TEST(a.edges.size() == 2u);
}

BOOST_AUTO_TEST_CASE(a_cycle_is_refused_and_named_in_order) {
  auto w =
      workflow(std::vector<st>(5, st::uninitialized), {{1, 2}, {2, 3}, {3, 4}, {4, 2}, {4, 5}});
  BOOST_TEST(why_not(w) ==
             "the dependencies form a cycle: job 2 waits for 4 waits for 3 waits for 2");
}

BOOST_AUTO_TEST_CASE(a_job_that_waits_for_itself_is_a_cycle) {
  BOOST_TEST(why_not(workflow({st::uninitialized}, {{1, 1}})) ==
             "the dependencies form a cycle: job 1 waits for 1");
}

BOOST_AUTO_TEST_CASE(a_long_cycle_is_named_in_part) {
  auto edges = std::vector<std::pair<int, int>>();
  for (int i = 1; i < 1000; ++i)
    edges.emplace_back(i, i + 1);
  edges.emplace_back(1000, 1);
  auto text = why_not(workflow(std::vector<st>(1000, st::uninitialized), edges));
  BOOST_TEST(text.size() < 1000u);
  BOOST_TEST(text.find("980 more") != std::string::npos);
}

BOOST_AUTO_TEST_CASE(an_edge_or_class_that_names_nothing_is_refused) {
  BOOST_TEST(why_not(workflow({st::blocked}, {{9, 1}})).find("9") != std::string::npos);
  auto w = workflow({st::blocked}, {});
  w.jobs[0].job_class = 5;
  BOOST_TEST(why_not(w).find("class") != std::string::npos);
}

BOOST_AUTO_TEST_CASE(the_failure_of_a_blocker_cancels_all_levels_down) {
  for (auto mode : {admit_mode::all, admit_mode::recovery}) {
    auto a = plan(
        workflow({st::failed, st::blocked, st::blocked, st::blocked}, {{1, 2}, {2, 3}, {3, 4}}),
        mode);
    BOOST_TEST(a.jobs.empty());
    BOOST_TEST(a.canceled_jobs.size() == 3u);
  }
}

BOOST_AUTO_TEST_CASE(a_job_that_does_not_ask_to_be_canceled_runs_after_a_failure) {
  auto w = workflow({st::terminated, st::blocked, st::blocked}, {{1, 2}, {2, 3}});
  w.jobs[1].cancel_on_failure = false;
  auto a = plan(w, admit_mode::all);
  BOOST_TEST(same(statuses(a), {{2, st::ready}, {3, st::blocked}}));
  BOOST_TEST(!a.jobs[1].blocker_failed);
}

BOOST_AUTO_TEST_CASE(a_job_with_a_failed_and_an_unfinished_blocker_still_waits_and_remembers) {
  auto a = plan(workflow({st::failed, st::uninitialized, st::blocked}, {{1, 3}, {2, 3}}),
                admit_mode::all);
  BOOST_TEST(same(statuses(a), {{2, st::ready}, {3, st::blocked}}));
  BOOST_TEST(a.jobs[1].blocker_failed);
}

BOOST_AUTO_TEST_CASE(initialize_judges_all_but_complete_disabled_and_open_jobs_anew) {
  auto w = workflow({st::completed, st::disabled, st::running, st::pending, st::ready,
                     st::pending_failed, st::blocked},
                    {{1, 7}, {2, 7}, {3, 4}});
  w.jobs[2].is_open = true;
  auto a = plan(w, admit_mode::all);
  BOOST_TEST(
      same(statuses(a),
           {{3, st::running}, {4, st::blocked}, {5, st::ready}, {6, st::ready}, {7, st::ready}}));
}

BOOST_AUTO_TEST_CASE(recovery_keeps_what_is_on_disk_and_releases_what_waits_for_nothing) {
  auto w = workflow({st::completed, st::blocked, st::running, st::uninitialized, st::pending_failed,
                     st::blocked, st::blocked, st::pending},
                    {{1, 2}, {4, 6}, {5, 7}});
  w.jobs[2].is_open = true;
  auto a = plan(w, admit_mode::recovery);
  BOOST_TEST(same(statuses(a), {{2, st::ready},
                                {3, st::running},
                                {4, st::uninitialized},
                                {5, st::pending_failed},
                                {6, st::blocked},
                                {7, st::blocked},
                                {8, st::ready}}));
}

BOOST_AUTO_TEST_CASE(recovery_leaves_the_blocked_jobs_of_a_canceled_workflow_until_it_is_resumed) {
  auto w = workflow({st::canceled, st::blocked, st::completed, st::blocked, st::blocked},
                    {{1, 2}, {3, 4}, {2, 5}});
  w.canceled = true;
  auto a = plan(w, admit_mode::recovery);
  BOOST_TEST(same(statuses(a), {{2, st::blocked}, {4, st::blocked}, {5, st::blocked}}));
  BOOST_TEST(a.jobs[0].blocker_failed);
  BOOST_TEST(a.canceled_jobs.empty());
}

BOOST_AUTO_TEST_CASE(only_uninitialized_takes_in_what_comes_after_and_leaves_the_rest) {
  auto w = workflow({st::uninitialized, st::completed, st::completed, st::failed, st::blocked,
                     st::disabled, st::completed},
                    {{1, 2}, {2, 3}, {4, 5}, {1, 6}, {6, 7}});
  w.jobs[4].cancel_on_failure = false;
  auto a = plan(w, admit_mode::only_uninitialized);
  BOOST_TEST(
      same(statuses(a),
           {{1, st::ready}, {2, st::blocked}, {3, st::blocked}, {5, st::ready}, {7, st::ready}}));
}

BOOST_AUTO_TEST_CASE(a_workflow_without_jobs_is_admitted_empty) {
  auto a = plan(workflow({}, {}), admit_mode::all);
  BOOST_TEST(a.jobs.empty());
  BOOST_TEST(a.stage_totals.empty());
}

BOOST_AUTO_TEST_CASE(random_graphs_agree_with_a_naive_recursion) {
  auto dice = std::mt19937(11);
  for (int round = 0; round < 300; ++round) {
    auto n = 1 + static_cast<int>(dice() % 12);
    auto w = workflow(std::vector<st>(static_cast<size_t>(n)), {});
    for (auto& f : w.jobs) {
      f.job = job_id{f.job.value * (round % 2 ? 1 : 5)}; // with and without gaps
      f.status = static_cast<st>(dice() % job_status_count);
      f.cancel_on_failure = dice() % 2;
      f.is_open = dice() % 2;
    }
    for (size_t j = 1; j < w.jobs.size(); ++j)
      for (size_t b = 0; b < j; ++b)
        if (dice() % 4 == 0)
          w.edges.emplace_back(w.jobs[b].job, w.jobs[j].job);
    auto a = plan(w, admit_mode::all);

    // Jobs only wait for earlier ones here, so one pass in id order is the whole truth.
    auto final_status = std::vector<st>();
    auto failed = std::vector<bool>();
    auto stage = std::vector<uint32_t>();
    for (const auto& f : w.jobs) {
      bool waits = false, bad = false;
      uint32_t depth = 0;
      for (size_t b = 0; b < final_status.size(); ++b)
        if (std::count(w.edges.begin(), w.edges.end(), std::pair(w.jobs[b].job, f.job))) {
          waits |= !is_done(final_status[b]);
          bad |= is_failure(final_status[b]);
          depth = std::max(depth, stage[b] + 1);
        }
      auto keeps = is_done(f.status) || (is_open(f.status) && f.is_open);
      final_status.push_back(keeps                        ? f.status
                             : waits                      ? st::blocked
                             : bad && f.cancel_on_failure ? st::canceled
                                                          : st::ready);
      failed.push_back(bad);
      stage.push_back(depth);
    }
    auto expected = std::map<int64_t, st>();
    for (size_t i = 0; i < w.jobs.size(); ++i)
      if (!is_done(final_status[i]))
        expected[w.jobs[i].job.value] = final_status[i];
    BOOST_TEST(same(statuses(a), expected));
    BOOST_TEST(a.all_stages == stage, boost::test_tools::per_element());
    for (const auto& e : a.edges)
      BOOST_TEST((a.jobs[e.job].status == st::blocked));
  }
}

BOOST_AUTO_TEST_SUITE_END()
