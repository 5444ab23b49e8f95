#include "cli/server/logging.hpp"

#include "cli/print/table.hpp"
#include "core/time.hpp"

#include <boost/json.hpp>
#include <spdlog/sinks/rotating_file_sink.h>
#include <spdlog/sinks/stdout_sinks.h>
#include <spdlog/spdlog.h>

#include <array>
#include <cctype>
#include <chrono>

namespace torc::cli {

namespace {

constexpr size_t file_bytes = 10 << 20;
constexpr size_t files_kept = 5;

constexpr std::array targets = {"torc_server", "torc_server::house", "torc_server::timing",
                                "torc_server::http", "torc_server::writer"};
/// By target; filled by open_log.
std::array<std::shared_ptr<spdlog::logger>, targets.size()> loggers;

std::string_view view(spdlog::string_view_t text) {
  return {text.data(), text.size()};
}

std::string timestamp(const spdlog::details::log_msg& msg) {
  const auto us =
      std::chrono::duration_cast<std::chrono::microseconds>(msg.time.time_since_epoch()).count();
  return core::to_iso8601({us});
}

std::string level_name(const spdlog::details::log_msg& msg) {
  std::string name = msg.level == spdlog::level::warn  ? "WARN"
                     : msg.level >= spdlog::level::err ? "ERROR"
                                                       : "";
  if (name.empty())
    for (const char c : view(spdlog::level::to_string_view(msg.level)))
      name += static_cast<char>(std::toupper(static_cast<unsigned char>(c)));
  return name;
}

/// "2026-01-31T12:00:00.123Z  INFO torc_server: text"; a span that ended says its own name first.
class text_formatter final : public spdlog::formatter {
public:
  void format(const spdlog::details::log_msg& msg, spdlog::memory_buf_t& dest) override {
    const auto level = level_name(msg);
    auto line = timestamp(msg) + (level.size() < 5 ? "  " : " ") + level + " ";
    if (view(msg.logger_name) != targets[static_cast<size_t>(log_target::timing)])
      line.append(view(msg.logger_name)).append(": ");
    line += harmless(view(msg.payload)) + "\n";
    dest.append(line.data(), line.data() + line.size());
  }
  std::unique_ptr<spdlog::formatter> clone() const override {
    return std::make_unique<text_formatter>();
  }
};

/// One JSON object a line, whatever the message holds.
class json_formatter final : public spdlog::formatter {
public:
  void format(const spdlog::details::log_msg& msg, spdlog::memory_buf_t& dest) override {
    boost::json::object o;
    o["timestamp"] = timestamp(msg);
    o["level"] = level_name(msg);
    o["target"] = view(msg.logger_name);
    o["message"] = view(msg.payload);
    const auto line = boost::json::serialize(o) + "\n";
    dest.append(line.data(), line.data() + line.size());
  }
  std::unique_ptr<spdlog::formatter> clone() const override {
    return std::make_unique<json_formatter>();
  }
};

spdlog::level::level_enum level_of(log_level l) {
  return l == log_level::off ? spdlog::level::off : static_cast<spdlog::level::level_enum>(l);
}

void log_fault(std::string_view what) {
  auto& to = loggers.front();
  to->critical("{}", what);
  to->flush();
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
  for (auto& sink : sinks) {
    if (s.json_logs)
      sink->set_formatter(std::make_unique<json_formatter>());
    else
      sink->set_formatter(std::make_unique<text_formatter>());
  }
  const auto filter = log_filter::parse(s.log_filter);
  for (size_t i = 0; i < targets.size(); ++i) {
    loggers[i] = std::make_shared<spdlog::logger>(targets[i], sinks.begin(), sinks.end());
    loggers[i]->set_level(level_of(filter.level_of(targets[i])));
    loggers[i]->flush_on(spdlog::level::trace);
  }
  core::on_fault(log_fault);
  for (const auto& word : filter.ignored())
    log(log_level::warn, log_target::server,
        "the log filter '" + word + "' is neither a level nor target=level; ignored");
  return core::nothing{};
}

void log(log_level level, log_target from, std::string_view text) {
  loggers[static_cast<size_t>(from)]->log(level_of(level),
                                          spdlog::string_view_t(text.data(), text.size()));
}

bool is_logged(log_level level, log_target from) {
  return loggers[static_cast<size_t>(from)]->should_log(level_of(level));
}

void log_line(std::string_view text) {
  log(log_level::info, log_target::server, text);
}

} // namespace torc::cli
