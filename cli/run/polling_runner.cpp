#include "cli/client/workflow.hpp"
#include "cli/run/host.hpp"
#include "cli/run/polling_job.hpp"
#include "cli/run/runner.hpp"
#include "core/time.hpp"
#include "exec/guardian_link.hpp"

#include <boost/asio/io_context.hpp>

#include <algorithm>
#include <chrono>
#include <csignal>
#include <deque>
#include <limits>
#include <unordered_map>

namespace torc::cli {

namespace {

using steady = std::chrono::steady_clock;

constexpr auto stop_check = std::chrono::milliseconds(100); ///< how soon Ctrl-C is noticed

core::instant now() {
  return {exec::wall_clock_us()};
}

/// The loop of a runner that has to ask: one thread, one request at a time, as torc's own.
class polling_runner {
public:
  polling_runner(api& server, const runner_job& what, exec::guardian_handle& guardian)
      : server_(server), what_(what), free_(what.options.room),
        link_(io_, std::move(guardian),
              {.on_started = {},
               .on_exit = [this](auto exits) { heard(std::move(exits)); },
               .on_lost = [this](auto tags) { lost(std::move(tags)); }}) {}

  core::result<actors::runner_report> run() {
    const auto began = steady::now();
    if (auto ok = add_node(); !ok)
      return ok.why();
    last_work_ = began;
    idle_since_ = began;
    while (auto ok = step())
      if (*ok == at_end)
        break;
      else
        wait();
    if (auto failed = failure_)
      return *failed;
    leave(std::chrono::duration<double>(steady::now() - began).count());
    report_.wall_seconds = std::chrono::duration<double>(steady::now() - began).count();
    return report_;
  }

private:
  static constexpr bool at_end = true;

  /// Everything there is to do now. @returns at_end when the runner has nothing to wait for
  core::result<bool> step() {
    const int level = what_.stop->load();
    if (level >= 2 && !killed_) {
      killed_ = true;
      link_.kill_all();
    }
    if (auto ok = report_exits(); !ok)
      return keep(ok.why());
    if (level > 0)
      report_.drained = true;
    const bool may_start = level == 0 && !complete_;
    if (may_start && (steady::now() >= next_ask_ || freed_)) {
      freed_ = false;
      if (auto ok = ask(); !ok)
        return keep(ok.why());
    }
    count_idle();
    if (!running_.empty())
      return !at_end;
    const auto idle = std::chrono::seconds(what_.idle_exit_s);
    const bool waited_enough = what_.idle_exit_s > 0 && steady::now() - last_work_ > idle;
    return complete_ || level > 0 || waited_enough;
  }

  void wait() {
    io_.restart();
    io_.run_one_for(stop_check);
    io_.poll();
  }

  core::error keep(core::error e) {
    failure_ = e;
    return e;
  }

  core::result<core::nothing> add_node() {
    const auto host = detect_host();
    const auto& room = what_.options.room;
    json::object node;
    node["workflow_id"] = what_.workflow;
    node["hostname"] = host.hostname;
    node["pid"] = static_cast<int64_t>(::getpid());
    node["start_time"] = core::to_iso8601(now());
    node["is_active"] = true;
    node["num_cpus"] = room.num_cpus;
    node["memory_gb"] = in_gib(room.memory_bytes);
    node["num_gpus"] = room.num_gpus;
    node["num_nodes"] = room.num_nodes;
    node["compute_node_type"] = "local";
    if (!room.labels.empty())
      node["labels"] = to_array(room.labels);
    auto made = server_.post("/compute_nodes", node);
    if (!made)
      return made.why();
    node_ = *made;
    node_id_ = integer_member(*made, "id");
    return core::nothing{};
  }

  void leave(double seconds) {
    if (!node_.is_object())
      return;
    node_.as_object()["is_active"] = false;
    node_.as_object()["duration_seconds"] = seconds;
    // The work is done and reported; a node that looks active for ever is a small harm.
    (void)server_.put("/compute_nodes/" + std::to_string(node_id_), node_);
  }

  void heard(std::vector<exec::job_exit> exits) {
    for (auto& e : exits)
      exits_.push_back(std::move(e));
  }

  void lost(const std::vector<int64_t>& tags) {
    what_.log->warn("the process that starts jobs is gone; its jobs were ended");
    for (const auto tag : tags) {
      exec::job_exit e;
      e.tag = tag;
      e.return_code = 128 + SIGKILL;
      e.signaled = true;
      e.start_us = e.end_us = exec::wall_clock_us();
      exits_.push_back(e);
    }
    what_.stop->store(1);
  }

  core::result<core::nothing> report_exits() {
    while (!exits_.empty()) {
      const auto e = std::move(exits_.front());
      exits_.pop_front();
      const auto it = running_.find(e.tag);
      if (it == running_.end())
        continue;
      const auto job = std::move(it->second);
      running_.erase(it);
      give_back(job.needs);
      freed_ = true;
      last_work_ = steady::now();
      if (auto ok = report_end(job, e); !ok)
        return ok;
    }
    return core::nothing{};
  }

  /// What a second Ctrl-C kills is to run again. @returns false where the server does not want that
  core::result<bool> retried(const polled_job& job) {
    const auto sent =
        server_.send("POST",
                     "/jobs/" + std::to_string(job.id) + "/retry/" + std::to_string(what_.run_id) +
                         "?max_retries=" + std::to_string(std::numeric_limits<int32_t>::max()),
                     "{}");
    if (!sent)
      return sent.why();
    if (sent->ok())
      what_.log->line("job " + std::to_string(job.id) + " (" + job.name +
                      ") killed, given back for another attempt");
    return sent->ok();
  }

  core::result<core::nothing> report_end(const polled_job& job, const exec::job_exit& e) {
    auto end = judge(server_, job, e, killed_);
    if (end.status == core::job_status::terminated) {
      const auto again = retried(job);
      if (!again)
        return again.why();
      if (*again)
        return core::nothing{};
    }
    (end.status == core::job_status::completed ? report_.completed : report_.failed)++;
    what_.log->line("job " + std::to_string(job.id) + " (" + job.name + ") " +
                    std::string(core::to_string(end.status)) + ", return code " +
                    std::to_string(end.return_code));
    const auto body = result_body(job, e, end, what_.workflow, what_.run_id, node_id_);
    const auto sent = server_.send("POST",
                                   "/jobs/" + std::to_string(job.id) + "/complete_job/" +
                                       std::string(core::to_string(end.status)) + "/" +
                                       std::to_string(what_.run_id),
                                   body);
    if (!sent)
      return sent.why();
    // 422: somebody has ended the job meanwhile, by canceling the workflow for example.
    if (!sent->ok())
      what_.log->warn("job " + std::to_string(job.id) + ": " + error_of(*sent).message);
    return core::nothing{};
  }

  core::result<core::nothing> ask() {
    next_ask_ = steady::now() + std::chrono::duration_cast<steady::duration>(
                                    std::chrono::duration<double>(what_.options.poll_interval_s));
    const auto state = server_.get(workflow_path(what_.workflow, "/is_complete"));
    if (!state)
      return state.why();
    report_.canceled = bool_member(*state, "is_canceled");
    complete_ = report_.canceled || bool_member(*state, "is_complete");
    if (report_.canceled)
      link_.kill_all();
    if (complete_)
      return core::nothing{};
    const auto claim = claim_request(what_, free_, running_.size());
    if (claim.limit <= 0)
      return core::nothing{};
    const auto claimed = server_.call("POST", claim.path, claim.body);
    if (!claimed)
      return claimed.why();
    const auto& jobs = list_member(*claimed, "jobs");
    for (const auto& job : jobs)
      if (auto ok = start(job); !ok)
        return ok;
    return core::nothing{};
  }

  core::result<core::nothing> start(const json::value& claimed) {
    auto job = read_polled_job(claimed);
    if (auto needs = needs_of(job); needs)
      job.needs = *needs;
    else
      return needs.why();
    const auto path = "/jobs/" + std::to_string(job.id) + "/start_job/" +
                      std::to_string(what_.run_id) + "/" + std::to_string(node_id_);
    if (const auto started = server_.put(path, json::object()); !started) {
      if (started.why().why == core::refusal::unavailable)
        return started.why();
      what_.log->warn("job " + std::to_string(job.id) + " not started: " + started.why().message);
      return core::nothing{};
    }
    take(job.needs);
    ++report_.started;
    last_work_ = steady::now();
    link_.launch(command_of(job, what_, server_.url()));
    running_.emplace(job.id, std::move(job));
    return core::nothing{};
  }

  /// Nearly all jobs share a handful of requirements: each is asked for once.
  core::result<core::needs> needs_of(const polled_job& job) {
    if (job.requirement == 0)
      return core::needs{};
    if (const auto known = needs_.find(job.requirement); known != needs_.end())
      return known->second;
    const auto row = server_.get("/resource_requirements/" + std::to_string(job.requirement));
    if (!row)
      return row.why();
    auto needs = read_needs(*row);
    if (needs)
      needs_.emplace(job.requirement, *needs);
    return needs;
  }

  void take(const core::needs& n) { change(n, -1); }
  void give_back(const core::needs& n) { change(n, 1); }
  void change(const core::needs& n, int32_t sign) {
    free_.num_cpus += sign * n.num_cpus;
    free_.num_gpus += sign * n.num_gpus;
    free_.memory_bytes += sign * n.memory_bytes;
  }

  void count_idle() {
    const auto t = steady::now();
    const auto slots = what_.options.slots > 0 ? what_.options.slots : what_.options.room.num_cpus;
    const auto busy =
        std::min<double>(1, static_cast<double>(running_.size()) / std::max(slots, 1));
    report_.idle_seconds += (1 - busy) * std::chrono::duration<double>(t - idle_since_).count();
    idle_since_ = t;
  }

  api& server_;
  const runner_job& what_;
  boost::asio::io_context io_;
  core::capacity free_;
  json::value node_;
  int64_t node_id_ = 0;
  std::unordered_map<int64_t, core::needs> needs_;
  std::unordered_map<int64_t, polled_job> running_;
  std::deque<exec::job_exit> exits_; ///< heard, not yet reported
  actors::runner_report report_;
  std::optional<core::error> failure_;
  steady::time_point next_ask_, last_work_, idle_since_;
  bool freed_ = true; ///< a slot became free since the last claim
  bool complete_ = false, killed_ = false;
  exec::guardian_link link_;
};

} // namespace

core::result<actors::runner_report> run_polling(api& server, const runner_job& what,
                                                exec::guardian_handle& guardian) {
  polling_runner runner(server, what, guardian);
  return runner.run();
}

} // namespace torc::cli
