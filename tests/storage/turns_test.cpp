#include "fixture.hpp"

using namespace torc;
using namespace torc::test;

BOOST_FIXTURE_TEST_SUITE(turns, disk)

BOOST_AUTO_TEST_CASE(a_diamond_lives_from_its_admission_to_its_last_result) {
  const auto w = workflow();
  const auto j = diamond(w);
  initialize(w);
  BOOST_TEST(statuses(j) == "ready blocked blocked blocked");
  BOOST_TEST(read->workflow_status(w)->run_id == 1);

  core::turn first;
  first.cause.cause.batch = 1;
  first.cause.cause.joined.push_back(joining());
  first.cause.cause.offers.push_back({});
  first.cause.cause.offers[0].ticket = core::ticket_id{31};
  first.grants.push_back(grant(w, j[0]));
  first.recalls.push_back({runner, 2});
  auto l = turn(first);
  BOOST_TEST(l.batch == 1u);
  BOOST_REQUIRE_EQUAL(l.orders.size(), 1u);
  BOOST_TEST(l.orders[0].open.run == 1);
  BOOST_TEST(l.orders[0].text.name == "a");
  BOOST_TEST(l.orders[0].text.command == "echo a");
  BOOST_REQUIRE_EQUAL(l.offers.size(), 1u);
  BOOST_TEST(l.offers[0].value == 31);
  BOOST_TEST(l.recalls.size() == 1u);
  BOOST_TEST(statuses(j) == "pending blocked blocked blocked");
  const auto nodes = read->page_where<core::compute_node_row>({w, {}, {}});
  BOOST_REQUIRE_EQUAL(nodes.items.size(), 1u);
  BOOST_TEST(nodes.items[0].hostname == "node1");
  BOOST_TEST(nodes.items[0].is_active.value());
  BOOST_TEST(nodes.items[0].memory_gb == 16.0);
  BOOST_TEST(nodes.items[0].compute_node_type == "local");
  BOOST_TEST(nodes.items[0].time_limit.value() == "PT7200S");

  core::turn second; // a started and ended, b granted at once, c only released.
  const auto a = l.orders[0].open;
  second.cause.cause.started.push_back({a.id, a.job, {}, core::instant{5'000'000}, {}, {}});
  second.cause.cause.ended.push_back(ended(a));
  second.cause.cause.ended.back().start = {};
  second.cause.ready = {{w, j[1], 0, 1}, {w, j[2], 0, 1}};
  second.grants.push_back(grant(w, j[1]));
  l = turn(second);
  BOOST_TEST(statuses(j) == "completed pending ready blocked");
  BOOST_TEST(l.orders.at(0).text.command == "echo b");
  auto found = results(w);
  BOOST_REQUIRE_EQUAL(found.items.size(), 1u);
  BOOST_TEST(found.items[0].job.value == j[0].value);
  BOOST_TEST(found.items[0].run_id == 1);
  BOOST_TEST(found.items[0].compute_node.value == nodes.items[0].id.value);
  BOOST_TEST(found.items[0].completion_time == "2001-09-09T01:46:42.500Z");

  core::turn third;
  const auto b = l.orders[0].open;
  third.cause.cause.started.push_back({b.id, b.job, {}, core::instant{6'000'000}, {}, {}});
  third.grants.push_back(grant(w, j[2]));
  l = turn(third);
  BOOST_TEST(statuses(j) == "completed running pending blocked");

  core::turn fourth;
  fourth.cause.cause.ended = {ended(b), ended(l.orders.at(0).open, job_status::failed)};
  fourth.cause.canceled = {j[3]};
  fourth.cause.completed = {{w, "ada"}};
  fourth.cause.cause.left.push_back({runner, core::instant{1'000'000'010'000'000}});
  l = turn(fourth);
  BOOST_TEST(statuses(j) == "completed completed failed canceled");
  BOOST_REQUIRE_EQUAL(l.completed.size(), 1u);
  BOOST_TEST(l.turn == 5u);
  const auto node = read->find<core::compute_node_row>(nodes.items[0].id.value);
  BOOST_TEST(!node->is_active.value());
  BOOST_TEST(node->duration_seconds.value() == 10.0);
  BOOST_TEST(read->completeness(w).is_complete);
  BOOST_TEST(rows()["runner"] == 0);
  BOOST_TEST(rows()["runner_node"] == 0);

  const auto p = store->progress();
  BOOST_TEST(p->completions == 3);
  const auto& stages = p->workflows.at(w)->stages;
  BOOST_REQUIRE_EQUAL(stages.size(), 3u);
  BOOST_TEST(stages[0].first_start.us == 5'000'000);
  BOOST_TEST(stages[1].first_start.us == 6'000'000);
  BOOST_TEST(stages[0].last_end.us == 1'000'000'002'500'000);
  BOOST_TEST(stages[2].by_status[7] == 1);
}

BOOST_AUTO_TEST_CASE(neighbours_become_ready_together_and_each_is_counted_in_its_stage) {
  const auto w = workflow();
  const auto j = jobs(w, {{}, {0}, {0}, {0}, {3}, {0}});
  initialize(w);
  core::turn t;
  t.cause.ready = {{w, j[5], 0, 1}, {w, j[2], 0, 1}, {w, j[1], 0, 1}};
  turn(t);
  BOOST_TEST(statuses(j) == "ready ready ready blocked blocked ready");
  core::turn rest; // of two stages: one by one
  rest.cause.ready = {{w, j[4], 0, 1}, {w, j[3], 0, 1}};
  turn(rest);
  BOOST_TEST(statuses(j) == "ready ready ready ready ready ready");
  const auto p = store->progress();
  const auto& stages = p->workflows.at(w)->stages;
  for (size_t stage = 0; stage < 3; ++stage) {
    BOOST_TEST(stages.at(stage).by_status[1] == 0);
    BOOST_TEST(stages.at(stage).by_status[2] == (stage == 1 ? 4 : 1));
  }
}

BOOST_AUTO_TEST_CASE(a_neighbour_that_may_not_become_ready_stays_what_it_is) {
  const auto w = workflow();
  const auto j = jobs(w, {{}, {0}, {0}, {0}});
  initialize(w);
  core::turn t;
  t.cause.canceled = {j[2]};
  turn(t);
  core::turn lies;
  lies.cause.ready = {{w, j[1], 0, 1}, {w, j[2], 0, 1}, {w, j[3], 0, 1}};
  turn(lies);
  BOOST_TEST(statuses(j) == "ready ready canceled ready");
  BOOST_TEST(store->contradictions() == 1);
  const auto p = store->progress();
  const auto& after = p->workflows.at(w)->stages.at(1);
  BOOST_TEST(after.by_status[2] == 2);
  BOOST_TEST(after.by_status[7] == 1);
  store.reset();
}

BOOST_AUTO_TEST_CASE(an_invocation_script_goes_before_the_command) {
  const auto w = workflow();
  core::job_row row;
  row.workflow = w;
  row.name = "s";
  row.command = "run 1";
  row.invocation_script = "with env";
  const core::job_id j{edit(core::create_jobs{w, {row}, false}).ids[0]};
  initialize(w);
  core::turn t;
  t.grants.push_back(grant(w, j));
  BOOST_TEST(turn(t).orders.at(0).text.command == "with env run 1");
}

BOOST_AUTO_TEST_CASE(a_retried_and_a_returned_attempt_are_ready_again) {
  const auto w = workflow();
  const auto j = jobs(w, {{}, {}});
  initialize(w);
  core::turn t;
  t.cause.cause.joined.push_back(joining());
  t.grants = {grant(w, j[0]), grant(w, j[1])};
  auto l = turn(t);
  core::turn back;
  back.cause.cause.retried.push_back({l.orders[0].open, 2, {}});
  back.cause.cause.returned.push_back(l.orders[1].open);
  back.cause.ready = {{w, j[0], 0, 2}, {w, j[1], 0, 1}};
  back.grants.push_back(grant(w, j[1], 1));
  l = turn(back);
  BOOST_TEST(statuses(j) == "ready pending");
  BOOST_TEST(read->job(j[0])->attempt_id == 2);
  BOOST_TEST(read->job(j[1])->attempt_id == 1);
  BOOST_TEST(read->page_where<core::event_row>({w, {}, {}}).total == 1);
}

BOOST_AUTO_TEST_CASE(an_http_runner_names_its_node_itself) {
  const auto w = workflow();
  const auto j = jobs(w, {{}});
  initialize(w);
  core::compute_node_row row;
  row.workflow = w;
  row.hostname = "h";
  row.compute_node_type = "local";
  const core::node_id node{create(row)};
  core::turn t;
  auto g = grant(w, j[0]);
  g.runner = {};
  g.offer = core::ticket_id{3};
  t.grants.push_back(g);
  g = turn(t).orders.at(0).open;
  core::turn start;
  start.cause.cause.started.push_back({g.id, g.job, node, core::instant{1}, {}, {}});
  turn(start);
  core::job_filter active;
  active.workflow = w;
  active.active_compute_node_id = node.value;
  BOOST_TEST(read->jobs(active).total == 1);
  core::turn end;
  auto e = ended(g);
  e.node = node;
  e.completion_time = "whenever";
  end.cause.cause.ended.push_back(e);
  turn(end);
  BOOST_TEST(read->jobs(active).total == 0);
  const auto r = results(w).items.at(0);
  BOOST_TEST(r.compute_node.value == node.value);
  BOOST_TEST(r.completion_time == "whenever");
}

BOOST_AUTO_TEST_CASE(a_job_that_runs_again_under_the_same_numbers_has_one_result_the_newest) {
  const auto w = workflow();
  const auto j = jobs(w, {{}});
  for (int round = 0; round < 2; ++round) {
    initialize(w, false);
    core::turn t;
    t.grants.push_back(grant(w, j[0]));
    const auto g = turn(t).orders.at(0).open;
    core::turn end;
    end.cause.cause.ended.push_back(
        ended(g, round == 0 ? job_status::failed : job_status::completed));
    turn(end);
    BOOST_TEST(results(w).items.at(0).return_code == 1 - round);
    if (round == 0)
      BOOST_TEST(control(core::reset_jobs{w, false, {}}).value().count == 1);
  }
  BOOST_TEST(results(w, true).total == 1);
}

BOOST_AUTO_TEST_CASE(what_the_disk_contradicts_is_skipped_and_counted) {
  const auto w = workflow();
  const auto j = jobs(w, {{}, {}});
  initialize(w);
  core::turn t;
  t.grants.push_back(grant(w, j[0]));
  auto g = turn(t).orders.at(0).open;
  auto wrong = g;
  wrong.id = core::grant_id{1};
  core::turn lies;
  lies.cause.cause.ended = {ended(wrong)};
  lies.cause.cause.returned = {wrong};
  lies.cause.ready = {{w, core::job_id{998}, 0, 1}};
  lies.grants = {grant(w, core::job_id{999})};
  BOOST_TEST(turn(lies).orders.empty());
  BOOST_TEST(store->contradictions() == 4);
  BOOST_TEST(statuses(j) == "pending ready");
  store.reset();
}

BOOST_AUTO_TEST_CASE(an_admission_leaves_open_attempts_and_finished_jobs_alone) {
  const auto w = workflow();
  const auto j = jobs(w, {{}, {}, {0}, {1}});
  initialize(w);
  core::turn t;
  t.grants = {grant(w, j[0]), grant(w, j[1])};
  const auto l = turn(t);
  core::turn end;
  end.cause.cause.ended = {ended(l.orders[0].open)};
  end.cause.ready = {{w, j[2], 0, 1}};
  turn(end);
  initialize(w, false);
  BOOST_TEST(statuses(j) == "completed pending ready blocked");
  BOOST_TEST(results(w).total == 1);
  core::turn last;
  last.cause.cause.ended = {ended(l.orders[1].open)};
  turn(last);
  BOOST_TEST((status(j[1]) == job_status::completed));
}

BOOST_AUTO_TEST_CASE(rows_of_an_open_group_are_counted) {
  const auto w = workflow();
  const auto j = jobs(w, {{}});
  initialize(w);
  BOOST_TEST(store->group_rows() == 0);
  store->begin();
  BOOST_TEST(store->in_group());
  core::turn t;
  t.grants.push_back(grant(w, j[0]));
  store->apply(t);
  BOOST_TEST(store->group_rows() == 1);
  store->commit();
  BOOST_TEST(!store->in_group());
}

BOOST_AUTO_TEST_SUITE_END()
