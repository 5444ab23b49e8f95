#include "cli/run/stop_signals.hpp"

#include <unistd.h>

#include <csignal>

namespace torc::cli {

namespace {

actors::stop_level level{0}; // a handler can reach nothing but globals
static_assert(actors::stop_level::is_always_lock_free);

void say(const char* text, size_t size) {
  [[maybe_unused]] const auto written = ::write(STDERR_FILENO, text, size);
}

void on_signal(int number) {
  constexpr char draining[] = "\nfinishing the running jobs; once more to kill them\n";
  constexpr char killing[] = "\nkilling the running jobs\n";
  switch (level.fetch_add(1)) {
  case 0:
    return say(draining, sizeof draining - 1);
  case 1:
    return say(killing, sizeof killing - 1);
  default:
    ::_exit(128 + number); // the guardian ends what is left
  }
}

} // namespace

actors::stop_level& stop_on_signals() {
  struct sigaction action {};
  action.sa_handler = on_signal;
  action.sa_flags = SA_RESTART;
  for (const int number : {SIGINT, SIGTERM})
    ::sigaction(number, &action, nullptr);
  return level;
}

} // namespace torc::cli
