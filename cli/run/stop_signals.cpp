#include "cli/run/stop_signals.hpp"

#include <unistd.h>

#include <csignal>
#include <cstring>

namespace torc::cli {

namespace {

// A handler can reach nothing but globals.
actors::stop_level level{0};
std::atomic<bool> talks{true};
static_assert(actors::stop_level::is_always_lock_free);

void on_signal(int number) {
  const int now = level.fetch_add(1) + 1;
  if (now > 2)
    ::_exit(128 + number); // the guardian ends what is left
  if (!talks.load())
    return;
  const char* words = stop_words(now);
  [[maybe_unused]] auto written = ::write(STDERR_FILENO, "\n", 1);
  written = ::write(STDERR_FILENO, words, std::strlen(words));
  written = ::write(STDERR_FILENO, "\n", 1);
}

} // namespace

const char* stop_words(int now) {
  switch (now) {
  case 0:
    return "";
  case 1:
    return "finishing the running jobs; Ctrl-C once more kills them";
  default:
    return "killing the running jobs";
  }
}

actors::stop_level& stop_on_signals(bool say) {
  talks = say;
  struct sigaction action {};
  action.sa_handler = on_signal;
  action.sa_flags = SA_RESTART;
  for (const int number : {SIGINT, SIGTERM})
    ::sigaction(number, &action, nullptr);
  return level;
}

} // namespace torc::cli
