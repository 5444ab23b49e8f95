#include "actors/runner_hands.hpp"

#include "exec/guardian_link.hpp"

#include <algorithm>
#include <csignal>
#include <optional>
#include <unordered_map>
#include <utility>

namespace torc::actors {

namespace {

/// A job that never ran must not look like one that ended well.
constexpr int32_t cannot_start = 1;

core::wire::ended ended_of(const exec::job_exit& e) {
  auto out = core::wire::ended{};
  out.what.grant = e.tag;
  out.return_code = e.spawn_failed ? cannot_start : e.return_code;
  out.start_us = e.start_us;
  out.end_us = e.end_us;
  out.peak_memory_bytes = e.max_rss_bytes;
  out.cpu_us = e.user_us + e.sys_us;
  return out;
}

/// The job's part in its trace: where its process stands, and its own span when it has ended.
class run_spans {
public:
  run_spans(std::function<void(telemetry::finished_span)> tell,
            std::optional<telemetry::trace_context> link)
      : tell_(std::move(tell)), link_(link) {}

  void trace(const core::wire::trace_seed& s) { seed_ = {s.high, s.low, s.bound}; }

  /// "TRACEPARENT=..." for the job's environment; empty where jobs are not traced.
  std::string begin(const core::wire::order& what) {
    if (!seed_.traces())
      return {};
    const auto of = telemetry::job_run{what.workflow, what.what.job, what.what.run};
    const auto attempt = what.what.attempt_id;
    auto here = telemetry::trace_context{trace_of(seed_, of), 0, false};
    here.sampled = seed_.keeps(here.trace);
    const auto above = span_of(seed_, of, telemetry::job_part::attempt, attempt);
    // Without an exporter the run's span would never be seen, and its children hang in the air.
    here.span = tell_ ? span_of(seed_, of, telemetry::job_part::run, attempt) : above;
    if (tell_ && here.sampled)
      open_[what.what.grant] = {here, above, what};
    return "TRACEPARENT=" + to_traceparent(here);
  }

  void end(const exec::job_exit& e) {
    const auto at = open_.find(e.tag);
    if (at == open_.end())
      return;
    const auto& o = at->second;
    telemetry::finished_span s;
    s.trace = o.here.trace;
    s.id = o.here.span;
    s.parent = o.parent;
    s.name = "run";
    s.what = telemetry::finished_span::kind::consumer;
    s.start_us = e.start_us;
    s.end_us = std::max(e.start_us, e.end_us);
    s.link = link_;
    s.failed = e.return_code != 0;
    if (s.failed)
      s.why = e.spawn_failed ? e.why : "return code " + std::to_string(e.return_code);
    s.attributes = {{"torc.workflow.id", o.what.workflow},
                    {"torc.job.id", o.what.what.job},
                    {"torc.job.name", o.what.name},
                    {"torc.run.id", o.what.what.run},
                    {"torc.attempt.id", int64_t{o.what.what.attempt_id}},
                    {"process.exit.code", int64_t{e.return_code}},
                    {"torc.job.cpu_us", e.user_us + e.sys_us},
                    {"torc.job.peak_memory_bytes", e.max_rss_bytes}};
    open_.erase(at);
    tell_(std::move(s));
  }

private:
  struct open_run {
    telemetry::trace_context here;
    uint64_t parent = 0;
    core::wire::order what; ///< without its command
  };
  std::function<void(telemetry::finished_span)> tell_;
  std::optional<telemetry::trace_context> link_;
  telemetry::trace_seed seed_;
  std::unordered_map<int64_t, open_run> open_; ///< by grant
};

class guardian_hands final : public hands {
public:
  guardian_hands(boost::asio::io_context& io, exec::guardian_handle& jobs, const runner_settings& s,
                 std::shared_ptr<exec::last_will> unsaid, std::function<void(hands_news)> tell)
      : output_dir_(s.output_dir), api_url_(s.api_url), log_(s.log), tell_(std::move(tell)),
        will_(s.last_will ? s.last_will(s.instance) : exec::last_will{}),
        unsaid_(std::move(unsaid)), spans_(s.on_span, s.started_by),
        link_(io, std::move(jobs), events()) {
    if (!will_.empty())
      link_.bequeath(will_);
  }

  void launch(core::wire::order what) override {
    auto& a = what.what;
    auto files = exec::stdio_paths_of(output_dir_, core::workflow_id{what.workflow},
                                      core::job_id{a.job}, a.run, a.attempt_id);
    auto c = exec::job_command{};
    c.tag = a.grant;
    c.command = std::exchange(what.command, {});
    c.stdout_path = std::move(files.out);
    c.stderr_path = std::move(files.err);
    c.env_add = {"TORC_WORKFLOW_ID=" + std::to_string(what.workflow),
                 "TORC_JOB_ID=" + std::to_string(a.job),
                 "TORC_JOB_NAME=" + what.name,
                 "TORC_ATTEMPT_ID=" + std::to_string(a.attempt_id),
                 "TORC_RUN_ID=" + std::to_string(a.run),
                 "TORC_OUTPUT_DIR=" + output_dir_};
    if (!api_url_.empty())
      c.env_add.push_back("TORC_API_URL=" + api_url_);
    if (auto where = spans_.begin(what); !where.empty())
      c.env_add.push_back(std::move(where));
    exec::add_unless_there(c.env_add, std::exchange(what.env, {}));
    link_.launch(std::move(c));
  }

  void trace(const core::wire::trace_seed& s) override { spans_.trace(s); }
  void kill(int64_t grant) override { link_.signal(grant, SIGKILL); }
  void retire() override {
    link_.bequeath({});
    *unsaid_ = {};
  }

private:
  exec::guardian_events events() {
    return {[this](const std::vector<exec::job_started>& all) { on_started(all); },
            [this](const std::vector<exec::job_exit>& all) { on_exit(all); },
            [this](std::vector<int64_t> open) {
              *unsaid_ = will_;
              auto news = hands_news{};
              news.lost = true;
              news.open = std::move(open);
              tell_(std::move(news));
            },
            [this](const std::string& text) {
              if (log_)
                log_(text);
            }};
  }

  void on_started(const std::vector<exec::job_started>& all) {
    auto news = hands_news{};
    for (auto& s : all)
      news.started.push_back({s.tag, s.start_us});
    tell_(std::move(news));
  }

  void on_exit(const std::vector<exec::job_exit>& all) {
    auto news = hands_news{};
    for (auto& e : all) {
      news.ended.push_back(ended_of(e));
      spans_.end(e);
      if (e.spawn_failed && log_)
        log_("cannot start a job: " + e.why);
    }
    tell_(std::move(news));
  }

  std::string output_dir_, api_url_;
  std::function<void(const std::string&)> log_;
  std::function<void(hands_news)> tell_;
  exec::last_will will_;
  std::shared_ptr<exec::last_will> unsaid_;
  run_spans spans_;
  exec::guardian_link link_;
};

} // namespace

make_hands hands_of(exec::guardian_handle& jobs, const runner_settings& settings,
                    std::shared_ptr<exec::last_will> unsaid) {
  return [&jobs, s = settings, unsaid = std::move(unsaid)](boost::asio::io_context& io,
                                                           std::function<void(hands_news)> tell) {
    return std::make_unique<guardian_hands>(io, jobs, s, unsaid, std::move(tell));
  };
}

} // namespace torc::actors
