#include "actors/runner_hands.hpp"

#include "exec/guardian_link.hpp"

#include <csignal>
#include <utility>

namespace torc::actors {

namespace {

core::wire::ended ended_of(const exec::job_exit& e) {
  auto out = core::wire::ended{};
  out.what.grant = e.tag;
  out.return_code = e.return_code;
  out.start_us = e.start_us;
  out.end_us = e.end_us;
  out.peak_memory_bytes = e.max_rss_bytes;
  out.cpu_us = e.user_us + e.sys_us;
  return out;
}

class guardian_hands final : public hands {
public:
  guardian_hands(boost::asio::io_context& io, exec::guardian_handle& jobs, std::string output_dir,
                 std::string api_url, const exec::last_will& will,
                 std::function<void(const std::string&)> log, std::function<void(hands_news)> tell)
      : output_dir_(std::move(output_dir)), api_url_(std::move(api_url)), log_(std::move(log)),
        tell_(std::move(tell)), link_(io, std::move(jobs), events()) {
    if (!will.request.empty())
      link_.bequeath(will);
  }

  void launch(core::wire::order what) override {
    auto& a = what.what;
    auto files = exec::stdio_paths_of(output_dir_, core::workflow_id{what.workflow},
                                      core::job_id{a.job}, a.run, a.attempt_id);
    auto c = exec::job_command{};
    c.tag = a.grant;
    c.command = std::move(what.command);
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
    link_.launch(std::move(c));
  }

  void kill(int64_t grant) override { link_.signal(grant, SIGKILL); }
  void retire() override { link_.bequeath({}); }

private:
  exec::guardian_events events() {
    return {[this](const std::vector<exec::job_started>& all) { on_started(all); },
            [this](const std::vector<exec::job_exit>& all) { on_exit(all); },
            [this](std::vector<int64_t> open) {
              auto news = hands_news{};
              news.lost = true;
              news.open = std::move(open);
              tell_(std::move(news));
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
      if (e.spawn_failed && log_)
        log_("cannot start a job: " + e.why);
    }
    tell_(std::move(news));
  }

  std::string output_dir_, api_url_;
  std::function<void(const std::string&)> log_;
  std::function<void(hands_news)> tell_;
  exec::guardian_link link_;
};

} // namespace

make_hands hands_of(exec::guardian_handle& jobs, const runner_settings& settings) {
  return [&jobs, dir = settings.output_dir, url = settings.api_url,
          will = settings.last_will ? settings.last_will(settings.instance) : exec::last_will{},
          log = settings.log](boost::asio::io_context& io, std::function<void(hands_news)> tell) {
    return std::make_unique<guardian_hands>(io, jobs, dir, url, will, log, std::move(tell));
  };
}

} // namespace torc::actors
