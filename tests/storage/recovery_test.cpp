#include "fixture.hpp"

using namespace torc;
using namespace torc::test;

BOOST_FIXTURE_TEST_SUITE(recovery, disk)

BOOST_AUTO_TEST_CASE(an_uncommitted_group_leaves_nothing_and_a_committed_one_everything) {
  const auto w = workflow();
  const auto j = diamond(w);
  initialize(w);
  store->begin();
  core::turn t;
  t.cause.cause.joined.push_back(joining());
  t.grants.push_back(grant(w, j[0]));
  store->apply(t);
  BOOST_TEST(store->apply(core::create<core::event_row>{{{}, w, 0, {"{}"}}}).ok());
  auto image = reboot();
  BOOST_TEST(statuses(j) == "ready blocked blocked blocked");
  BOOST_TEST(image.open.empty());
  BOOST_TEST(rows()["event"] == 0);
  BOOST_REQUIRE_EQUAL(image.workflows.size(), 1u);
  const auto& a = image.workflows[0];
  BOOST_TEST(a.user == "ada");
  BOOST_TEST(a.run == 1);
  BOOST_TEST(a.jobs.size() == 4u);
  BOOST_TEST(a.edges.size() == 4u);
  BOOST_TEST(a.classes.at(0).need.runtime_s == 60);

  t.grants = {grant(w, j[0])};
  const auto open = turn(t).orders.at(0).open;
  image = reboot();
  BOOST_REQUIRE_EQUAL(image.open.size(), 1u);
  const auto& o = image.open[0];
  BOOST_TEST(o.open.id.value == open.id.value);
  BOOST_TEST(o.open.job.value == j[0].value);
  BOOST_TEST(o.open.workflow.value == w.value);
  BOOST_TEST(o.open.run == 1);
  BOOST_TEST(o.open.runner.value == runner.value);
  BOOST_TEST(o.runner_instance == 4711);
  BOOST_TEST(!o.started);
  BOOST_TEST((o.open.need == core::needs{}));
}

BOOST_AUTO_TEST_CASE(the_longest_lease_is_known_until_nobody_holds_anything_any_more) {
  constexpr int64_t nobody = -1, never = 0;
  const auto restart = [&](int64_t lease_ms) {
    return reboot(lease_ms).promised_lease_ms.value_or(nobody);
  };
  restart(40'000);
  const auto w = workflow();
  const auto j = jobs(w, {{}, {}});
  initialize(w);
  BOOST_TEST(restart(30'000) == nobody);
  const auto open = join_for(w, j[0]);
  BOOST_TEST(restart(10'000) == 30'000);
  BOOST_TEST(restart(50'000) == 30'000);
  BOOST_TEST(restart(10'000) == 50'000);
  BOOST_TEST(restart(never) == 50'000);
  BOOST_TEST(restart(10'000) == never);
  BOOST_TEST(restart(10'000) == never);
  end(open);
  BOOST_TEST(restart(never) == nobody);
  BOOST_TEST(restart(10'000) == nobody);
}

BOOST_AUTO_TEST_CASE(a_started_attempt_is_adopted_by_the_runner_under_its_new_id) {
  const auto w = workflow();
  const auto j = jobs(w, {{}, {}});
  initialize(w);
  auto open = join_for(w, j[0]);
  core::turn start;
  start.cause.cause.started.push_back({open.id, open.job, {}, core::instant{1}, {}, {}});
  turn(start);
  auto image = reboot();
  BOOST_TEST(image.open.at(0).started);

  runner = core::runner_id{core::first_id_of(store->epoch())};
  core::turn again;
  auto joined = joining();
  joined.open = {image.open[0].open};
  again.cause.cause.joined.push_back(joined);
  again.grants.push_back(grant(w, j[1]));
  turn(again);
  image = reboot();
  BOOST_REQUIRE_EQUAL(image.open.size(), 2u);
  BOOST_TEST(image.open[0].open.runner.value == runner.value);
  BOOST_TEST(image.open[1].open.runner.value == runner.value);
  BOOST_TEST(rows()["compute_node"] == 1);
  BOOST_TEST(rows()["runner"] == 1);
}

BOOST_AUTO_TEST_CASE(what_was_written_for_a_runner_that_had_left_is_ready_again) {
  const auto w = workflow();
  const auto j = jobs(w, {{}, {}});
  initialize(w);
  const auto kept = join_for(w, j[0]);
  core::turn left;
  left.cause.cause.retried.push_back({kept, 2, {}});
  left.cause.cause.left.push_back({runner, core::instant{1}});
  turn(left);
  core::turn late; // matched before the broker had heard of it
  late.grants.push_back(grant(w, j[1]));
  turn(late);
  const auto image = reboot();
  BOOST_TEST(image.open.empty());
  BOOST_TEST(statuses(j) == "ready ready");
  for (const auto& known : image.workflows.at(0).jobs)
    BOOST_TEST((known.status == core::job_status::ready));
  BOOST_TEST(image.workflows[0].jobs[1].attempt == 1);
}

BOOST_AUTO_TEST_CASE(a_busy_runner_is_known_at_every_start_though_its_node_was_deleted) {
  const auto w = workflow();
  const auto j = jobs(w, {{}});
  initialize(w);
  join_for(w, j[0]);
  const auto node = read->page_where<core::compute_node_row>({w, {}, {}}).items.at(0).id;
  edit(core::erase<core::compute_node_row>{node.value});
  for (int start = 0; start < 2; ++start)
    BOOST_TEST(reboot().open.at(0).runner_instance == 4711);
}

BOOST_AUTO_TEST_CASE(a_runner_without_an_open_attempt_is_inactive_until_it_joins_again) {
  const auto w = workflow();
  const auto j = jobs(w, {{}, {}});
  initialize(w);
  end(join_for(w, j[0]));
  reboot();
  const auto node = [&] {
    return read->page_where<core::compute_node_row>({w, {}, {}}).items.at(0);
  };
  BOOST_TEST(!node().is_active.value());
  core::turn again;
  again.cause.cause.joined.push_back(joining());
  turn(again);
  BOOST_TEST(node().is_active.value());
}

BOOST_AUTO_TEST_CASE(ids_are_not_reused_after_a_deletion_and_a_restart) {
  const auto w = workflow();
  const auto j = jobs(w, {{}});
  BOOST_TEST(control(core::remove_workflow{w}).ok());
  reboot();
  const auto w2 = workflow();
  BOOST_TEST((w2 > w));
  BOOST_TEST((jobs(w2, {{}})[0] > j[0]));
}

BOOST_AUTO_TEST_CASE(finished_and_uninitialized_workflows_are_not_in_the_image) {
  const auto inert = workflow("inert");
  jobs(inert, {{}});
  const auto done = workflow("done");
  const auto j = jobs(done, {{}});
  initialize(done);
  core::turn t;
  t.grants.push_back(grant(done, j[0]));
  core::turn end;
  end.cause.cause.ended.push_back(ended(turn(t).orders.at(0).open));
  turn(end);
  const auto image = reboot();
  BOOST_TEST(image.workflows.empty());
  BOOST_TEST(image.set_aside.empty());
}

BOOST_AUTO_TEST_CASE(a_workflow_that_cannot_be_read_is_set_aside_and_the_others_are_not) {
  const auto bad = workflow("bad");
  const auto b = jobs(bad, {{}, {0}});
  initialize(bad);
  const auto good = workflow("good");
  jobs(good, {{}});
  initialize(good);
  store.reset();
  read.reset();
  std::string why;
  {
    auto db = storage::database::open(path, storage::database::mode::read_write_create, why);
    storage::statement{*db, "INSERT INTO job_depends_on (job_id, depends_on_job_id) "
                            "VALUES (?1, ?2)"}
        .run(b[0], b[1]);
  }
  const auto image = open();
  BOOST_REQUIRE_EQUAL(image.set_aside.size(), 1u);
  BOOST_TEST(image.set_aside[0].find("cycle") != std::string::npos, image.set_aside[0]);
  BOOST_REQUIRE_EQUAL(image.workflows.size(), 1u);
  BOOST_TEST(image.workflows[0].workflow.value == good.value);
}

BOOST_AUTO_TEST_CASE(a_submission_never_closed_is_deleted_with_all_that_came) {
  core::open_submission o;
  o.workflow.name = "half";
  o.workflow.user = "ada";
  o.files.push_back({{}, {}, "f", "/f", {}});
  o.job_count = 2;
  const auto ids = edit(o).ids;
  core::job_row j;
  j.id = core::job_id{ids[6]};
  j.name = "a";
  j.command = "true";
  j.input_file_ids = {{ids[1]}};
  edit(core::create_jobs{core::workflow_id{ids[0]}, {j}, true});
  reboot();
  for (const auto& [table, n] : rows())
    BOOST_TEST(n == 0, table);
}

BOOST_AUTO_TEST_CASE(stage_times_survive_a_restart) {
  const auto w = workflow();
  const auto j = diamond(w);
  initialize(w);
  core::turn t;
  t.grants.push_back(grant(w, j[0]));
  core::turn end;
  end.cause.cause.ended.push_back(ended(turn(t).orders.at(0).open));
  end.cause.ready = {{w, j[1], 0, 1}, {w, j[2], 0, 1}};
  turn(end);
  reboot();
  const auto p = store->progress()->workflows.at(w);
  BOOST_TEST(p->stages.at(0).first_start.us == 1'000'000'001'000'000);
  BOOST_TEST(p->stages.at(1).by_status[2] == 2);
  BOOST_TEST(p->run == 1);
}

BOOST_AUTO_TEST_SUITE_END()
