#include "exec/guardian.hpp"

#include "exec/guardian_loop.hpp"
#include "exec/launcher.hpp"
#include "exec/planner.hpp"
#include "exec/spawn.hpp"

#include <cerrno>
#include <csignal>
#include <cstring>
#include <exception>
#include <fcntl.h>
#include <filesystem>
#include <memory>
#include <poll.h>
#include <string>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <system_error>
#include <thread>
#include <unistd.h>

namespace torc::exec {

namespace {

/// Signals as a fresh login would have them, but for those that are the runner's to answer.
/// SIGCHLD stays blocked: the loop reads it from a descriptor.
void settle_signals() {
  for (int number = 1; number < NSIG; ++number)
    std::signal(number, SIG_DFL);
  for (const int number : signals_the_guardian_ignores())
    std::signal(number, SIG_IGN);
  sigset_t set;
  sigemptyset(&set);
  sigaddset(&set, SIGCHLD);
  sigprocmask(SIG_SETMASK, &set, nullptr);
}

/// Drops what the runner had open. Stderr stays for what only the guardian could say.
void settle_descriptors(int socket) {
  const auto kept = static_cast<unsigned>(socket);
  if (kept > 3)
    close_range(3, kept - 1, 0);
  close_range(kept + 1, ~0u, 0);
  const int null = open("/dev/null", O_RDWR | O_CLOEXEC);
  if (null < 0)
    return;
  dup2(null, STDIN_FILENO);
  dup2(null, STDOUT_FILENO);
  if (null > STDERR_FILENO)
    close(null);
}

/// One forks faster than two cores can run what it forks.
size_t warm_shell_count() {
  return std::thread::hardware_concurrency() > 4 ? 2 : 1;
}

[[noreturn]] void be_the_guardian(int socket, guardian_options options) {
  // A session of its own: neither Ctrl-C nor a closed terminal reaches it or the jobs.
  setsid();
  prctl(PR_SET_NAME, "torc-guardian");
  prctl(PR_SET_CHILD_SUBREAPER, 1);
  settle_signals();
  settle_descriptors(socket);
  int code = 0;
  try {
    auto launcher = std::make_unique<warm_launcher>(
        planner(own_environment()),
        warm_shells::settings{options.warm_shell_library, warm_shell_count(),
                              options.warm_shell_patience_ms});
    guardian_loop loop(socket, std::move(launcher), std::move(options));
    loop.run();
  } catch (const std::exception& e) {
    // Out of memory is all that can come. The runner sees the closed socket and ends the jobs.
    constexpr std::string_view prefix = "guardian: ";
    std::string text(prefix);
    text.append(e.what()).append("\n");
    [[maybe_unused]] const auto n = write(STDERR_FILENO, text.data(), text.size());
    code = 70; // EX_SOFTWARE
  }
  // Not exit(): what the runner had registered or buffered is not the guardian's to run.
  _exit(code);
}

} // namespace

std::string guardian_options::library_beside_this_program() {
  std::error_code failed;
  const auto program = std::filesystem::read_symlink("/proc/self/exe", failed);
  return failed ? std::string{} : (program.parent_path() / "torc_warm_shell.so").string();
}

guardian_handle::~guardian_handle() {
  if (socket_ >= 0)
    close(socket_);
}

core::result<guardian_handle> start_guardian(guardian_options options) {
  int ends[2];
  if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0, ends) != 0)
    return core::refuse(core::refusal::unavailable,
                        std::string("cannot make a socket for the guardian: ") +
                            std::strerror(errno) + "; raise the limit of open files");
  const pid_t pid = fork();
  if (pid == 0) {
    be_the_guardian(ends[1], std::move(options));
  }
  const int failed = errno;
  close(ends[1]);
  if (pid < 0) {
    close(ends[0]);
    return core::refuse(core::refusal::unavailable, std::string("cannot start the guardian: ") +
                                                        std::strerror(failed) +
                                                        "; raise the limit of processes");
  }
  prctl(PR_SET_CHILD_SUBREAPER, 1);
  return guardian_handle(ends[0], pid);
}

bool await_guardian(pid_t pid, int timeout_ms) {
  const int fd = static_cast<int>(syscall(SYS_pidfd_open, pid, 0));
  if (fd < 0)
    return errno == ESRCH;
  pollfd waiting{fd, POLLIN, 0};
  int ready = 0;
  while ((ready = poll(&waiting, 1, timeout_ms)) < 0 && errno == EINTR) {
  }
  close(fd);
  if (ready == 1)
    waitpid(pid, nullptr, WNOHANG);
  return ready == 1;
}

} // namespace torc::exec
