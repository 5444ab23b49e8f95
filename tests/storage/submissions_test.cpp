#include "fixture.hpp"

#include <limits>

using namespace torc;
using namespace torc::test;
using core::refusal;

BOOST_FIXTURE_TEST_SUITE(submissions, disk)

BOOST_AUTO_TEST_CASE(a_submission_is_hidden_until_it_is_closed) {
  core::open_submission o;
  o.workflow.name = "sub";
  o.workflow.user = "ada";
  o.files = {{{}, {}, "f1", "/f1", {}}, {{}, {}, "f2", "/f2", {}}};
  core::requirement_row need;
  need.name = "big";
  need.num_cpus = 4;
  o.requirements = {need};
  o.job_count = 3;
  const auto ids = edit(o).ids;
  BOOST_REQUIRE_EQUAL(ids.size(), 7u);
  const core::workflow_id w{ids[0]};
  BOOST_TEST(ids[1] == 1);
  BOOST_TEST(ids[2] == 0);
  BOOST_TEST(!read->workflow(w));
  BOOST_TEST(!read->workflow_status(w));
  BOOST_TEST(read->workflows({}).total == 0);
  BOOST_TEST(!read->find<core::file_row>(ids[1]));
  BOOST_TEST(read->page_where<core::file_row>({w, {}, {}}).total == 0);
  refused(core::create<core::file_row>{{{}, w, "f", "/f", {}}}, refusal::not_found);

  const auto job = [&](int64_t at, std::vector<int64_t> depends) {
    core::job_row j;
    j.id = core::job_id{ids[6] + at};
    j.name = "j" + std::to_string(at);
    j.command = "c";
    j.requirement = core::requirement_id{ids[3]};
    j.input_file_ids = {{ids[1]}};
    j.depends_on_job_ids = std::move(depends);
    return j;
  };
  // A chunk may name jobs of a later one.
  edit(core::create_jobs{w, {job(0, {}), job(1, {ids[6] + 2})}, true});
  BOOST_TEST(!read->job(core::job_id{ids[6]}));
  refused(core::close_submission{w, {}}, refusal::unprocessable);
  refused(core::create_jobs{w, {job(0, {})}, true}, refusal::conflict);
  refused(core::create_jobs{w, {job(3, {})}, true}, refusal::unprocessable);
  refused(core::create_jobs{w, {job(2, {ids[6] + 3})}, true}, refusal::unprocessable);
  refused(core::create_jobs{w, {job(2, {})}, false}, refusal::not_found);
  edit(core::create_jobs{w, {job(2, {ids[6]})}, true});
  core::action_row action;
  action.trigger_type = "on_jobs_ready";
  action.action_type = "run_commands";
  action.job_ids = {{ids[6], ids[6] + 1}};
  action.required_triggers = 2;
  BOOST_TEST(edit(core::close_submission{w, {action}}).ids.size() == 1u);
  BOOST_TEST(read->workflow(w).has_value());
  BOOST_TEST(read->job_ids(w).size() == 3u);
  BOOST_TEST(read->actions(w, {}, false).size() == 1u);
  BOOST_TEST(store->progress()->workflows.at(w)->stages.at(0).by_status[0] == 3);
  refused(core::create_jobs{w, {job(2, {})}, true}, refusal::conflict);
  reboot();
  BOOST_TEST(read->job_ids(w).size() == 3u);
}

BOOST_AUTO_TEST_CASE(a_fresh_run_starts_over_and_one_only_if_nothing_was_touched) {
  const auto w = workflow();
  const auto j = jobs(w, {{}, {0}});
  core::action_row a;
  a.workflow = w;
  a.trigger_type = "on_worker_start";
  a.executed = true;
  a.is_recovery = false;
  create(a);
  a.is_recovery = true;
  create(a);
  BOOST_TEST(edit(core::begin_initialize{w, true, true}).count == 1);
  BOOST_TEST(read->workflow_status(w)->run_id == 1);
  const auto left = read->actions(w, {}, false);
  BOOST_REQUIRE_EQUAL(left.size(), 1u);
  BOOST_TEST(!left[0].executed);
  initialize(w, false);
  BOOST_TEST(edit(core::begin_initialize{w, true, true}).count == 0);
  BOOST_TEST(read->workflow_status(w)->run_id == 1);
  BOOST_TEST(statuses(j) == "ready blocked");
  BOOST_TEST(control(core::cancel_workflow{w}).ok());
  BOOST_TEST(edit(core::begin_initialize{w, true, false}).count == 1);
  BOOST_TEST(statuses(j) == "uninitialized uninitialized");
  BOOST_TEST(!read->workflow_status(w)->is_canceled);
  core::workflow_status_row s;
  s.id = w;
  s.is_archived = true;
  s.run_id = 2;
  BOOST_TEST(control(core::put_status{s}).ok());
  refused(core::begin_initialize{w, false, false}, refusal::unprocessable);
  s.is_archived = false;
  s.run_id = std::numeric_limits<int64_t>::max();
  BOOST_TEST(control(core::put_status{s}).ok());
  refused(core::begin_initialize{w, true, false}, refusal::unprocessable);
  BOOST_TEST(edit(core::begin_initialize{w, false, false}).count == 1);
}

BOOST_AUTO_TEST_SUITE_END()
