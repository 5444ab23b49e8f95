#pragma once

#include "cli/tui/talk.hpp"

#include <string>
#include <vector>

namespace torc::cli::tui {

/// `torc run <id>` as a process of its own. It outlives this one, unless it is told to end.
class child_runner {
public:
  struct settings {
    std::vector<std::string> options;     ///< of torc, before `run`
    std::vector<std::string> environment; ///< "NAME=value", beside what there is
    std::string output_dir;
  };
  explicit child_runner(settings s) : settings_(std::move(s)) {}

  /// What comes of it is in news().
  void start(int64_t workflow);
  /// @param hard its jobs are killed, too
  void stop(bool hard);
  /// Looks whether it has ended. @returns whether news() has changed
  bool look();
  void wait();
  const runner_news& news() const { return news_; }

private:
  settings settings_;
  runner_news news_;
  bool changed_ = false;
  int told_ = 0; ///< how often it was told to end
};

} // namespace torc::cli::tui
