#include "clients.hpp"

#include <utility>

namespace torc::simulation {

using core::job_status;
using wish = net::api::initializer::wish;

bool meddler::step(bool may_ask) {
  if (!server_.is_up())
    return false;
  if (call_.is_lost(server_) || starting_.is_lost(server_)) {
    call_.forget();
    starting_.forget();
    initializes_next_ = false;
    return true;
  }
  if (auto how = call_.take()) {
    hear(*how);
    return true;
  }
  if (auto how = starting_.take()) {
    env_.found.note("meddler: initialized", *how ? "" : ": " + how->why().message);
    return true;
  }
  if (!may_ask || !is_idle() || rows_.jobs().empty())
    return false;
  if (is_harsh_ && env_.chance.once_in(3) && have_one_wait_again())
    return true;
  auto at = rows_.jobs().begin();
  std::advance(at, env_.chance.roll(static_cast<int64_t>(rows_.jobs().size())));
  // Nobody sees a workflow that is still arriving.
  if (rows_.number("SELECT count(*) FROM submission WHERE workflow_id = " +
                   std::to_string(at->second.workflow)) > 0)
    return false;
  if (env_.chance.once_in(2))
    ask_about_workflow(at->second.workflow);
  else
    ask_about_job(at->second);
  return true;
}

void meddler::ask(core::control what, const std::string& says) {
  env_.found.note("meddler: ", says);
  server_.port().control(std::move(what), call_.begin(server_));
}

/// As the HTTP handlers do: a job that is to run and that no room holds is handed to them.
void meddler::hear(const core::result<core::done>& how) {
  env_.found.note("meddler hears: ", how ? "done" : how.why().message);
  if (std::exchange(initializes_next_, false))
    return start(workflow_, wish::all);
  if (how && how->needs_admission && job_ != 0)
    server_.starter().resume(core::workflow_id{workflow_}, core::job_id{job_},
                             starting_.begin(server_));
}

bool meddler::have_one_wait_again() {
  for (const auto& [id, j] : rows_.jobs()) {
    if (j.status != job_status::ready)
      continue;
    for (const auto b : rows_.blockers(id)) {
      const auto* blocker = rows_.find(b);
      if (!blocker || !core::is_done(blocker->status))
        continue;
      workflow_ = j.workflow;
      job_ = 0;
      initializes_next_ = true;
      rows_.touch_workflow(workflow_);
      ask(core::reset_jobs{core::workflow_id{workflow_}, false, {core::job_id{b}}},
          "reset job " + std::to_string(b) + ", and have job " + std::to_string(id) +
              " wait for it");
      return true;
    }
  }
  return false;
}

void meddler::start(int64_t workflow, wish what) {
  env_.found.note("meddler: initialize workflow ", workflow);
  server_.starter().ask(core::workflow_id{workflow}, what, starting_.begin(server_));
}

void meddler::ask_about_workflow(int64_t workflow) {
  const auto w = core::workflow_id{workflow};
  const auto name = "workflow " + std::to_string(workflow);
  workflow_ = workflow;
  job_ = 0;
  rows_.touch_workflow(workflow);
  switch (env_.chance.roll(9)) {
  case 0:
    return ask(core::cancel_workflow{w}, "cancel " + name);
  case 8: {
    auto put = core::put_status{};
    put.row.id = w;
    put.row.is_canceled = env_.chance.once_in(3);
    put.row.run_id =
        rows_.number("SELECT run_id FROM workflow_status WHERE id = " + std::to_string(workflow));
    return ask(put, "put the status of " + name + (put.row.is_canceled ? ", canceled" : ""));
  }
  case 1:
  case 2:
    return ask(core::reset_status{w, env_.chance.once_in(2)}, "reset the status of " + name);
  case 3:
    return ask(core::reset_jobs{w, false, {}}, "reset all jobs of " + name);
  case 4: {
    auto failed = core::reset_jobs{w, true, {}};
    for (const auto& [id, j] : rows_.jobs())
      if (j.workflow == workflow && core::is_failure(j.status))
        failed.jobs.emplace_back(id);
    if (failed.jobs.empty())
      return;
    return ask(std::move(failed), "reset failed jobs of " + name);
  }
  case 5:
    return start(workflow, wish::only_uninitialized);
  case 6:
    return start(workflow, wish::all);
  default:
    if (env_.chance.once_in(3))
      return ask(core::remove_workflow{w}, "delete " + name);
    return start(workflow, wish::start);
  }
}

void meddler::ask_about_job(const job_now& j) {
  const auto id = core::job_id{j.job};
  const auto w = core::workflow_id{j.workflow};
  const auto name = "job " + std::to_string(j.job);
  const auto run =
      rows_.number("SELECT run_id FROM workflow_status WHERE id = " + std::to_string(j.workflow));
  workflow_ = j.workflow;
  job_ = j.job;
  rows_.touch_workflow(j.workflow);
  switch (env_.chance.roll(7)) {
  case 0:
  case 1:
    return ask(core::retry_job{id, w, run, env_.chance.between(1, 4)}, "retry " + name);
  case 2: {
    auto a = core::amend_job{};
    a.job = id;
    a.workflow = w;
    a.priority = env_.chance.roll(5);
    if (env_.chance.once_in(2))
      a.cancel_on_blocking_job_failure = env_.chance.once_in(2);
    return ask(std::move(a), "amend " + name);
  }
  case 3:
    return ask(core::remove_jobs{w, false, {id}}, "delete " + name);
  case 4: {
    auto f = core::force_status{};
    f.job = id;
    f.workflow = w;
    f.run = env_.chance.once_in(4) ? run + 1 : run;
    constexpr std::array to = {job_status::ready, job_status::disabled, job_status::uninitialized};
    f.status = to[static_cast<size_t>(env_.chance.roll(3))];
    const auto says = "force " + name + " to " + std::string(to_string(f.status));
    return ask(std::move(f), says);
  }
  case 5: {
    auto row = core::requirement_row{};
    row.id.value = rows_.number("SELECT resource_requirements_id FROM job WHERE id = " +
                                std::to_string(j.job));
    row.name = "r";
    row.num_cpus = env_.chance.between(1, 3);
    row.memory = "2g";
    auto a = core::amend_requirement{};
    a.row = row;
    a.row.workflow = w;
    return ask(std::move(a), "amend the requirement of " + name);
  }
  default:
    return;
  }
}

void meddler::make_whole(const std::vector<std::unique_ptr<author>>& authors) {
  for (const auto& a : authors) {
    const auto w = rows_.workflow_of(a->plan().name);
    if (!a->is_done() || !w)
      continue;
    const auto is_canceled = rows_.number("SELECT is_canceled FROM workflow_status WHERE id = " +
                                          std::to_string(*w)) != 0;
    if (is_canceled)
      return ask(core::reset_status{core::workflow_id{*w}, true},
                 "let workflow " + std::to_string(*w) + " go on");
    for (const auto& [id, j] : rows_.jobs())
      if (j.workflow == *w && j.status == job_status::uninitialized)
        return start(*w, wish::all);
  }
}

} // namespace torc::simulation
