#include "core/explain.hpp"

#include <array>
#include <cstdio>
#include <utility>

namespace torc::core {

namespace {

std::string signal_name(int64_t number) {
  static constexpr std::array names = {
      std::pair{1, "SIGHUP"},   std::pair{2, "SIGINT"},   std::pair{3, "SIGQUIT"},
      std::pair{4, "SIGILL"},   std::pair{5, "SIGTRAP"},  std::pair{6, "SIGABRT"},
      std::pair{7, "SIGBUS"},   std::pair{8, "SIGFPE"},   std::pair{9, "SIGKILL"},
      std::pair{10, "SIGUSR1"}, std::pair{11, "SIGSEGV"}, std::pair{12, "SIGUSR2"},
      std::pair{13, "SIGPIPE"}, std::pair{14, "SIGALRM"}, std::pair{15, "SIGTERM"},
      std::pair{24, "SIGXCPU"}, std::pair{25, "SIGXFSZ"}, std::pair{31, "SIGSYS"}};
  for (const auto& [n, name] : names)
    if (n == number)
      return name;
  return "signal " + std::to_string(number);
}

std::string in_gib(int64_t bytes) {
  char text[32];
  std::snprintf(text, sizeof text, "%.2f GiB", static_cast<double>(bytes) / (1 << 30));
  return text;
}

ending of_kill(const attempt_facts& a, const needs& asked) {
  // The kernel kills before the last page is counted.
  constexpr double nearly = 0.9;
  const auto limit = static_cast<double>(asked.memory_bytes);
  if (a.peak_memory_bytes && limit > 0 &&
      static_cast<double>(*a.peak_memory_bytes) >= nearly * limit)
    return {"out_of_memory", "was killed by SIGKILL with " + in_gib(*a.peak_memory_bytes) +
                                 " in use, where " + in_gib(asked.memory_bytes) +
                                 " was asked for: most likely out of memory"};
  return {"signal", "was killed by SIGKILL: by the kernel for lack of memory, or by somebody else"};
}

} // namespace

ending explain_ending(const attempt_facts& a, const needs& asked) {
  constexpr int64_t by_signal = 128, last_signal = 64, killed = 9;
  const auto number = a.return_code - by_signal;
  const bool is_signal = number > 0 && number <= last_signal;
  const bool is_over_time =
      asked.runtime_s > 0 && a.minutes * 60 >= static_cast<double>(asked.runtime_s);
  if (a.status == job_status::canceled)
    return {"stopped", "was canceled while it ran"};
  if (a.return_code == 0)
    return {"success", "succeeded"};
  if (a.return_code == 152 || (is_over_time && (is_signal || a.status == job_status::terminated)))
    return {"time_limit", "was ended by " + (is_signal ? signal_name(number) : "its runner") +
                              " after the " + std::to_string(asked.runtime_s) +
                              " s that it had asked for"};
  if (a.status == job_status::terminated)
    return {"stopped", "was ended by its runner, which was stopped or had lost the server"};
  if (is_signal)
    return number == killed ? of_kill(a, asked)
                            : ending{"signal", "was ended by " + signal_name(number)};
  if (a.return_code == 127)
    return {"exit_code", "ended with exit code 127: the command was not found"};
  if (a.return_code == 126)
    return {"exit_code", "ended with exit code 126: the command cannot be executed"};
  return {"exit_code", "ended with exit code " + std::to_string(a.return_code)};
}

} // namespace torc::core
