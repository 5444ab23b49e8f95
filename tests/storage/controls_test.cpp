#include "fixture.hpp"

using namespace torc;
using namespace torc::test;
using core::refusal;

namespace {

struct house : disk {
  core::workflow_id w = workflow();
  std::vector<core::job_id> j = diamond(w);

  house() { initialize(w); }

  core::grant place(core::job_id job) { return join_for(w, job); }
  void denied(core::control c, refusal why) {
    const auto a = control(std::move(c));
    BOOST_REQUIRE(!a);
    BOOST_TEST(static_cast<int>(a.why().why) == static_cast<int>(why), a.why().message);
  }
  int64_t events() const { return read->page_where<core::event_row>({w, {}, {}}).total; }
};

} // namespace

BOOST_FIXTURE_TEST_SUITE(controls, house)

BOOST_AUTO_TEST_CASE(what_names_something_unknown_is_answered_not_found) {
  const core::workflow_id none{99};
  denied(core::cancel_workflow{none}, refusal::not_found);
  denied(core::put_status{}, refusal::not_found);
  denied(core::reset_status{none, true}, refusal::not_found);
  denied(core::reset_jobs{none, false, {}}, refusal::not_found);
  denied(core::force_status{core::job_id{99}, w, 1, job_status::ready, {}}, refusal::not_found);
  denied(core::retry_job{j[0], none, 1, 3}, refusal::not_found);
  denied(core::remove_workflow{none}, refusal::not_found);
  denied(core::remove_jobs{none, true, {}}, refusal::not_found);
  denied(core::remove_jobs{w, false, {j[0], core::job_id{99}}}, refusal::not_found);
  BOOST_TEST(read->job_ids(w).size() == 4u);
}

BOOST_AUTO_TEST_CASE(cancel_closes_open_attempts_and_is_undone_by_a_reset_of_the_status) {
  place(j[0]);
  BOOST_TEST(control(core::cancel_workflow{w}).value().count == 1);
  BOOST_TEST(statuses(j) == "canceled blocked blocked blocked");
  BOOST_TEST(read->completeness(w).is_canceled);
  BOOST_TEST(read->completeness(w).is_complete);
  BOOST_TEST(store->progress()->workflows.at(w)->canceled);
  BOOST_TEST(events() == 1);
  BOOST_TEST(reboot().open.empty());
  BOOST_TEST(control(core::reset_status{w, false}).ok());
  BOOST_TEST(!read->completeness(w).is_canceled);
  BOOST_TEST(events() == 2);
}

BOOST_AUTO_TEST_CASE(a_status_is_reset_only_when_nothing_is_open_unless_forced) {
  place(j[0]);
  denied(core::reset_status{w, false}, refusal::unprocessable);
  BOOST_TEST(control(core::reset_status{w, true}).ok());
  BOOST_TEST(control(core::reset_jobs{w, false, {}}).value().count == 4);
  core::scheduled_compute_node_row n;
  n.workflow = w;
  n.status = "active";
  create(n);
  denied(core::reset_status{w, false}, refusal::unprocessable);
  core::workflow_status_row s;
  s.id = w;
  s.run_id = 5;
  s.is_archived = true;
  BOOST_TEST(control(core::put_status{s}).ok());
  BOOST_TEST(read->workflow_status(w)->run_id == 5);
  BOOST_TEST(store->progress()->workflows.at(w)->run == 5);
  denied(core::reset_status{w, true}, refusal::unprocessable);
}

BOOST_AUTO_TEST_CASE(all_jobs_or_the_listed_ones_become_uninitialized) {
  end(place(j[0]), job_status::failed);
  BOOST_TEST((read->failed_closure(w) == j));
  BOOST_TEST(control(core::reset_jobs{w, true, {j[0], j[1]}}).value().count == 2);
  BOOST_TEST(statuses(j) == "uninitialized uninitialized blocked blocked");
  BOOST_TEST(results(w).total == 1);
  BOOST_TEST(control(core::reset_jobs{w, true, {}}).value().count == 0);
  BOOST_TEST(control(core::reset_jobs{w, false, {}}).value().count == 2);
  BOOST_TEST(read->is_uninitialized(w));
  BOOST_TEST(events() == 3);
}

BOOST_AUTO_TEST_CASE(a_status_can_be_forced_but_a_finished_job_only_undone) {
  denied(core::force_status{j[0], w, 7, job_status::running, {}}, refusal::unprocessable);
  BOOST_TEST(control(core::force_status{j[0], w, 1, job_status::ready, {}}).value().count == 0);
  BOOST_TEST(control(core::force_status{j[0], w, 1, job_status::running, {}}).value().count == 1);
  BOOST_TEST((status(j[0]) == job_status::running));
  core::result_row r;
  r.return_code = 3;
  r.completion_time = "then";
  r.attempt_id = 1;
  BOOST_TEST(control(core::force_status{j[0], w, 1, job_status::failed, r}).ok());
  BOOST_TEST(results(w).items.at(0).return_code == 3);
  denied(core::force_status{j[0], w, 1, job_status::failed, r}, refusal::unprocessable);
  denied(core::force_status{j[0], w, 1, job_status::ready, {}}, refusal::unprocessable);
  BOOST_TEST(control(core::force_status{j[0], w, 1, job_status::failed, {}}).value().count == 0);
  BOOST_TEST(control(core::force_status{j[1], w, 1, job_status::completed, r}).ok());
  // What was made from it is stale.
  BOOST_TEST(control(core::force_status{j[0], w, 1, job_status::uninitialized, {}}).value().count ==
             2);
  BOOST_TEST(statuses(j) == "uninitialized uninitialized blocked blocked");
}

BOOST_AUTO_TEST_CASE(whoever_ran_a_canceled_job_may_say_once_how_it_went) {
  core::turn t;
  t.cause.canceled = {j[0]};
  turn(t);
  core::result_row r;
  r.completion_time = "then";
  BOOST_TEST(control(core::force_status{j[0], w, 1, job_status::completed, r}).ok());
  BOOST_TEST((status(j[0]) == job_status::completed));
  BOOST_TEST(results(w).total == 1);
  denied(core::force_status{j[0], w, 1, job_status::completed, r}, refusal::unprocessable);
}

BOOST_AUTO_TEST_CASE(who_canceled_a_job_by_hand_is_kept_until_it_is_reset) {
  core::result_row r;
  r.completion_time = "then";
  const auto cancel = [&](core::job_id job, const char* user) {
    return control(core::force_status{job, w, 1, job_status::canceled, r, user}).ok();
  };
  const auto who = [&](core::job_id job) {
    const auto c = read->cancellation_of(job);
    return c && c->at_ms > 0 ? c->user : "nobody";
  };
  BOOST_TEST(cancel(j[1], "ada"));
  core::turn t;
  t.cause.cause.ended.push_back(ended(place(j[0]), job_status::canceled));
  t.cause.cause.ended[0].ticket = core::ticket_id{7};
  t.cause.cause.cancelers = {{core::ticket_id{7}, "bob"}, {core::ticket_id{6}, "eve"}};
  t.cause.canceled = {j[2]};
  turn(t);
  reboot();
  BOOST_TEST(who(j[0]) == "bob");
  BOOST_TEST(who(j[1]) == "ada");
  BOOST_TEST(cancel(j[2], "eve")); // The server had canceled it.
  BOOST_TEST(who(j[2]) == "nobody");
  BOOST_TEST(control(core::reset_jobs{w, false, {j[0]}}).ok());
  BOOST_TEST(who(j[0]) == "nobody");
  initialize(w, false,
             core::admit_mode::only_uninitialized); // What comes after job 0 is judged anew.
  BOOST_TEST((status(j[1]) != job_status::canceled));
  BOOST_TEST(who(j[1]) == "nobody");
  BOOST_TEST(control(core::force_status{j[1], w, 1, job_status::uninitialized, {}}).ok());
  BOOST_TEST(who(j[1]) == "nobody");
  for (const bool fresh : {true, false}) {
    initialize(w);
    BOOST_TEST(control(core::force_status{j[0], w, read->workflow_status(w)->run_id,
                                          job_status::canceled, r, "ada"})
                   .ok());
    BOOST_TEST(who(j[0]) == "ada");
    if (fresh)
      initialize(w);
    else
      BOOST_TEST(control(core::reset_jobs{w, false, {}}).ok());
    BOOST_TEST(who(j[0]) == "nobody");
  }
}

BOOST_AUTO_TEST_CASE(an_event_that_looks_like_a_cancellation_is_none) {
  core::event_row e;
  e.workflow = w;
  e.timestamp = INT64_MAX;
  e.data.text = R"({"category":"workflow_canceled","user":"eve"})";
  create(e);
  BOOST_TEST(!read->cancellation_of(w));
  BOOST_TEST(control(core::cancel_workflow{w, "ada"}).ok());
  create(e);
  BOOST_TEST(read->cancellation_of(w)->user == "ada");
  core::workflow_status_row s;
  s.id = w;
  s.run_id = 1;
  s.is_canceled = true;
  BOOST_TEST(control(core::put_status{s}).ok());
  BOOST_TEST(read->cancellation_of(w)->user == "ada");
  BOOST_TEST(control(core::reset_status{w, true}).ok());
  BOOST_TEST(control(core::put_status{s}).ok());
  BOOST_TEST(!read->cancellation_of(w));
}

BOOST_AUTO_TEST_CASE(a_result_of_an_attempt_that_was_retried_ends_nothing) {
  end(place(j[0]), job_status::failed);
  BOOST_TEST(control(core::retry_job{j[0], w, 1, 3}).ok());
  core::result_row r;
  r.completion_time = "then";
  denied(core::force_status{j[0], w, 1, job_status::completed, r}, refusal::unprocessable);
  BOOST_TEST((status(j[0]) == job_status::ready));
  BOOST_TEST(results(w, true).total == 1);
  r.attempt_id = 2;
  BOOST_TEST(control(core::force_status{j[0], w, 1, job_status::completed, r}).ok());
  BOOST_TEST((status(j[0]) == job_status::completed));
}

BOOST_AUTO_TEST_CASE(an_open_attempt_survives_when_its_start_is_forced_and_only_then) {
  const auto g = place(j[0]);
  BOOST_TEST(control(core::force_status{j[0], w, 1, job_status::running, {}}).ok());
  end(g);
  BOOST_TEST((status(j[0]) == job_status::completed));
  place(j[1]);
  BOOST_TEST(control(core::force_status{j[1], w, 1, job_status::ready, {}}).ok());
  BOOST_TEST(reboot().open.empty());
}

BOOST_AUTO_TEST_CASE(a_retry_raises_the_attempt_until_there_are_no_more) {
  denied(core::retry_job{j[0], w, 1, 3}, refusal::unprocessable);
  end(place(j[0]), job_status::failed);
  denied(core::retry_job{j[0], w, 2, 3}, refusal::unprocessable);
  denied(core::retry_job{j[0], w, 1, 1}, refusal::unprocessable);
  BOOST_TEST(control(core::retry_job{j[0], w, 1, 3}).ok());
  BOOST_TEST((status(j[0]) == job_status::ready));
  BOOST_TEST(read->job(j[0])->attempt_id == 2);
  BOOST_TEST(events() == 1);
}

BOOST_AUTO_TEST_CASE(deleted_jobs_leave_no_edge_no_result_and_no_wish_of_an_action) {
  end(place(j[0]));
  core::action_row a;
  a.workflow = w;
  a.trigger_type = "on_jobs_complete";
  a.job_ids = {{j[0].value, j[1].value}};
  a.required_triggers = 2;
  const auto action = create(a);
  BOOST_TEST(control(core::remove_jobs{w, false, {j[1], j[1]}}).value().count == 1);
  BOOST_TEST(read->job_ids(w).size() == 3u);
  BOOST_TEST((read->job(j[3])->depends_on_job_ids.value() == std::vector<int64_t>{j[2].value}));
  const auto left = read->find<core::action_row>(action).value();
  BOOST_TEST((left.job_ids.value() == std::vector<int64_t>{j[0].value}));
  BOOST_TEST(left.trigger_count == 1);
  BOOST_TEST(left.required_triggers == 1);
  BOOST_TEST(control(core::remove_jobs{w, false, {j[0]}}).ok());
  BOOST_TEST(rows()["result"] == 0);
  BOOST_TEST(rows()["job_depends_on"] == 1);
  BOOST_TEST(read->facts_for_admission(w).ok());
}

BOOST_AUTO_TEST_CASE(a_deleted_workflow_leaves_no_row_in_any_table) {
  const auto team = fill(w, j);
  end(place(j[0]));
  const auto full = rows();
  for (const auto& [table, count] : full)
    BOOST_TEST((count > 0 || table == "submission" || table == "kept_call"), table);
  core::turn left;
  left.cause.cause.left.push_back({runner, core::instant{}});
  turn(left);
  BOOST_TEST(control(core::remove_workflow{w}).value().count == 5);
  edit(core::remove_group{team});
  for (const auto& [table, count] : rows())
    BOOST_TEST(count == 0, table);
  BOOST_TEST(!store->progress()->workflows.contains(w));
}

BOOST_AUTO_TEST_SUITE_END()
