#include "cli/run/run_log.hpp"

#include <spdlog/sinks/basic_file_sink.h>
#include <spdlog/sinks/stdout_sinks.h>
#include <spdlog/spdlog.h>

#include <iostream>
#include <vector>

namespace torc::cli {

std::string run_log::path_of(const std::string& output_dir, const std::string& hostname,
                             int64_t workflow, int64_t run) {
  const auto begin = output_dir + "/job_runner_" + hostname;
  if (workflow == 0)
    return begin + "_all.log";
  return begin + "_wf" + std::to_string(workflow) + "_r" + std::to_string(run) + ".log";
}

run_log::run_log(const std::string& output_dir, const std::string& hostname, int64_t workflow,
                 int64_t run, const std::string& level, also where)
    : path_(path_of(output_dir, hostname, workflow, run)) {
  std::vector<spdlog::sink_ptr> sinks;
  try {
    sinks.push_back(std::make_shared<spdlog::sinks::basic_file_sink_mt>(path_));
  } catch (const spdlog::spdlog_ex& e) {
    std::cerr << "warning: no log file: " << e.what() << '\n';
  }
  if (where == also::stdout_too)
    sinks.push_back(std::make_shared<spdlog::sinks::stdout_sink_mt>());
  if (where == also::stderr_too)
    sinks.push_back(std::make_shared<spdlog::sinks::stderr_sink_mt>());
  log_ = std::make_shared<spdlog::logger>("runner", sinks.begin(), sinks.end());
  log_->set_pattern("%Y-%m-%dT%H:%M:%S.%e%z %l %v");
  log_->set_level(spdlog::level::from_str(level));
  log_->flush_on(spdlog::level::info);
}

run_log::~run_log() = default;

void run_log::line(const std::string& text) {
  log_->info(text);
}
void run_log::warn(const std::string& text) {
  log_->warn(text);
}

} // namespace torc::cli
