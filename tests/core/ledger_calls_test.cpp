#include "tests/core/ledger_world.hpp"

using namespace torc::core;
using namespace torc::core::test::of_ledger;

BOOST_AUTO_TEST_SUITE(ledger_of_calls_and_controls)

BOOST_AUTO_TEST_CASE(a_claim_is_answered_with_its_orders_by_its_launch) {
  auto w = world{};
  auto o = offer{};
  o.ticket = ticket_id{5};
  o.workflow = wf;
  w.l.claim(o);
  auto g = grant_of(1, 1);
  g.offer = o.ticket;
  auto l = world::launching({g});
  l.offers = {ticket_id{5}, ticket_id{6}};
  auto v = w.commit(l);
  BOOST_TEST(v.offers.size() == 1u);
  BOOST_REQUIRE(w.said.replies.size() == 2u);
  BOOST_REQUIRE(w.said.replies[0].orders.size() == 1u);
  BOOST_TEST(w.said.replies[0].orders[0].text.command == "echo");
  BOOST_TEST(w.said.replies[1].orders.empty());
  BOOST_TEST(w.said.replies[1].outcome.ok());
}

BOOST_AUTO_TEST_CASE(an_http_job_is_started_and_completed_once_and_answered_from_the_disk) {
  auto w = world{};
  auto g = w.give(1);
  refused(w.l.start(job_id{2}, wf, 1, node_id{3}, w.now, ticket_id{1}));
  refused(w.l.start(job_id{1}, wf, 2, node_id{3}, w.now, ticket_id{1}));
  BOOST_TEST(w.l.start(job_id{1}, wf, 1, node_id{3}, w.now, ticket_id{2}).ok());
  refused(w.l.start(job_id{1}, wf, 1, node_id{3}, w.now, ticket_id{3}));
  auto v = w.commit();
  BOOST_REQUIRE(v.started.size() == 1u);
  BOOST_TEST((v.started[0].ticket == ticket_id{2}));
  BOOST_TEST((v.started[0].node == node_id{3}));
  BOOST_REQUIRE(w.said.replies.size() == 1u);
  BOOST_TEST((w.said.replies[0].ticket == ticket_id{2}));

  refused(w.l.complete(result_of(1, 9), w.now, ticket_id{4}));
  refused(w.l.complete(result_of(1, 1, 2), w.now, ticket_id{4}));
  auto running = result_of(1);
  running.status = job_status::running;
  refused(w.l.complete(running, w.now, ticket_id{4}));
  BOOST_TEST(w.l.complete(result_of(1), w.now, ticket_id{5}).ok());
  v = w.commit();
  BOOST_REQUIRE(v.ended.size() == 1u);
  BOOST_TEST((v.ended[0].open.id == g.id));
  BOOST_TEST((v.ended[0].node == node_id{3}));
  BOOST_TEST(w.said.replies.size() == 1u);

  // A second one is for the writer to refuse.
  BOOST_TEST(w.l.complete(result_of(1), w.now, ticket_id{6}).ok());
  v = w.commit();
  BOOST_TEST(v.ended.empty());
  BOOST_REQUIRE(v.controls.size() == 1u);
  BOOST_TEST(std::get<force_status>(v.controls[0].what).result.has_value());
  BOOST_TEST(w.said.replies.empty());
  auto l = launch{};
  l.answers.push_back({ticket_id{6}, refuse(refusal::unprocessable, "complete already")});
  w.said = w.l.hear(l);
  BOOST_REQUIRE(w.said.replies.size() == 1u);
  BOOST_TEST(!w.said.replies[0].outcome.ok());
}

BOOST_AUTO_TEST_CASE(who_cancels_a_job_by_hand_goes_along_whether_it_is_open_or_not) {
  auto w = world{};
  w.give(1);
  w.give(2);
  auto r = result_of(1);
  BOOST_TEST(w.l.complete(result_of(2), w.now, ticket_id{2}, "ada").ok());
  r.status = job_status::canceled;
  BOOST_TEST(w.l.complete(r, w.now, ticket_id{3}, "ada").ok());
  r.job = job_id{3};
  BOOST_TEST(w.l.complete(r, w.now, ticket_id{4}, "bob").ok());
  const auto v = w.commit();
  BOOST_REQUIRE(v.cancelers.size() == 1u);
  BOOST_TEST((v.cancelers[0].ticket == ticket_id{3}));
  BOOST_TEST(v.cancelers[0].what == "ada");
  BOOST_REQUIRE(v.controls.size() == 1u);
  BOOST_TEST(std::get<force_status>(v.controls[0].what).user == "bob");
}

BOOST_AUTO_TEST_CASE(a_job_that_a_caf_runner_holds_is_not_started_over_http_but_may_be_completed) {
  auto w = world{};
  auto r = w.join();
  auto g = w.give(1, r);
  refused(w.l.start(job_id{1}, wf, 1, node_id{3}, w.now, ticket_id{1}));
  BOOST_TEST(w.l.complete(result_of(1), w.now, ticket_id{2}).ok());
  w.commit();
  BOOST_REQUIRE(w.told_to<wire::revoke>(r).size() == 1u);
  BOOST_TEST(w.told_to<wire::revoke>(r)[0].kill);
  w.report(r, ends(g), 1);
  BOOST_TEST(!w.l.has_verdicts());
}

BOOST_AUTO_TEST_CASE(a_claimed_job_that_nobody_starts_is_ready_again_after_the_claim_timeout) {
  auto w = world{};
  auto never = w.give(1), later = w.give(2);
  w.l.tick(w.now);
  w.l.start(job_id{2}, wf, 1, node_id{3}, w.now, ticket_id{1}).ok();
  w.commit();
  w.now.us += w.settings.claim_timeout_ms * 1000 - 1;
  w.l.tick(w.now);
  BOOST_TEST(!w.l.has_verdicts());
  w.now.us += 1;
  w.l.tick(w.now);
  auto v = w.commit();
  BOOST_REQUIRE(v.returned.size() == 1u);
  BOOST_TEST((v.returned[0].id == never.id));
  refused(w.l.start(job_id{1}, wf, 1, node_id{3}, w.now, ticket_id{1}));
  BOOST_TEST(w.l.open_grants() == 1u);
  BOOST_TEST((later.job == job_id{2}));
}

BOOST_AUTO_TEST_CASE(canceling_kills_what_is_open_and_closes_what_is_under_way) {
  auto w = world{};
  auto own = world::card(12);
  own.workflow = wf.value;
  auto r = w.join();
  auto watcher = runner_id{w.attach(own).runner};
  w.commit();
  auto g = w.give(1, r);
  BOOST_TEST(w.control(cancel_workflow{wf}, 4).ok());
  BOOST_REQUIRE(w.told_to<wire::revoke>(r).size() == 1u);
  BOOST_TEST(w.told_to<wire::revoke>(r)[0].kill);
  auto v = w.l.take_batch();
  BOOST_REQUIRE(v.closed.size() == 1u);
  BOOST_TEST((v.closed[0].id == g.id));
  w.place({grant_of(800, 2, r)}); // granted before the broker heard of it
  BOOST_TEST(w.told_to<wire::run_jobs>(r).empty());
  BOOST_TEST(w.l.open_grants() == 0u);
  auto l = world::launching({grant_of(801, 3, r)}); // granted by the turn that knows of it
  l.batch = v.batch;
  l.answers.push_back({ticket_id{4}, done{2}});
  w.said = w.l.hear(l);
  BOOST_TEST(w.told_to<wire::run_jobs>(r).size() == 1u);
  BOOST_TEST(w.said.replies.size() == 1u);
  BOOST_REQUIRE(w.told_to<wire::finished>(watcher).size() == 1u);
  BOOST_TEST(w.told_to<wire::finished>(watcher)[0].canceled);
  v = w.commit();
  BOOST_REQUIRE(v.closed.size() == 1u);
  BOOST_TEST((v.closed[0].id == grant_id{800}));
  w.report(r, ends(g), 1);
  BOOST_TEST(!w.l.has_verdicts()); // the late word on it
  BOOST_TEST(w.told_to<wire::ack>(r).size() == 1u);
}

BOOST_AUTO_TEST_CASE(a_workflow_resumes_when_the_disk_says_so_and_not_against_a_later_cancel) {
  auto w = world{};
  auto said_yes = launch{};
  said_yes.answers.push_back({ticket_id{1}, done{}});
  w.control(reset_status{wf, false}, 1).ok();
  BOOST_TEST(w.commit().resumed.empty());
  w.said = w.l.hear(said_yes);
  BOOST_TEST(w.commit().resumed.size() == 1u);

  w.control(reset_status{wf, false}, 1).ok();
  w.commit();
  w.control(cancel_workflow{wf}, 2).ok();
  w.said = w.l.hear(said_yes);
  BOOST_TEST(w.commit().resumed.empty());

  w.control(reset_status{wf, false}, 1).ok();
  w.commit();
  auto said_no = launch{};
  said_no.answers.push_back({ticket_id{1}, refuse(refusal::unprocessable, "archived")});
  w.said = w.l.hear(said_no);
  BOOST_TEST(!w.l.has_verdicts());
}

BOOST_AUTO_TEST_CASE(a_status_is_not_reset_under_open_jobs_unless_forced) {
  auto w = world{};
  w.give(1);
  refused(w.control(reset_status{wf, false}));
  BOOST_TEST(w.control(reset_status{wf, true}).ok());
  BOOST_TEST(w.l.open_grants() == 1u);
}

BOOST_AUTO_TEST_CASE(a_forced_status_closes_only_grants_of_its_run) {
  auto w = world{};
  auto r = w.join();
  auto f = force_status{};
  f.job = job_id{1};
  f.workflow = wf;
  f.status = job_status::completed;
  f.run = 9;
  w.control(f, 1).ok();
  auto v = w.l.take_batch();
  w.place({grant_of(800, 1, r)});
  BOOST_TEST(w.l.open_grants() == 1u); // the writer will refuse run 9
  refused(w.control(f, 2));
  f.run = 1;
  BOOST_TEST(w.control(f, 3).ok());
  BOOST_TEST(w.l.open_grants() == 0u);
  BOOST_TEST(w.l.take_batch().closed.size() == 1u);
}

BOOST_AUTO_TEST_CASE(a_result_of_an_attempt_that_was_retried_closes_no_grant_of_the_next) {
  auto w = world{};
  auto r = w.join();
  BOOST_TEST(w.l.complete(result_of(1), w.now, ticket_id{1}).ok());
  BOOST_TEST(w.l.complete(result_of(2), w.now, ticket_id{2}).ok());
  w.l.take_batch();
  w.place({grant_of(800, 1, r, 2), grant_of(801, 2, r, 1)});
  BOOST_TEST(w.l.open_grants() == 1u); // the writer will refuse attempt 1 of job 1
  BOOST_TEST(w.l.take_batch().closed.at(0).job.value == 2);
}

BOOST_AUTO_TEST_CASE(a_job_forced_to_running_stays_with_whoever_has_it) {
  auto w = world{};
  w.give(1);
  auto f = force_status{};
  f.job = job_id{1};
  f.workflow = wf;
  f.status = job_status::running;
  f.run = 1;
  BOOST_TEST(w.control(f, 1).ok());
  BOOST_TEST(w.l.open_grants() == 1u);
  w.now.us += 2 * w.settings.claim_timeout_ms * 1000;
  w.l.tick(w.now);
  w.l.tick({w.now.us * 2});
  BOOST_TEST(w.commit().returned.empty());
}

BOOST_AUTO_TEST_CASE(a_running_job_is_retried_by_order_and_its_runner_ends_it) {
  auto w = world{};
  auto r = w.join();
  auto g = w.give(1, r);
  auto c = retry_job{job_id{1}, wf, 1, 3};
  refused(w.control(c)); // pending
  w.report(r, starts(g), 1);
  w.commit();
  c.run = 2;
  refused(w.control(c));
  c.run = 1;
  c.max_retries = 1;
  refused(w.control(c));
  c.max_retries = 2;
  BOOST_TEST(w.control(c, 8).ok());
  BOOST_TEST(w.told_to<wire::revoke>(r).size() == 1u);
  auto v = w.commit();
  BOOST_REQUIRE(v.retried.size() == 1u);
  BOOST_TEST(v.retried[0].next_attempt == 2);
  BOOST_TEST((v.retried[0].ticket == ticket_id{8}));
  BOOST_TEST(w.said.replies.size() == 1u);
}

BOOST_AUTO_TEST_CASE(
    a_reset_closes_the_jobs_it_names_and_a_put_status_moves_http_jobs_to_the_new_run) {
  auto w = world{};
  w.give(1), w.give(2);
  w.control(reset_jobs{wf, true, {job_id{1}}}).ok();
  BOOST_TEST(w.l.open_grants() == 1u);
  auto row = workflow_status_row{};
  row.id = wf;
  row.run_id = 2;
  w.control(put_status{row}).ok();
  BOOST_TEST(w.l.complete(result_of(2, 2), w.now, ticket_id{3}).ok());
  w.control(remove_workflow{wf}).ok();
  BOOST_TEST(w.l.open_grants() == 0u);
}

BOOST_AUTO_TEST_CASE(claims_that_were_never_started_are_taken_back_and_no_others) {
  auto w = world{};
  auto runner = w.join(11);
  w.give(1), w.give(2), w.give(3, runner);
  BOOST_TEST(w.l.start(job_id{2}, wf, 1, node_id{3}, w.now, ticket_id{2}).ok());
  w.control(take_back_claims{wf}).ok();
  auto v = w.commit();
  BOOST_REQUIRE(v.returned.size() == 1u);
  BOOST_TEST((v.returned[0].job == job_id{1}));
  BOOST_TEST(v.controls.size() == 1u);
  BOOST_TEST(w.l.open_grants() == 2u);
}

BOOST_AUTO_TEST_CASE(runners_hear_that_a_workflow_they_serve_is_complete) {
  auto w = world{};
  auto all = w.join(11);
  auto card = world::card(12);
  card.workflow = wf.value;
  card.user = "eve";
  auto own = runner_id{w.attach(card).runner};
  card = world::card(13);
  card.workflow = 99;
  auto other = runner_id{w.attach(card).runner};
  card = world::card(14);
  card.user = "bob";
  auto stranger = runner_id{w.attach(card).runner};
  auto l = launch{};
  l.completed = {{wf, "ada"}};
  w.said = w.l.hear(l);
  BOOST_TEST(w.told_to<wire::finished>(all).size() == 1u);
  BOOST_TEST(w.told_to<wire::finished>(own).size() == 1u);
  BOOST_TEST(w.told_to<wire::finished>(other).empty());
  BOOST_TEST(w.told_to<wire::finished>(stranger).empty());
}

BOOST_AUTO_TEST_CASE(a_large_handout_goes_in_messages_of_bounded_size) {
  auto w = world{};
  auto r = w.join();
  auto grants = std::vector<grant>();
  for (int64_t i = 1; i <= 10'000; ++i)
    grants.push_back(grant_of(10'000 + i, i, r));
  w.place(grants);
  auto got = w.told_to<wire::run_jobs>(r);
  BOOST_TEST(got.size() == 3u);
  int64_t next = 10'001;
  for (const auto& part : got)
    for (const auto& o : part.orders)
      BOOST_REQUIRE(o.what.grant == next++);
  BOOST_TEST(next == 20'001);
}

BOOST_AUTO_TEST_CASE(long_environments_count_for_the_size_of_a_message) {
  auto w = world{};
  auto r = w.join();
  auto l = launch{};
  for (int64_t i = 1; i <= 200; ++i) {
    auto& placed = l.orders.emplace_back();
    placed.open = grant_of(10'000 + i, i, r);
    placed.text.env = {"A=" + std::string(98'000, 'x')};
  }
  w.said = w.l.hear(l);
  BOOST_TEST(w.told_to<wire::run_jobs>(r).size() == 3u);
}

BOOST_AUTO_TEST_SUITE_END()
