#include "cli/client/workflow.hpp"
#include "cli/tui/browser.hpp"
#include "core/time.hpp"

#include <algorithm>
#include <chrono>
#include <initializer_list>

namespace torc::cli::tui {

namespace {

/// What a job that is canceled by hand leaves behind.
std::string canceled_result(int64_t job, int64_t workflow, int64_t run, int64_t attempt,
                            int64_t node, const std::string& user) {
  const auto now = std::chrono::duration_cast<std::chrono::microseconds>(
      std::chrono::system_clock::now().time_since_epoch());
  return json::serialize(json::object{{"job_id", job},
                                      {"workflow_id", workflow},
                                      {"run_id", run},
                                      {"attempt_id", attempt},
                                      {"compute_node_id", node},
                                      {"return_code", 1},
                                      {"exec_time_minutes", 0.0},
                                      {"completion_time", core::to_iso8601({now.count()})},
                                      {"status", "canceled"},
                                      {"user", user}});
}

bool one_of(const std::string& status, std::initializer_list<std::string_view> those) {
  return std::find(those.begin(), those.end(), status) != those.end();
}

} // namespace

browser::menu browser::actions() const {
  menu m;
  const auto id = workflow_ > 0 ? workflow_ : 0;
  m.title = id > 0 ? "Workflow " + std::to_string(id) : "Actions";
  if (runner_.running) {
    m.items.push_back({"Stop the runner started here, when its jobs have ended", act::stop});
    m.items.push_back({"Kill the runner started here, and its jobs", act::kill});
  }
  if (id > 0) {
    // Only what the server would not refuse.
    const auto* row = jobs_shown() ? jobs_shown()->chosen() : nullptr;
    const auto status = row                ? row->status
                        : at_ == view::job ? text_member(job_.job, "status")
                                           : std::string();
    if (one_of(status, {"failed", "terminated", "running"}))
      m.items.push_back({"Retry this job", act::retry_job});
    if (one_of(status, {"uninitialized", "blocked", "ready", "pending", "running"}))
      m.items.push_back({"Cancel this job", act::cancel_job});
    if (!runner_.running)
      m.items.push_back({"Run: start a runner on this machine", act::run});
    m.items.push_back({"Cancel the workflow", act::cancel});
    m.items.push_back({"Reset failed jobs and those after them", act::reset_failed});
    m.items.push_back({"Reset all jobs for a new run", act::reset_all});
  }
  m.items.push_back({"Quit", act::quit});
  return m;
}

browser::menu browser::filters() const {
  menu m;
  m.title = "Show jobs that are";
  const auto add = [&m](const char* label, const char* statuses) {
    m.items.push_back({label, act::filter, {label, statuses}});
  };
  if (at_ == view::results) {
    add("ended", "completed,failed,canceled,terminated,pending_failed");
    add("failed", "failed,terminated,pending_failed");
    add("completed", "completed");
    add("canceled", "canceled");
    return m;
  }
  add("all", "");
  add("running", "pending,running");
  add("ready", "ready");
  add("blocked", "blocked");
  add("failed", "failed,terminated,pending_failed");
  add("completed", "completed");
  add("canceled", "canceled");
  add("uninitialized", "uninitialized");
  add("disabled", "disabled");
  return m;
}

browser::menu browser::orders() const {
  menu m;
  m.title = "Sort by (O turns it round)";
  const auto add = [&m](const char* label, const char* column) {
    m.items.push_back({label, act::order, {label, column}});
  };
  add("id", "id");
  add("name", "name");
  add("status", "status");
  add("stage", "stage");
  add("return code", "return_code");
  add("run time", "exec_time_minutes");
  add("memory", "peak_memory_bytes");
  add("end", "completion_time");
  return m;
}

void browser::choose(const menu_item& item) {
  auto* list = jobs_shown();
  if (item.what == act::filter && list) {
    list->filter = item.choice;
    if (item.choice.value.empty()) {
      list->stage.reset();
      list->search.clear();
    }
  } else if (item.what == act::order && list) {
    list->reverse = item.choice.value == list->order.value ? !list->reverse : false;
    list->order = item.choice;
  } else {
    return perform(item.what);
  }
  list->begin();
  ask_now();
}

/// Asks before what cannot be taken back.
void browser::perform(act what) {
  const auto name = "workflow " + std::to_string(workflow_);
  const auto ask_first = [&](const std::string& question) {
    prompt_ = prompt{question + " (y/n)", what, ""};
  };
  switch (what) {
  case act::quit:
    if (!runner_.running)
      return do_it(what);
    return ask_first(settings_.owns_server ? "Quit, and kill the runner that was started here?"
                                           : "Quit? The runner that was started here goes on.");
  case act::cancel:
    return ask_first("Cancel " + name + "?");
  case act::reset_failed:
    return ask_first("Reset the failed jobs of " + name + "?");
  case act::reset_all:
    return ask_first("Reset all jobs of " + name + "?");
  case act::cancel_job:
    return ask_first("Cancel this job?");
  case act::kill:
    return ask_first("Kill the runner and its jobs?");
  default:
    return do_it(what);
  }
}

void browser::do_it(act what) {
  ask a;
  a.what = topic::action;
  a.workflow = workflow_;
  const auto name = "workflow " + std::to_string(workflow_);
  switch (what) {
  case act::quit:
    quits_ = true;
    return;
  case act::run:
    run_wanted_ = workflow_;
    return;
  case act::stop:
  case act::kill:
    stop_wanted_ = what == act::kill ? 2 : 1;
    note_ = what == act::kill ? "the runner is killed" : "the runner ends with its running jobs";
    return;
  case act::cancel:
    a.method = "PUT";
    a.path = workflow_path(workflow_, "/cancel");
    a.body = json::serialize(json::object{{"user", settings_.user}});
    a.done = name + " is canceled";
    break;
  case act::reset_failed:
    a.chain = ask::steps::reset_failed;
    a.done = "the failed jobs of " + name + " are reset";
    break;
  case act::reset_all:
    a.chain = ask::steps::reset_all;
    a.done = "all jobs of " + name + " are reset";
    break;
  default:
    return do_to_job(what);
  }
  asks_.push_back(std::move(a));
}

void browser::do_to_job(act what) {
  const auto* list = jobs_shown();
  const auto* row = list ? list->chosen() : nullptr;
  const auto id = row ? row->id : job_.id;
  if (id == 0)
    return;
  const auto attempt = row ? row->attempt : integer_member(job_.job, "attempt_id", 1);
  const auto run = row && row->run > 0 ? row->run : progress_.run;
  ask a;
  a.what = topic::action;
  a.method = "POST";
  a.workflow = workflow_;
  const auto job = "/jobs/" + std::to_string(id);
  if (what == act::retry_job) {
    a.path = job + "/retry/" + std::to_string(run) + "?max_retries=" + std::to_string(attempt + 1);
    a.body = "{}";
    a.done = "job " + std::to_string(id) + " is tried again";
  } else if (what == act::cancel_job) {
    a.path = job + "/complete_job/canceled/" + std::to_string(run);
    a.body = canceled_result(id, workflow_, run, attempt, row ? row->node : 0, settings_.user);
    a.done = "job " + std::to_string(id) + " is canceled";
  }
  asks_.push_back(std::move(a));
}

/// Only when somebody wants to know: the server reads the whole graph for it.
void browser::ask_why() {
  const auto* list = jobs_shown();
  const auto* row = list ? list->chosen() : nullptr;
  const auto id = row ? row->id : at_ == view::job ? job_.id : 0;
  if (id == 0)
    return;
  note_ = "asking the server why job " + std::to_string(id) + " is as it is ...";
  ask_for(topic::reasons, "/jobs/" + std::to_string(id) + "/explain");
}

} // namespace torc::cli::tui
