#include "core/matcher.hpp"

#include "core/packing.hpp"

#include <boost/test/unit_test.hpp>

#include <algorithm>
#include <map>
#include <random>
#include <set>

using namespace torc::core;

namespace {

constexpr auto wf = workflow_id{7};
constexpr auto no_sort = "none";

job_class of_class(int32_t cpus, int64_t gib = 1, int32_t gpus = 0, int64_t runtime_s = 60,
                   int64_t priority = 0) {
  auto c = job_class{};
  c.need = {cpus, gpus, 1, gib << 30, runtime_s};
  c.priority = priority;
  return c;
}

/// A workflow whose jobs are all ready. Jobs of class i in turn.
releases admitted(workflow_id w, int64_t first, const std::vector<uint32_t>& job_classes,
                  std::vector<job_class> classes = {of_class(1)}, std::string user = "ada",
                  std::string sort = no_sort) {
  auto r = releases{};
  auto a = admission{};
  a.workflow = w;
  a.user = std::move(user);
  a.classes = std::move(classes);
  a.sort_method = std::move(sort);
  for (auto c : job_classes) {
    a.jobs.push_back({job_id{first}, c, 0, 1, job_status::ready});
    r.ready.push_back({w, job_id{first++}, c, 1});
  }
  r.admitted = std::move(a);
  return r;
}

std::vector<uint32_t> many(size_t n) {
  return std::vector<uint32_t>(n, 0);
}

runner_joined by_slots(int64_t id, int32_t slots, int32_t prefill = 0, workflow_id w = {},
                       std::string user = "ada") {
  auto j = runner_joined{};
  j.runner = runner_id{id};
  j.user = std::move(user);
  j.workflow = w;
  j.slots = slots;
  j.prefill = prefill;
  return j;
}

runner_joined by_room(int64_t id, int32_t cpus, int64_t gib, int32_t prefill = 0,
                      int32_t nodes = 1) {
  auto j = by_slots(id, 0, prefill);
  j.room = {cpus, 0, nodes, gib << 30, {}};
  return j;
}

offer claim(int64_t ticket, int64_t limit, std::optional<capacity> room = {}) {
  auto o = offer{};
  o.ticket = ticket_id{ticket};
  o.workflow = wf;
  o.limit = limit;
  o.by_count = !room;
  o.room = room.value_or(capacity{});
  return o;
}

attempt_ended ended(const grant& g) {
  auto e = attempt_ended{};
  e.open = g;
  return e;
}

ready_job as_ready(const grant& g) {
  return {g.workflow, g.job, 0, g.attempt};
}

struct world {
  matcher m{1000};
  matcher::outcome said;

  void hear(const releases& r) {
    said = m.apply(r);
    m.sanity_check();
  }
  void join(runner_joined j) {
    auto r = releases{};
    r.cause.joined.push_back(std::move(j));
    hear(r);
  }
  void offer_room(offer o) {
    auto r = releases{};
    r.cause.offers.push_back(std::move(o));
    hear(r);
  }
  void end(const std::vector<grant>& list) {
    auto r = releases{};
    for (const auto& g : list)
      r.cause.ended.push_back(ended(g));
    hear(r);
  }
  void give_back(const grant& g) {
    auto r = releases{};
    r.cause.returned.push_back(g);
    r.ready.push_back(as_ready(g));
    hear(r);
  }
  std::map<int64_t, size_t> by_runner() const {
    auto out = std::map<int64_t, size_t>();
    for (const auto& g : said.grants)
      ++out[g.runner.value];
    return out;
  }
  std::vector<int64_t> jobs() const {
    auto out = std::vector<int64_t>();
    for (const auto& g : said.grants)
      out.push_back(g.job.value);
    return out;
  }
};

/// Kept out of line: g++ 12 sees uninitialized members in a variant that it has moved in line.
[[gnu::noinline]] void add(releases& r, const control& c) {
  r.cause.controls.emplace_back().what = c;
}

using list = std::vector<int64_t>;

} // namespace

BOOST_AUTO_TEST_SUITE(matching)

BOOST_AUTO_TEST_CASE(ready_jobs_wait_for_an_offer_and_an_offer_waits_for_ready_jobs) {
  auto w = world{};
  w.hear(admitted(wf, 1, many(3)));
  BOOST_TEST(w.said.grants.empty());
  BOOST_TEST(w.m.waiting() == 3u);
  w.join(by_slots(1, 2));
  BOOST_TEST(w.jobs() == (list{1, 2}), boost::test_tools::per_element());
  BOOST_TEST(w.said.grants[0].id.value == 1000);
  BOOST_TEST(w.said.grants[0].attempt == 1);
  BOOST_TEST(w.m.waiting() == 1u);
  w.end({w.said.grants[0]});
  BOOST_TEST(w.jobs() == (list{3}), boost::test_tools::per_element());
  w.end({w.said.grants[0]});
  BOOST_TEST(w.jobs().empty());
  w.hear(admitted(workflow_id{8}, 10, many(5)));
  BOOST_TEST(w.jobs().size() == 1u); // job 2 still runs
}

BOOST_AUTO_TEST_CASE(sixteen_runners_share_a_barrier_evenly) {
  auto w = world{};
  for (int i = 1; i <= 16; ++i)
    w.join(by_slots(i, 100, 20));
  w.hear(admitted(wf, 1, many(800)));
  for (auto [r, n] : w.by_runner())
    BOOST_TEST(n == 50u);
  w.hear(admitted(workflow_id{8}, 10'000, many(1'000)));
  auto got = w.by_runner();
  BOOST_TEST(got.size() == 16u);
  for (auto [r, n] : got)
    BOOST_TEST((n == 62u || n == 63u)); // 50 that run, then 12 or 13 each beyond
}

BOOST_AUTO_TEST_CASE(room_is_filled_everywhere_before_anything_waits_at_a_runner) {
  auto w = world{};
  w.join(by_slots(1, 2, 8));
  w.join(by_slots(2, 2, 8));
  w.hear(admitted(wf, 1, many(6)));
  auto got = w.by_runner();
  BOOST_TEST(got[1] == 3u);
  BOOST_TEST(got[2] == 3u);
}

BOOST_AUTO_TEST_CASE(a_runner_serves_its_own_workflow_or_those_of_its_user) {
  auto w = world{};
  w.hear(admitted(wf, 1, many(5)));
  w.hear(admitted(workflow_id{8}, 11, many(5)));
  w.hear(admitted(workflow_id{9}, 21, many(5), {of_class(1)}, "bob"));
  w.join(by_slots(1, 100, 0, workflow_id{8}));
  BOOST_TEST(w.jobs() == (list{11, 12, 13, 14, 15}), boost::test_tools::per_element());
  w.join(by_slots(2, 100, 0, {}, "bob"));
  BOOST_TEST(w.jobs().size() == 5u);
  w.join(by_slots(3, 100, 0, {}, "eve"));
  BOOST_TEST(w.jobs().empty());
  w.join(by_slots(4, 100));
  BOOST_TEST(w.jobs() == (list{1, 2, 3, 4, 5}), boost::test_tools::per_element());
}

BOOST_AUTO_TEST_CASE(a_workflow_of_ten_is_served_beside_one_of_a_million) {
  auto w = world{};
  w.join(by_slots(1, 16));
  w.hear(admitted(wf, 1, many(1'000'000)));
  auto running = w.said.grants;
  w.hear(admitted(workflow_id{8}, 2'000'001, many(10)));
  auto small = size_t{0};
  for (int round = 0; round < 3; ++round) {
    auto some = std::vector(running.begin(), running.begin() + 8);
    running.erase(running.begin(), running.begin() + 8);
    w.end(some);
    for (const auto& g : w.said.grants) {
      small += g.workflow == workflow_id{8};
      running.push_back(g);
    }
  }
  BOOST_TEST(small == 10u);
}

BOOST_AUTO_TEST_CASE(higher_priority_goes_first_and_equal_ones_in_their_order_of_release) {
  auto w = world{};
  auto classes = std::vector{of_class(1), of_class(1, 1, 0, 60, 5), of_class(2)};
  w.hear(admitted(wf, 1, {0, 2, 1, 0, 2, 1}, classes));
  w.offer_room(claim(1, 10));
  BOOST_TEST(w.jobs() == (list{3, 6, 1, 2, 4, 5}), boost::test_tools::per_element());
}

BOOST_AUTO_TEST_CASE(the_sort_methods_order_by_gpus_then_runtime_and_memory) {
  auto classes = std::vector{of_class(1, 1, 0, 600), of_class(1, 4, 0, 60), of_class(1, 1, 2, 60)};
  for (auto [method, expected] :
       {std::pair{"gpus_runtime_memory", list{3, 1, 2}},
        std::pair{"gpus_memory_runtime", list{3, 2, 1}}, std::pair{"none", list{1, 2, 3}}}) {
    auto standing = world{};
    standing.hear(admitted(wf, 1, {0, 1, 2}, classes, "ada", method));
    standing.join(by_slots(1, 9));
    BOOST_TEST(standing.jobs() == expected, boost::test_tools::per_element());
    auto asked = world{};
    asked.hear(admitted(wf, 1, {0, 1, 2}, classes, "ada", "gpus_runtime_memory"));
    auto o = claim(1, 9, capacity{8, 8, 1, int64_t{64} << 30, {}});
    o.sort_method = method;
    asked.offer_room(o);
    BOOST_TEST(asked.jobs() == expected, boost::test_tools::per_element());
  }
}

BOOST_AUTO_TEST_CASE(a_job_that_does_not_fit_now_does_not_hold_up_those_behind_it) {
  auto w = world{};
  w.hear(admitted(wf, 1, {0, 0, 0, 1, 1}, {of_class(3), of_class(1)}));
  w.offer_room(claim(1, 3, capacity{4, 0, 1, int64_t{64} << 30, {}}));
  BOOST_TEST(w.jobs() == (list{1, 4}), boost::test_tools::per_element());
  BOOST_TEST(w.said.grants[0].offer.value == 1);
  BOOST_TEST(!bool(w.said.grants[0].runner));
}

BOOST_AUTO_TEST_CASE(a_claim_is_served_at_once_with_nothing_if_nothing_is_ready) {
  auto w = world{};
  w.offer_room(claim(1, 5));
  BOOST_TEST(w.said.grants.empty());
  w.hear(admitted(wf, 1, many(5)));
  BOOST_TEST(w.said.grants.empty()); // the claim is not kept
  w.offer_room(claim(2, 3));
  BOOST_TEST(w.jobs().size() == 3u);
}

BOOST_AUTO_TEST_CASE(jobs_lie_on_one_node_and_no_node_is_over_committed) {
  auto w = world{};
  w.hear(admitted(wf, 1, {0, 0, 1}, {of_class(3), of_class(2)}));
  w.offer_room(claim(1, 10, capacity{4, 0, 2, int64_t{64} << 30, {}}));
  BOOST_TEST(w.jobs() == (list{1, 2}), boost::test_tools::per_element());
}

BOOST_AUTO_TEST_CASE(a_job_of_several_nodes_reserves_idle_ones) {
  auto two = of_class(1);
  two.need.num_nodes = 2;
  auto w = world{};
  w.hear(admitted(wf, 1, {0, 1, 1, 0, 0}, {of_class(1), two}));
  w.offer_room(claim(1, 10, capacity{2, 0, 4, int64_t{64} << 30, {}}));
  BOOST_TEST(w.jobs() == (list{1, 2, 4, 5}), boost::test_tools::per_element());
}

BOOST_AUTO_TEST_CASE(
    a_strict_claim_gets_its_schedulers_jobs_only_and_a_lenient_one_others_at_need) {
  auto mine = of_class(1), other = of_class(1), any = of_class(8);
  mine.scheduler = scheduler_id{1};
  other.scheduler = scheduler_id{2};
  auto room = capacity{4, 0, 1, int64_t{64} << 30, {}};
  auto w = world{};
  w.hear(admitted(wf, 1, {0, 1, 2}, {mine, other, any}));
  auto o = claim(1, 10, room);
  o.scheduler = scheduler_id{1};
  w.offer_room(o);
  BOOST_TEST(w.jobs() == (list{1}), boost::test_tools::per_element());
  o.strict_scheduler_match = true;
  w.offer_room(o);
  BOOST_TEST(w.jobs().empty());
  o.strict_scheduler_match = false;
  w.offer_room(o);
  BOOST_TEST(w.jobs() == (list{2}), boost::test_tools::per_element());
}

BOOST_AUTO_TEST_CASE(a_runner_by_resources_is_filled_up_to_its_room_and_gets_room_back) {
  auto w = world{};
  w.hear(admitted(wf, 1, many(10), {of_class(2, 3)}));
  w.join(by_room(1, 8, 10));
  BOOST_TEST(w.jobs().size() == 3u); // memory for three
  auto first = w.said.grants;
  w.end(first);
  BOOST_TEST(w.jobs().size() == 3u);
  w.end(first); // a second time: not its room
  BOOST_TEST(w.jobs().empty());
}

BOOST_AUTO_TEST_CASE(a_job_larger_than_the_idle_host_or_longer_than_its_time_is_never_placed) {
  auto w = world{};
  w.hear(admitted(wf, 1, {0, 1, 2}, {of_class(9), of_class(1, 1, 0, 7200), of_class(1)}));
  auto j = by_room(1, 8, 64, 5);
  j.room.time_limit_s = 3600;
  w.join(j);
  BOOST_TEST(w.jobs() == (list{3}), boost::test_tools::per_element());
  auto counted = by_slots(2, 4);
  counted.room.time_limit_s = 3600;
  w.join(counted); // by count: nine CPUs do not matter, two hours do
  BOOST_TEST(w.jobs() == (list{1}), boost::test_tools::per_element());
}

BOOST_AUTO_TEST_CASE(a_large_job_waits_at_its_runner_and_no_smaller_one_overtakes_it_there) {
  auto w = world{};
  w.hear(admitted(wf, 1, {0, 0, 1}, {of_class(2), of_class(4)}));
  w.join(by_room(1, 4, 64, 1));
  BOOST_TEST(w.jobs() == (list{1, 2, 3}), boost::test_tools::per_element());
  auto first = w.said.grants;
  w.hear(admitted(workflow_id{8}, 11, many(3), {of_class(2)}));
  BOOST_TEST(w.jobs().empty());
  w.end({first[0]});
  BOOST_TEST(w.jobs().empty()); // two CPUs are free, but job 3 is next and needs four
  w.end({first[1]});
  BOOST_TEST(w.jobs().size() == 1u); // job 3 runs, and one may wait behind it
}

BOOST_AUTO_TEST_CASE(a_returned_or_retried_job_goes_to_the_front) {
  auto w = world{};
  w.hear(admitted(wf, 1, many(4)));
  w.offer_room(claim(1, 2));
  auto held = w.said.grants;
  auto r = releases{};
  r.cause.retried.push_back({held[1], 2, {}});
  r.cause.returned.push_back(held[0]);
  r.ready = {{wf, held[1].job, 0, 2}, as_ready(held[0])};
  w.hear(r);
  w.offer_room(claim(2, 3));
  BOOST_TEST(w.jobs() == (list{2, 1, 3}), boost::test_tools::per_element());
  BOOST_TEST(w.said.grants[0].attempt == 2);
  BOOST_TEST((w.said.grants[0].id != held[1].id));
}

BOOST_AUTO_TEST_CASE(an_idle_runner_gets_what_waits_at_another) {
  auto w = world{};
  w.join(by_slots(1, 2, 8));
  w.hear(admitted(wf, 1, many(8)));
  auto held = w.said.grants;
  BOOST_REQUIRE(held.size() == 8u);
  w.join(by_slots(2, 3));
  BOOST_REQUIRE(w.said.recalls.size() == 1u);
  BOOST_TEST(w.said.recalls[0].runner.value == 1);
  BOOST_TEST(w.said.recalls[0].count == 3);
  w.hear({});
  BOOST_TEST(w.said.recalls.empty()); // it is under way
  w.give_back(held[7]);
  BOOST_TEST(w.by_runner()[2] == 1u);
  BOOST_TEST(w.said.recalls.empty());
  auto r = releases{};
  r.cause.started.push_back({held[6].id, held[6].job, {}, {}, {}, runner_id{1}});
  w.hear(r); // too late to have that one back: one more is asked for
  BOOST_REQUIRE(w.said.recalls.size() == 1u);
  BOOST_TEST(w.said.recalls[0].count == 1);
}

BOOST_AUTO_TEST_CASE(no_more_is_recalled_than_waits_or_than_there_is_room_for) {
  auto w = world{};
  w.join(by_slots(1, 1, 2));
  w.join(by_slots(2, 1, 2));
  w.hear(admitted(wf, 1, many(5)));
  w.join(by_slots(3, 50));
  auto count = 0;
  for (auto r : w.said.recalls)
    count += r.count;
  BOOST_TEST(count == 3);
  w.join(by_slots(4, 50));
  BOOST_TEST(w.said.recalls.empty());
  auto x = world{};
  x.hear(admitted(wf, 1, many(6), {of_class(4)}));
  x.join(by_room(1, 8, 64, 4));
  x.join(by_room(2, 8, 64));
  BOOST_REQUIRE(x.said.recalls.size() == 1u);
  BOOST_TEST(x.said.recalls[0].count == 2); // eight CPUs are two jobs
  x.hear({});
  BOOST_TEST(x.said.recalls.empty());
}

BOOST_AUTO_TEST_CASE(nothing_is_recalled_for_a_runner_that_serves_other_jobs) {
  auto w = world{};
  w.join(by_slots(1, 1, 8, wf));
  w.hear(admitted(wf, 1, many(5)));
  w.join(by_slots(2, 5, 0, workflow_id{8}));
  w.join(by_slots(3, 5, 0, {}, "bob"));
  BOOST_TEST(w.said.recalls.empty());
}

BOOST_AUTO_TEST_CASE(a_canceled_workflow_is_not_granted_until_it_is_resumed) {
  auto w = world{};
  w.hear(admitted(wf, 1, many(5)));
  auto r = releases{};
  add(r, cancel_workflow{wf});
  w.hear(r);
  w.join(by_slots(1, 2));
  w.offer_room(claim(1, 2));
  BOOST_TEST(w.jobs().empty());
  r = {};
  r.cause.resumed.push_back(wf);
  w.hear(r);
  BOOST_TEST(w.jobs().size() == 2u);
  auto x = world{};
  auto a = admitted(wf, 1, many(5));
  a.admitted->canceled = true;
  x.join(by_slots(1, 2));
  x.hear(a);
  BOOST_TEST(x.jobs().empty());
}

BOOST_AUTO_TEST_CASE(withdrawn_and_dropped_jobs_are_not_granted) {
  auto w = world{};
  w.hear(admitted(wf, 1, many(5)));
  auto r = releases{};
  auto f = force_status{};
  f.workflow = wf;
  add(r, f);
  r.withdrawn = {job_id{1}, job_id{3}, job_id{99}};
  w.hear(r);
  BOOST_TEST(w.m.waiting() == 3u);
  w.offer_room(claim(1, 1));
  BOOST_TEST(w.jobs() == (list{2}), boost::test_tools::per_element());
  r = {};
  r.dropped = {wf};
  w.hear(r);
  BOOST_TEST(w.m.waiting() == 0u);
  w.offer_room(claim(2, 9));
  BOOST_TEST(w.jobs().empty());
}

BOOST_AUTO_TEST_CASE(room_that_a_control_closed_is_free_again) {
  auto w = world{};
  w.join(by_slots(1, 1));
  w.hear(admitted(wf, 1, many(1)));
  auto held = w.said.grants;
  w.hear(admitted(workflow_id{8}, 11, many(1)));
  auto r = releases{};
  r.cause.closed = held;
  w.hear(r);
  BOOST_TEST(w.jobs() == (list{11}), boost::test_tools::per_element());
}

BOOST_AUTO_TEST_CASE(a_runner_that_left_gets_nothing_and_one_that_came_back_keeps_its_account) {
  auto w = world{};
  w.join(by_slots(1, 2));
  w.hear(admitted(wf, 1, many(5)));
  auto held = w.said.grants;
  auto again = by_slots(1, 3);
  again.open = {held[0]}; // the other order was still under way to the collector
  w.join(again);
  BOOST_TEST(w.jobs().size() == 1u);
  auto r = releases{};
  r.cause.left.push_back({runner_id{1}, {}});
  r.cause.retried.push_back({held[0], 2, {}});
  r.ready.push_back({wf, held[0].job, 0, 2});
  w.hear(r);
  BOOST_TEST(w.jobs().empty());
  BOOST_TEST(w.m.waiting() == 3u);
}

BOOST_AUTO_TEST_CASE(adopted_grants_take_room_at_once) {
  auto w = world{};
  auto a = admitted(wf, 1, many(5));
  w.m.restore(*a.admitted);
  BOOST_TEST(w.m.waiting() == 5u);
  auto j = by_slots(1, 2);
  for (int64_t i = 0; i < 2; ++i) {
    j.open.emplace_back().id = grant_id{5 + i};
    j.open.back().job = job_id{50 + i};
    j.open.back().workflow = wf;
    j.open.back().runner = runner_id{1};
  }
  w.join(j);
  BOOST_TEST(w.jobs().empty());
  w.end({j.open[0]});
  BOOST_TEST(w.jobs() == (list{1}), boost::test_tools::per_element());
}

BOOST_AUTO_TEST_CASE(a_job_that_is_granted_is_not_granted_again_by_an_admission_of_older_rows) {
  auto w = world{};
  w.hear(admitted(wf, 1, many(3)));
  w.offer_room(claim(1, 1));
  w.hear(admitted(wf, 1, many(3)));
  BOOST_TEST(w.m.waiting() == 2u);
}

BOOST_AUTO_TEST_CASE(a_random_walk_never_over_commits_loses_or_doubles_a_job) {
  struct host {
    runner_joined joined;
    std::vector<grant> held; // in the order of the grants
  };
  auto dice = std::mt19937(17);
  for (int round = 0; round < 60; ++round) {
    auto w = world{};
    auto hosts = std::map<int64_t, host>();
    auto http = std::vector<grant>();
    auto ready = std::map<int64_t, uint32_t>(); // job -> class, as a naive broker would hold them
    auto classes = std::vector<job_class>();
    for (int i = 0; i < 4; ++i)
      classes.push_back(of_class(1 + static_cast<int32_t>(dice() % 4),
                                 1 + static_cast<int64_t>(dice() % 4), 0, 60, dice() % 2));
    auto ids = std::set<int64_t>();
    int64_t next_job = 1, next_runner = 1, done = 0;
    for (int step = 0; step < 150; ++step) {
      auto r = releases{};
      auto free_again = [&](const grant& g, bool returned) {
        if (!returned) {
          ++done;
          return r.cause.ended.push_back(ended(g));
        }
        r.cause.returned.push_back(g);
        uint32_t c = 0;
        while (!(classes[c].need == g.need))
          ++c;
        r.ready.push_back({g.workflow, g.job, c, g.attempt});
        ready[g.job.value] = c;
      };
      switch (dice() % 6) {
      case 0: {
        auto first = next_job;
        auto w_id = workflow_id{100 + step};
        auto list = std::vector<uint32_t>(dice() % 20);
        for (auto& c : list) {
          c = static_cast<uint32_t>(dice() % 4);
          ready[next_job++] = c;
        }
        r = admitted(w_id, first, list, classes);
        break;
      }
      case 1:
        if (hosts.size() < 6) {
          auto j = dice() % 2 ? by_slots(next_runner, 1 + static_cast<int32_t>(dice() % 4),
                                         static_cast<int32_t>(dice() % 4))
                              : by_room(next_runner, 4 + static_cast<int32_t>(dice() % 5), 8,
                                        static_cast<int32_t>(dice() % 4),
                                        1 + static_cast<int32_t>(dice() % 2));
          hosts[next_runner++].joined = j;
          r.cause.joined.push_back(j);
        }
        break;
      case 2:
        if (!hosts.empty() && dice() % 4 == 0) {
          auto at = hosts.begin();
          r.cause.left.push_back({at->second.joined.runner, {}});
          for (const auto& g : at->second.held)
            free_again(g, true);
          hosts.erase(at);
        }
        break;
      case 3: {
        auto o = claim(step + 1, static_cast<int64_t>(dice() % 4));
        o.workflow = workflow_id{100 + static_cast<int64_t>(dice() % 150)};
        r.cause.offers.push_back(o);
        break;
      }
      default:
        for (auto& [id, h] : hosts)
          for (size_t i = h.held.size(); i-- > 0;)
            if (dice() % 3 == 0) {
              free_again(h.held[i], dice() % 5 == 0);
              h.held.erase(h.held.begin() + static_cast<std::ptrdiff_t>(i));
            }
        while (!http.empty() && dice() % 2) {
          free_again(http.back(), dice() % 3 == 0);
          http.pop_back();
        }
      }
      w.hear(r);
      for (const auto& g : w.said.grants) {
        BOOST_REQUIRE(ids.insert(g.id.value).second);
        BOOST_REQUIRE(ready.erase(g.job.value) == 1u);
        if (g.runner)
          hosts.at(g.runner.value).held.push_back(g);
        else
          http.push_back(g);
      }
      BOOST_REQUIRE(w.m.waiting() == ready.size());
      size_t held = http.size();
      for (auto& [id, h] : hosts) {
        held += h.held.size();
        const auto& j = h.joined;
        // What runs, in order, as the runner would start it; the rest is prefill.
        auto room = packing{j.room};
        size_t runs = 0;
        for (const auto& g : h.held) {
          BOOST_REQUIRE((j.slots > 0 || room.could(g.need)));
          runs += j.slots > 0 ? runs < static_cast<size_t>(j.slots) : 0;
        }
        if (j.slots > 0)
          BOOST_REQUIRE(h.held.size() <= static_cast<size_t>(j.slots + j.prefill));
        else {
          auto cpus = int64_t{0};
          for (const auto& g : h.held)
            cpus += g.need.num_cpus;
          auto beyond = int64_t{j.prefill} * 4; // the largest job has four CPUs
          BOOST_REQUIRE(cpus <= int64_t{j.room.num_cpus} * j.room.num_nodes + beyond);
        }
        // A free slot and a waiting job cannot be at the same time.
        if (j.slots > 0 && h.held.size() < static_cast<size_t>(j.slots))
          BOOST_REQUIRE(ready.empty());
      }
      BOOST_REQUIRE(static_cast<int64_t>(held + ready.size()) + done == next_job - 1);
    }
  }
}

BOOST_AUTO_TEST_SUITE_END()
