#include "cli/tui/child_runner.hpp"

#include <fcntl.h>
#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <csignal>
#include <cstring>
#include <filesystem>
#include <utility>

namespace torc::cli::tui {

namespace {

constexpr int64_t signal_base = 128;

std::vector<char*> pointers(std::vector<std::string>& words) {
  std::vector<char*> all;
  all.reserve(words.size() + 1);
  for (auto& word : words)
    all.push_back(word.data());
  all.push_back(nullptr);
  return all;
}

/// Nothing to read, all that it says into one file, and away from our terminal's signals.
class launch_plan {
public:
  explicit launch_plan(const std::string& output) {
    ::posix_spawn_file_actions_init(&files_);
    ::posix_spawn_file_actions_addopen(&files_, STDIN_FILENO, "/dev/null", O_RDONLY, 0);
    ::posix_spawn_file_actions_addopen(&files_, STDOUT_FILENO, output.c_str(),
                                       O_WRONLY | O_CREAT | O_TRUNC, 0644);
    ::posix_spawn_file_actions_adddup2(&files_, STDOUT_FILENO, STDERR_FILENO);
    ::posix_spawnattr_init(&how_);
    sigset_t none, ours;
    ::sigemptyset(&none);
    ::sigemptyset(&ours);
    for (const int number : {SIGINT, SIGTERM, SIGPIPE, SIGTSTP, SIGWINCH})
      ::sigaddset(&ours, number);
    ::posix_spawnattr_setsigmask(&how_, &none);
    ::posix_spawnattr_setsigdefault(&how_, &ours);
    ::posix_spawnattr_setflags(&how_,
                               POSIX_SPAWN_SETSID | POSIX_SPAWN_SETSIGDEF | POSIX_SPAWN_SETSIGMASK);
  }
  ~launch_plan() {
    ::posix_spawn_file_actions_destroy(&files_);
    ::posix_spawnattr_destroy(&how_);
  }
  launch_plan(const launch_plan&) = delete;
  launch_plan& operator=(const launch_plan&) = delete;

  int run(pid_t& pid, std::vector<std::string> words, std::vector<std::string> environment) {
    return ::posix_spawn(&pid, "/proc/self/exe", &files_, &how_, pointers(words).data(),
                         pointers(environment).data());
  }

private:
  posix_spawn_file_actions_t files_{};
  posix_spawnattr_t how_{};
};

} // namespace

void child_runner::start(int64_t workflow) {
  if (news_.running)
    return;
  changed_ = true;
  news_ = {};
  told_ = 0;
  news_.workflow = workflow;
  const auto id = std::to_string(workflow);
  std::error_code wrong;
  std::filesystem::create_directories(settings_.output_dir, wrong);
  if (wrong) {
    news_.trouble = "cannot make " + settings_.output_dir + ": " + wrong.message();
    return;
  }
  news_.output = settings_.output_dir + "/tui_runner_wf" + id + ".log";
  std::vector<std::string> words{"torc"};
  words.insert(words.end(), settings_.options.begin(), settings_.options.end());
  words.insert(words.end(), {"run", id, "--output-dir", settings_.output_dir});
  auto environment = settings_.environment;
  for (char** one = environ; *one != nullptr; ++one)
    environment.emplace_back(*one);
  pid_t pid = 0;
  launch_plan plan(news_.output);
  if (const int why = plan.run(pid, std::move(words), std::move(environment)); why != 0) {
    news_.trouble = "cannot start a runner: " + std::string(std::strerror(why));
    return;
  }
  news_.pid = pid;
  news_.running = true;
}

void child_runner::stop(bool hard) {
  if (!news_.running)
    return;
  // A first signal lets the jobs end, a second one ends them; two of one number may come as one.
  const auto pid = static_cast<pid_t>(news_.pid);
  if (told_ == 0)
    ::kill(pid, SIGINT);
  if (hard && told_ < 2)
    ::kill(pid, SIGTERM);
  told_ = std::max(told_, hard ? 2 : 1);
}

bool child_runner::look() {
  int how = 0;
  if (news_.running && ::waitpid(static_cast<pid_t>(news_.pid), &how, WNOHANG) == news_.pid) {
    news_.running = false;
    news_.exit = WIFEXITED(how) ? WEXITSTATUS(how) : static_cast<int>(signal_base + WTERMSIG(how));
    changed_ = true;
  }
  return std::exchange(changed_, false);
}

void child_runner::wait() {
  if (news_.running)
    ::waitpid(static_cast<pid_t>(news_.pid), nullptr, 0);
  news_.running = false;
}

} // namespace torc::cli::tui
