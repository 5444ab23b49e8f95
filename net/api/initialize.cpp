#include "net/api/initialize.hpp"

#include "core/image.hpp"
#include "net/api/all.hpp"
#include "net/api/tasks.hpp"
#include "net/event_hub.hpp"
#include "telemetry/call_span.hpp"

#include <algorithm>
#include <optional>

namespace torc::net::api {

namespace {

/// What a worker makes of a workflow's rows.
struct planned {
  std::optional<core::error> wrong;
  core::admission admission;
  std::vector<core::job_id> jobs;
  std::vector<uint32_t> stages;
  int64_t run = 0;
};

planned plan_on(core::read_model& r, core::workflow_id workflow, core::admit_mode mode,
                const port& house) {
  planned p;
  // Before the rows: they may know of later turns, too.
  const auto turn = house.progress()->turn;
  auto facts = r.facts_for_admission(workflow);
  if (!facts) {
    p.wrong = facts.why();
    return p;
  }
  auto admission = core::plan_admission(*facts, mode, p.stages);
  if (!admission) {
    p.wrong = admission.why();
    return p;
  }
  p.admission = std::move(*admission);
  p.admission.read_at_turn = turn;
  p.run = facts->run;
  p.jobs.reserve(facts->jobs.size());
  for (const auto& job : facts->jobs)
    p.jobs.push_back(job.job);
  return p;
}

} // namespace

void initializer::ask(core::workflow_id workflow, wish what, told tell) {
  auto& line = lines_[workflow];
  const auto same =
      std::find_if(line.begin(), line.end(), [&](const group& g) { return g.what == what; });
  if (same != line.end()) {
    same->waiting.push_back(std::move(tell));
    return;
  }
  line.push_back({what, {std::move(tell)}, {}, telemetry::current_call()});
  if (line.size() == 1)
    run(workflow);
}

/// A call that is under way may have read the rows before the job's was written: not joined.
void initializer::resume(core::workflow_id workflow, core::job_id job, told tell) {
  auto& line = lines_[workflow];
  if (line.size() < 2 || line.back().what != wish::resume)
    line.push_back({wish::resume, {}, {}, telemetry::current_call()});
  line.back().waiting.push_back(std::move(tell));
  line.back().resumed.push_back(job);
  if (line.size() == 1)
    run(workflow);
}

void initializer::run(core::workflow_id workflow) {
  const auto what = lines_[workflow].front().what;
  const telemetry::working_on here(lines_[workflow].front().call);
  if (what == wish::resume)
    return plan(workflow, what);
  if (what != wish::all)
    return begin(workflow, what);
  services_.house.control(
      core::take_back_claims{workflow},
      [self = shared_from_this(), workflow, what](const core::result<core::done>& r) {
        if (r)
          self->begin(workflow, what);
        else
          self->finish(workflow, r.why());
      });
}

void initializer::begin(core::workflow_id workflow, wish what) {
  const bool fresh = what == wish::start;
  services_.house.edit(core::begin_initialize{workflow, fresh, fresh},
                       [self = shared_from_this(), workflow, what](core::result<core::edited> r) {
                         if (!r)
                           self->finish(workflow, r.why());
                         else if (what == wish::start && r->count == 0)
                           self->tell_run(workflow);
                         else
                           self->plan(workflow, what);
                       });
}

void initializer::plan(core::workflow_id workflow, wish what) {
  const auto mode = what == wish::only_uninitialized ? core::admit_mode::only_uninitialized
                    : what == wish::resume           ? core::admit_mode::resumed
                                                     : core::admit_mode::all;
  read_then(
      services_,
      [workflow, mode, house = &services_.house](core::read_model& r) {
        return plan_on(r, workflow, mode, *house);
      },
      [self = shared_from_this(), workflow, what](planned p) {
        if (p.wrong)
          return self->finish(workflow, *p.wrong);
        p.admission.resumed = self->lines_[workflow].front().resumed;
        self->services_.house.admit(
            std::move(p.admission), std::move(p.jobs), std::move(p.stages),
            [self, workflow, what, run = p.run](const core::result<core::receipt>& r) {
              if (r && r->turn == 0) // Somebody changed the workflow meanwhile.
                return self->plan(workflow, what);
              if (r && what != wish::resume)
                self->publish(workflow, what);
              self->finish(workflow, r ? core::result<outcome>{outcome{true, run}} : r.why());
            });
      });
}

void initializer::publish(core::workflow_id workflow, wish what) {
  // torc's names, the way round that it has them.
  const bool first = what != wish::all;
  const std::string_view type = first ? "workflow_started" : "workflow_reinitialized";
  std::string data;
  json::object(data).add("category", "workflow").add("type", type).close();
  services_.events->publish(workflow, type, event_hub::severity::info, data);
}

void initializer::tell_run(core::workflow_id workflow) {
  read_then(
      services_, [workflow](core::read_model& r) { return r.workflow_status(workflow); },
      [self = shared_from_this(), workflow](std::optional<core::workflow_status_row> row) {
        if (row)
          self->finish(workflow, outcome{false, row->run_id});
        else
          self->finish(workflow, no_workflow(workflow));
      });
}

void initializer::finish(core::workflow_id workflow, const core::result<outcome>& how) {
  const auto line = lines_.find(workflow);
  const auto done = std::move(line->second.front());
  line->second.pop_front();
  if (line->second.empty())
    lines_.erase(line);
  else
    run(workflow);
  auto each = how;
  for (const auto& tell : done.waiting) {
    tell(each);
    if (each)
      each->initialized = false; // the joined calls did not do it
  }
}

namespace {

/// The traces of the jobs are linked to who started them.
void link_traces(const services& s, const call& c) {
  if (!s.settings.traces || !c->context() || !c->context()->sampled)
    return;
  telemetry::job_note n;
  n.what = telemetry::job_note::kind::linked;
  n.of.workflow = c->number(0);
  n.link = c->context();
  s.settings.traces->hear({std::move(n)});
}

/// Answers with a task that the caller may ask about while it is done.
void initialize_later(const services& s, const call& c, initializer& starter,
                      initializer::wish what) {
  const core::workflow_id workflow{c->number(0)};
  const auto task = s.tasks->begin(workflow, "initialize_jobs");
  if (!task)
    return c->refuse(core::refuse(core::refusal::conflict,
                                  "a task of workflow " + std::to_string(workflow.value) +
                                      " is under way already; wait for that one"));
  starter.ask(workflow, what,
              [book = s.tasks, id = task->id](const core::result<initializer::outcome>& how) {
                book->end(id, how ? "" : how.why().message);
              });
  std::string body;
  put_task(body, *task);
  c->answer_json(std::move(body), 202);
}

} // namespace

void add_initialize(router& to, const services& s, const std::shared_ptr<initializer>& starter) {
  to.on("POST", "/workflows/{id}/initialize_jobs", [&s, starter](const call& c) {
    query_reader q(c->in());
    const bool some = q.flag("only_uninitialized").value_or(false);
    const bool later = q.flag("async").value_or(false);
    q.flag("clear_ephemeral_user_data");
    if (q.refused(c))
      return;
    using wish = initializer::wish;
    const auto what = some ? wish::only_uninitialized : wish::all;
    link_traces(s, c);
    if (later)
      return with_workflow(s, c, core::workflow_id{c->number(0)},
                           [&s, c, starter, what] { initialize_later(s, c, *starter, what); });
    starter->ask(core::workflow_id{c->number(0)}, what,
                 unless_refused<initializer::outcome>(c, [c](const initializer::outcome&) {
                   c->answer_json(R"({"message":"Initialized job status"})");
                 }));
  });
  to.on("POST", "/workflows/{id}/start", [&s, starter](const call& c) {
    link_traces(s, c);
    starter->ask(core::workflow_id{c->number(0)}, initializer::wish::start,
                 unless_refused<initializer::outcome>(c, [c](const initializer::outcome& how) {
                   std::string body;
                   json::object o(body);
                   o.add("initialized", how.initialized).add("run_id", how.run).close();
                   c->answer_json(std::move(body));
                 }));
  });
}

} // namespace torc::net::api
