#include "fixture.hpp"

using namespace torc;
using namespace torc::test;

namespace {

struct windows : disk {
  core::workflow_id w = workflow();
  std::vector<core::job_id> ids;

  /// Jobs named e, d, c, b, a and then f, with those of another workflow between.
  windows() {
    for (const auto* name : {"e", "d", "c", "b", "a"})
      ids.push_back(add(w, name));
    add(workflow("other"), "x");
    ids.push_back(add(w, "f"));
  }
  core::job_id add(core::workflow_id to, const std::string& name) {
    core::job_row j;
    j.workflow = to;
    j.name = name;
    j.command = "true";
    return core::job_id{edit(core::create_jobs{to, {j}, false}).ids.at(0)};
  }
  core::job_window from(core::job_id after = {}, bool reverse = false, int64_t limit = 100) const {
    core::job_window q;
    q.workflow = w;
    q.after = after;
    q.reverse = reverse;
    q.limit = limit;
    return q;
  }
  std::string names(const core::job_window& q) const {
    std::string all;
    for (const auto& j : read->jobs_in(q).items)
      all += j.name;
    return all;
  }
  /// The whole list, two jobs at a time, as somebody walks through it.
  std::string walked(core::job_window q) const {
    q.limit = 2;
    std::string all;
    for (;;) {
      const auto page = read->jobs_in(q);
      for (const auto& j : page.items)
        all += j.name;
      if (!page.has_more)
        return all;
      q.after = page.items.back().id;
    }
  }
  /// The first job ends well, the second one badly.
  void run_two() {
    initialize(w);
    core::turn t;
    t.cause.cause.joined.push_back(joining());
    t.grants = {grant(w, ids[0]), grant(w, ids[1])};
    const auto l = turn(t);
    core::turn end;
    end.cause.cause.ended = {ended(l.orders.at(0).open),
                             ended(l.orders.at(1).open, job_status::failed)};
    end.cause.cause.ended[1].exec_time_minutes = 0.5;
    turn(end);
  }
};

} // namespace

BOOST_FIXTURE_TEST_SUITE(a_window_of_jobs, windows)

BOOST_AUTO_TEST_CASE(begins_behind_a_job_and_says_whether_there_is_more) {
  BOOST_TEST(names(from()) == "edcbaf");
  BOOST_TEST(names(from(ids[3])) == "af");
  BOOST_TEST(names(from({}, true)) == "fabcde");
  BOOST_TEST(names(from(ids[5], true, 2)) == "ab");
  BOOST_TEST(read->jobs_in(from(ids[5], true, 2)).has_more);
  BOOST_TEST(!read->jobs_in(from(ids[1], true, 2)).has_more);
  BOOST_TEST(!read->jobs_in(from({}, false, 6)).has_more);
  BOOST_TEST(read->jobs_in(from({}, false, 5)).has_more);
  BOOST_TEST(names(from(ids[5])) == "");
}

BOOST_AUTO_TEST_CASE(is_walked_through_in_every_order_without_losing_or_doubling_a_job) {
  run_two();
  BOOST_TEST(walked(from()) == "edcbaf");
  BOOST_TEST(walked(from({}, true)) == "fabcde");
  const std::vector<std::pair<std::string, std::string>> orders{{"name", "abcdef"},
                                                                {"status", "cbafed"},
                                                                {"stage", "edcbaf"},
                                                                {"priority", "edcbaf"},
                                                                {"return_code", "cbafed"},
                                                                {"exec_time_minutes", "cbafed"},
                                                                {"peak_memory_bytes", "edcbaf"},
                                                                {"completion_time", "cbafed"},
                                                                {"name; DROP TABLE job", "edcbaf"}};
  for (const auto& [column, expected] : orders) {
    auto q = from();
    q.sort_by = column;
    BOOST_TEST(walked(q) == expected, column);
    q.reverse = true;
    BOOST_TEST(walked(q) == std::string(expected.rbegin(), expected.rend()), column);
  }
}

BOOST_AUTO_TEST_CASE(holds_what_is_searched_and_filtered_for) {
  run_two();
  auto q = from();
  q.statuses = {job_status::completed, job_status::failed};
  BOOST_TEST(names(q) == "ed");
  q.search = "D";
  BOOST_TEST(names(q) == "d");
  q.search = "%";
  BOOST_TEST(names(q) == "");
  q.statuses.clear();
  BOOST_TEST(names(q) == "");
  q = from();
  q.stage = 1;
  BOOST_TEST(names(q) == "");
  q.stage = 0;
  q.sort_by = "name";
  q.after = ids[3];
  BOOST_TEST(names(q) == "cdef");
}

BOOST_AUTO_TEST_CASE(is_searched_for_letters_and_for_no_pattern_in_every_order) {
  for (const auto* name : {"Part_1", "part_10", "part-10", "50%", "back\\slash"})
    ids.push_back(add(w, name));
  auto q = from();
  const auto found = [&](const char* searched) {
    q.search = searched;
    std::string all;
    for (const auto& j : read->jobs_in(q).items)
      all += j.name + " ";
    return all;
  };
  BOOST_TEST(found("PART_1") == "Part_1 part_10 ");
  BOOST_TEST(found("t-1") == "part-10 ");
  BOOST_TEST(found("0%") == "50% ");
  BOOST_TEST(found("k\\s") == "back\\slash ");
  BOOST_TEST(found("\xff%'") == "");
  q.reverse = true;
  BOOST_TEST(found("part_") == "part_10 Part_1 ");
  q.after = ids[7];
  BOOST_TEST(found("part_") == "Part_1 ");
  q = from({}, false, 1);
  q.sort_by = "name";
  BOOST_TEST(found("10") == "part-10 ");
  BOOST_TEST(read->jobs_in(q).has_more);
  q.after = ids[8];
  BOOST_TEST(found("10") == "part_10 ");
  BOOST_TEST(!read->jobs_in(q).has_more);
}

BOOST_AUTO_TEST_CASE(tells_how_its_jobs_ended) {
  run_two();
  const auto page = read->jobs_in(from({}, false, 3));
  const auto& failed = page.items.at(1);
  BOOST_TEST(failed.return_code.value() == 1);
  BOOST_TEST(failed.exec_time_minutes.value() == 0.5);
  BOOST_TEST(failed.completion_time.value() == "2001-09-09T01:46:42.500Z");
  BOOST_TEST(failed.run == 1);
  BOOST_TEST(failed.node > 0);
  BOOST_TEST(!page.items.at(2).return_code);
  BOOST_TEST(page.items.at(2).run == 0);
}

BOOST_AUTO_TEST_CASE(running_jobs_are_told_with_their_node_and_its_allocation) {
  const auto w2 = workflow("running");
  const auto made = jobs(w2, {{}, {}});
  initialize(w2);
  core::scheduled_compute_node_row a;
  a.workflow = w2;
  a.scheduler = 77;
  a.scheduler_config_id = 1;
  a.scheduler_type = "slurm";
  a.status = "active";
  const auto allocation = create(a);
  core::compute_node_row n;
  n.workflow = w2;
  n.hostname = "node7";
  n.start_time = "2026-01-31T12:00:00Z";
  n.compute_node_type = "slurm";
  n.scheduler = core::json_text{"{\"scheduler_id\":" + std::to_string(allocation) + "}"};
  const core::node_id node{create(n)};
  auto g = grant(w2, made[1]);
  g.runner = {};
  core::turn placed;
  placed.grants.push_back(g);
  turn(std::move(placed));
  BOOST_TEST(read->running_jobs(w2, {}).total == 0);
  core::turn started;
  core::attempt_started s;
  s.grant = g.id;
  s.job = made[1];
  s.node = node;
  started.cause.cause.started.push_back(s);
  turn(std::move(started));
  const auto found = read->running_jobs(w2, {});
  BOOST_REQUIRE_EQUAL(found.items.size(), 1u);
  BOOST_TEST(found.total == 1);
  BOOST_TEST(found.items[0].id.value == made[1].value);
  BOOST_TEST(found.items[0].name == "b");
  BOOST_TEST(found.items[0].hostname == "node7");
  BOOST_TEST(found.items[0].node_type == "slurm");
  BOOST_TEST(found.items[0].allocation.value() == "77");
}

BOOST_AUTO_TEST_SUITE_END()
