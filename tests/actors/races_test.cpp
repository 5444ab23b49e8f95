#include "tests/actors/world.hpp"

#include "core/image.hpp"

#include <functional>
#include <set>

/// Each kind of call against the ends of jobs: it comes after every number of messages that these
/// ends take to go round, so that it meets them in every room.
using namespace torc;
using namespace torc::test;
using core::job_status;
namespace wire = core::wire;

namespace {

/// 0 and 1 are ready, 2 waits for both, 3 and 4 for 2, 5 for 3; 6 is ready and waits for a slot.
class course : public world {
public:
  static constexpr int count = 7;

  void begin() {
    w = must_create(count, {{0, 2}, {1, 2}, {2, 3}, {2, 4}, {3, 5}});
    must_initialize(w);
    g = must_attach(2, 0, w);
    jobs = reads().job_ids(w);
    run_id = reads().workflow_status(w)->run_id;
    core::action_row a;
    a.workflow = w;
    a.trigger_type = "on_jobs_complete";
    a.action_type = "run_commands";
    a.action_config.text = R"({"commands":["true"]})";
    a.job_ids = {{jobs[0]}};
    action.value = must_edit(core::create<core::action_row>{a}).ids.at(0);
  }

  core::job_id job(int i) const { return core::job_id{jobs.at(static_cast<size_t>(i))}; }

  /// Reports the end of the two jobs that run. The first ends like this.
  void end_two(job_status how) {
    auto r = wire::report{};
    for (auto& [grant, order] : std::exchange(g.heard->orders, {})) {
      auto& e = r.done.emplace_back();
      e.what = order.what;
      const bool is_first = order.what.job == jobs[0];
      e.status = static_cast<int8_t>(is_first ? how : job_status::completed);
      e.return_code = is_first && how != job_status::completed ? 1 : 0;
      e.start_us = 1'800'000'000'000'000;
      e.end_us = e.start_us + 1000;
    }
    report(g, std::move(r));
  }
  /// @returns false where there were fewer messages
  bool handle(int messages) {
    for (; messages > 0; --messages)
      if (!sched.try_run_once())
        return false;
    return true;
  }

  void send(core::control c) { caf::anon_send(rooms.collector, std::move(c)); }
  void send(core::edit e) { caf::anon_send(rooms.writer, std::move(e)); }

  /// As initialize_jobs does; planned again where the rows were outdated.
  void admit(core::admit_mode mode) {
    must_edit(core::begin_initialize{w, false, false});
    while (admit_as_read(mode) == 0)
      ;
  }
  uint64_t admit_as_read(core::admit_mode mode) {
    const auto turn = turns();
    auto facts = reads().facts_for_admission(w);
    BOOST_REQUIRE(facts.ok());
    auto stages = std::vector<uint32_t>{};
    auto plan = core::plan_admission(*facts, mode, stages);
    BOOST_REQUIRE(plan.ok());
    plan->read_at_turn = turn;
    for (auto& j : facts->jobs)
      plan->all_jobs.push_back(j.job);
    plan->all_stages = std::move(stages);
    auto asked = self->request(rooms.unblocker, caf::infinite, std::move(*plan));
    run();
    uint64_t written = 0;
    asked.receive([&](const core::receipt& r) { written = r.turn; },
                  [&](const caf::error& err) { BOOST_FAIL(sys.render(err)); });
    return written;
  }

  bool has(std::initializer_list<job_status> which) {
    for (auto [s, n] : reads().job_counts(w))
      if (n > 0 && std::find(which.begin(), which.end(), s) != which.end())
        return true;
    return false;
  }
  /// Whatever was canceled, reset or failed runs again, until all that is left has succeeded.
  void bring_to_its_end() {
    run();
    for (int round = 0; round < 4; ++round) {
      work_off(g);
      if (!has({job_status::uninitialized, job_status::blocked, job_status::ready,
                job_status::pending, job_status::running, job_status::failed, job_status::canceled,
                job_status::terminated, job_status::pending_failed}))
        return;
      BOOST_TEST(control(core::reset_status{w, true}).ok());
      if (const auto failed = reads().failed_closure(w); !failed.empty())
        BOOST_TEST(control(core::reset_jobs{w, true, failed}).ok());
      admit(core::admit_mode::all);
    }
    BOOST_ERROR("jobs are stuck");
  }
  /// No attempt has two results, and a job that succeeded has one.
  void verify_results() {
    core::result_filter f;
    f.workflow = w;
    f.all_runs = true;
    std::set<std::tuple<int64_t, int64_t, int64_t>> seen;
    std::set<int64_t> with_result;
    for (const auto& r : reads().results(f).items) {
      BOOST_TEST(seen.emplace(r.job.value, r.run_id, r.attempt_id).second);
      if (r.status == job_status::completed)
        with_result.insert(r.job.value);
    }
    for (auto id : reads().job_ids(w))
      if (status(id) == job_status::completed)
        BOOST_TEST(with_result.contains(id), "job " << id << " has no result");
  }

  using step = std::function<void(course&)>;
  /// @param call sent while the ends go round. @param after when all messages have been handled
  void race(job_status first_end, const step& call, const step& after) {
    bool is_within = true;
    for (int messages = 0; is_within; ++messages) {
      BOOST_TEST_CONTEXT("after " << messages << " messages") {
        begin();
        end_two(first_end);
        is_within = handle(messages);
        call(*this);
        run();
        after(*this);
      }
    }
  }
  void race(const step& call, const step& after) { race(job_status::completed, call, after); }

  core::workflow_id w;
  guest g;
  std::vector<int64_t> jobs;
  int64_t run_id = 0;
  core::action_id action;
};

void all_succeed(course& c) {
  c.bring_to_its_end();
  c.verify_statuses(c.w,
                    {{job_status::completed, static_cast<int64_t>(c.reads().job_ids(c.w).size())}});
  c.verify_results();
}

core::result_row http_end(const course& c, int job) {
  auto r = core::result_row{};
  r.job = c.job(job);
  r.workflow = c.w;
  r.run_id = c.run_id;
  r.compute_node = core::node_id{1};
  r.completion_time = "2026-01-31T12:00:00Z";
  r.status = job_status::completed;
  return r;
}

} // namespace

BOOST_FIXTURE_TEST_SUITE(races, course)

BOOST_AUTO_TEST_CASE(edits_of_rows_disturb_nothing) {
  race(
      [](course& c) {
        core::file_row f;
        f.workflow = c.w;
        f.name = "f";
        f.path = "/f";
        c.send(core::edit{core::create<core::file_row>{f}});
        core::event_row e;
        e.workflow = c.w;
        e.data.text = "{}";
        c.send(core::edit{core::create<core::event_row>{e}});
        core::workflow_row row;
        row.id = c.w;
        row.name = "renamed";
        row.user = "ann";
        c.send(core::edit{core::replace<core::workflow_row>{row}});
      },
      [](course& c) {
        BOOST_TEST(c.reads().workflow(c.w)->name == "renamed");
        BOOST_TEST(c.reads().page_where<core::file_row>({c.w, {}, {}}).total == 1);
        all_succeed(c);
      });
}

BOOST_AUTO_TEST_CASE(another_initialization_makes_nothing_run_twice) {
  race(
      [](course& c) {
        c.send(core::edit{core::begin_initialize{c.w, false, false}});
        if (c.admit_as_read(core::admit_mode::all) == 0)
          c.admit(core::admit_mode::all);
      },
      [](course& c) {
        c.work_off(c.g);
        c.verify_statuses(c.w, {{job_status::completed, course::count}});
        core::result_filter f;
        f.workflow = c.w;
        f.all_runs = true;
        BOOST_TEST(c.reads().results(f).total == course::count);
      });
}

BOOST_AUTO_TEST_CASE(jobs_that_are_added_to_a_running_workflow_join_it) {
  race(
      [](course& c) {
        auto late = core::job_row{};
        late.workflow = c.w;
        late.name = "late";
        late.command = "true";
        late.depends_on_job_ids = {{c.jobs[1], c.jobs[2]}};
        c.send(core::edit{core::create_jobs{c.w, {late}, false}});
        c.run();
        c.admit(core::admit_mode::only_uninitialized);
      },
      [](course& c) {
        c.work_off(c.g);
        c.verify_statuses(c.w, {{job_status::completed, course::count + 1}});
        c.verify_results();
      });
}

BOOST_AUTO_TEST_CASE(amended_jobs_and_requirements_go_on_as_amended) {
  for (int which : {0, 2, 5, 6})
    race(
        [which](course& c) {
          auto a = core::amend_job{};
          a.job = c.job(which);
          a.workflow = c.w;
          a.priority = 3;
          a.cancel_on_blocking_job_failure = false;
          c.send(core::control{a});
          auto r = core::amend_requirement{};
          r.row.id = c.reads().job(c.job(which))->requirement;
          r.row.workflow = c.w;
          r.row.name = "default";
          r.row.num_cpus = 2;
          c.send(core::control{r});
        },
        [which](course& c) {
          BOOST_TEST(c.reads().job(c.job(which))->priority == 3);
          all_succeed(c);
        });
}

BOOST_AUTO_TEST_CASE(a_disabled_job_is_left_out_or_had_ended) {
  race(
      [](course& c) {
        c.send(core::control{
            core::force_status{c.job(6), c.w, c.run_id, job_status::disabled, std::nullopt}});
      },
      [](course& c) {
        c.bring_to_its_end();
        const auto six = c.status(c.job(6).value);
        BOOST_TEST((six == job_status::disabled || six == job_status::completed));
        for (int i = 0; i < 6; ++i)
          BOOST_TEST(c.status(c.job(i).value) == job_status::completed);
      });
}

BOOST_AUTO_TEST_CASE(what_waits_for_a_deleted_job_goes_on_without_it) {
  for (int which : {0, 2, 6})
    race(
        [which](course& c) {
          c.send(core::control{core::remove_jobs{c.w, false, {c.job(which)}}});
        },
        [which](course& c) {
          BOOST_TEST(!c.reads().job(c.job(which)));
          c.work_off(c.g);
          c.verify_statuses(c.w, {{job_status::completed, course::count - 1}});
        });
}

BOOST_AUTO_TEST_CASE(a_deleted_workflow_does_not_come_back) {
  race([](course& c) { c.send(core::control{core::remove_workflow{c.w}}); },
       [](course& c) {
         c.work_off(c.g);
         BOOST_TEST(!c.reads().workflow(c.w));
         BOOST_TEST(c.reads().job_ids(c.w).empty());
         core::result_filter f;
         f.workflow = c.w;
         BOOST_TEST(c.reads().results(f).total == 0);
       });
}

BOOST_AUTO_TEST_CASE(a_canceled_workflow_stands_still_until_it_is_told_to_go_on) {
  race([](course& c) { c.send(core::control{core::cancel_workflow{c.w}}); },
       [](course& c) {
         BOOST_TEST(!c.has({job_status::ready, job_status::pending, job_status::running}));
         const auto before = c.reads().job_counts(c.w);
         c.work_off(c.g);
         BOOST_TEST((c.reads().job_counts(c.w) == before), "late ends change nothing");
         all_succeed(c);
       });
}

BOOST_AUTO_TEST_CASE(ends_of_an_earlier_run_end_no_job_that_was_reset) {
  race(
      [](course& c) {
        c.send(core::control{core::reset_jobs{c.w, false, {}}});
      },
      [](course& c) {
        c.verify_statuses(c.w, {{job_status::uninitialized, course::count}});
        auto late = std::exchange(c.g.heard->orders, {});
        c.admit(core::admit_mode::all);
        auto fresh = std::exchange(c.g.heard->orders, std::move(late));
        c.work_off(c.g);
        BOOST_TEST(!c.has({job_status::completed}));
        c.g.heard->orders = std::move(fresh);
        all_succeed(c);
      });
}

BOOST_AUTO_TEST_CASE(failed_jobs_are_reset_with_what_comes_after_them) {
  race(
      job_status::failed,
      [](course& c) {
        if (auto failed = c.reads().failed_closure(c.w); !failed.empty())
          c.send(core::control{core::reset_jobs{c.w, true, failed}});
      },
      all_succeed);
}

BOOST_AUTO_TEST_CASE(a_retried_job_runs_once_more) {
  for (auto how : {job_status::failed, job_status::terminated, job_status::pending_failed})
    race(
        how,
        [](course& c) {
          c.send(core::control{core::retry_job{c.job(0), c.w, c.run_id, 3}});
        },
        all_succeed);
}

BOOST_AUTO_TEST_CASE(another_run_number_loses_no_job) {
  race(
      [](course& c) {
        auto p = core::put_status{};
        p.row.id = c.w;
        p.row.run_id = c.run_id + 1;
        c.send(core::control{p});
      },
      [](course& c) {
        BOOST_TEST(c.reads().workflow_status(c.w)->run_id == c.run_id + 1);
        all_succeed(c);
      });
}

BOOST_AUTO_TEST_CASE(a_status_that_is_set_by_hand_holds_and_nothing_sticks) {
  for (int which : {2, 6})
    for (auto to : {job_status::ready, job_status::uninitialized})
      race(
          [which, to](course& c) {
            c.send(
                core::control{core::force_status{c.job(which), c.w, c.run_id, to, std::nullopt}});
          },
          all_succeed);
}

BOOST_AUTO_TEST_CASE(a_job_that_was_never_claimed_is_started_and_ended_over_http) {
  core::compute_node_row n;
  n.workflow = must_create(0, {});
  n.hostname = "h";
  n.start_time = "2026-01-31T12:00:00Z";
  n.compute_node_type = "local";
  const auto node = core::node_id{must_edit(core::create<core::compute_node_row>{n}).ids.at(0)};
  for (int which : {2, 6})
    race(
        [which, node](course& c) {
          caf::anon_send(c.rooms.collector,
                         actors::start_call{c.job(which), c.w, c.run_id, node, nullptr});
          auto row = http_end(c, which);
          row.compute_node = node;
          caf::anon_send(c.rooms.collector, actors::complete_call{row, {}, nullptr});
        },
        all_succeed);
}

BOOST_AUTO_TEST_CASE(an_action_is_claimed_by_one) {
  race(
      [](course& c) {
        const auto ask = [&] {
          return c.self->request(
              c.rooms.writer, caf::infinite,
              core::edit{core::claim_action{c.w, c.action, std::nullopt, "2026-01-31T12:00:00Z"}});
        };
        auto one = ask(), other = ask();
        c.run();
        int claimed = 0;
        const auto hear = [&](const actors::edit_reply& r) { claimed += r.outcome.ok(); };
        const auto fail = [&](const caf::error& e) { BOOST_FAIL(c.sys.render(e)); };
        one.receive(hear, fail);
        other.receive(hear, fail);
        BOOST_TEST(claimed == 1);
      },
      all_succeed);
}

BOOST_AUTO_TEST_SUITE_END()
