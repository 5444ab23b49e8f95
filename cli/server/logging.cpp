#include "cli/server/logging.hpp"

#include "core/time.hpp"

#include <boost/json.hpp>
#include <spdlog/sinks/rotating_file_sink.h>
#include <spdlog/sinks/stdout_sinks.h>
#include <spdlog/spdlog.h>

#include <chrono>

namespace torc::cli {

namespace {

constexpr size_t file_bytes = 10 << 20;
constexpr size_t files_kept = 5;

std::string_view view(spdlog::string_view_t text) {
  return {text.data(), text.size()};
}

/// One JSON object a line, whatever the message holds.
class json_formatter final : public spdlog::formatter {
public:
  void format(const spdlog::details::log_msg& msg, spdlog::memory_buf_t& dest) override {
    const auto us =
        std::chrono::duration_cast<std::chrono::microseconds>(msg.time.time_since_epoch()).count();
    boost::json::object o;
    o["timestamp"] = core::to_iso8601({us});
    o["level"] = view(spdlog::level::to_string_view(msg.level));
    o["message"] = view(msg.payload);
    const auto line = boost::json::serialize(o) + "\n";
    dest.append(line.data(), line.data() + line.size());
  }
  std::unique_ptr<spdlog::formatter> clone() const override {
    return std::make_unique<json_formatter>();
  }
};

void log_fault(std::string_view what) {
  spdlog::critical("{}", what);
  spdlog::default_logger()->flush();
}

} // namespace

core::result<core::nothing> open_log(const server_settings& s) {
  std::vector<spdlog::sink_ptr> sinks = {std::make_shared<spdlog::sinks::stderr_sink_mt>()};
  if (!s.log_dir.empty()) {
    try {
      sinks.push_back(std::make_shared<spdlog::sinks::rotating_file_sink_mt>(
          s.log_dir + "/torc-server.log", file_bytes, files_kept));
    } catch (const spdlog::spdlog_ex& e) {
      return core::refuse(core::refusal::unprocessable,
                          "cannot log to " + s.log_dir + ": " + e.what());
    }
  }
  auto logger = std::make_shared<spdlog::logger>("server", sinks.begin(), sinks.end());
  if (s.json_logs)
    logger->set_formatter(std::make_unique<json_formatter>());
  else
    logger->set_pattern("%Y-%m-%dT%H:%M:%S.%eZ %l %v", spdlog::pattern_time_type::utc);
  logger->set_level(spdlog::level::from_str(s.log_level));
  logger->flush_on(spdlog::level::info);
  spdlog::set_default_logger(std::move(logger));
  core::on_fault(log_fault);
  return core::nothing{};
}

void log_line(const std::string& text) {
  spdlog::info("{}", text);
}

} // namespace torc::cli
