#include "exec/last_will.hpp"

#include <netdb.h>
#include <poll.h>
#include <signal.h>
#include <spawn.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <chrono>
#include <memory>
#include <string_view>

namespace torc::exec {

namespace {

constexpr auto patience = std::chrono::seconds{30};
constexpr int first_pause_ms = 100;
constexpr int longest_pause_ms = 2'000;
constexpr timeval answer_timeout{5, 0};

/// Just what tells an answer below 500: "HTTP/1.1 204".
constexpr size_t status_end = 12;

class connection {
public:
  explicit connection(const addrinfo& to)
      : fd_(socket(to.ai_family, to.ai_socktype | SOCK_CLOEXEC, to.ai_protocol)) {
    // The first bounds connect(), too.
    setsockopt(fd_, SOL_SOCKET, SO_SNDTIMEO, &answer_timeout, sizeof answer_timeout);
    setsockopt(fd_, SOL_SOCKET, SO_RCVTIMEO, &answer_timeout, sizeof answer_timeout);
    is_open_ = fd_ >= 0 && connect(fd_, to.ai_addr, to.ai_addrlen) == 0;
  }
  ~connection() {
    if (fd_ >= 0)
      close(fd_);
  }
  connection(const connection&) = delete;
  connection& operator=(const connection&) = delete;

  bool send_all(std::string_view text) {
    while (is_open_ && !text.empty()) {
      const auto n = send(fd_, text.data(), text.size(), MSG_NOSIGNAL);
      is_open_ = n > 0;
      text.remove_prefix(n > 0 ? static_cast<size_t>(n) : 0);
    }
    return is_open_;
  }

  std::string receive(size_t size) {
    std::string text;
    char part[64];
    for (ssize_t n = 1; is_open_ && n > 0 && text.size() < size;)
      if (n = recv(fd_, part, sizeof part, 0); n > 0)
        text.append(part, static_cast<size_t>(n));
    return text;
  }

private:
  int fd_;
  bool is_open_ = false;
};

/// Runs the command to its end, with no signal blocked or ignored that the guardian does without.
bool run_once(const last_will& will) {
  std::vector<char*> arguments, variables;
  for (const auto& a : will.command)
    arguments.push_back(const_cast<char*>(a.c_str()));
  arguments.push_back(nullptr);
  for (const auto& v : will.environment)
    variables.push_back(const_cast<char*>(v.c_str()));
  for (char** v = environ; *v; ++v)
    variables.push_back(*v);
  variables.push_back(nullptr);
  posix_spawnattr_t how;
  posix_spawnattr_init(&how);
  sigset_t none, all;
  sigemptyset(&none);
  sigfillset(&all);
  posix_spawnattr_setsigmask(&how, &none);
  posix_spawnattr_setsigdefault(&how, &all);
  posix_spawnattr_setflags(&how, POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETSIGDEF);
  pid_t pid = 0;
  const bool started =
      posix_spawn(&pid, arguments[0], nullptr, &how, arguments.data(), variables.data()) == 0;
  posix_spawnattr_destroy(&how);
  int status = -1;
  while (started && waitpid(pid, &status, 0) < 0 && errno == EINTR) {
  }
  return started && status == 0;
}

bool try_once(const last_will& will) {
  if (!will.command.empty())
    return run_once(will);
  addrinfo wanted{};
  wanted.ai_socktype = SOCK_STREAM;
  addrinfo* found = nullptr;
  if (getaddrinfo(will.host.c_str(), std::to_string(will.port).c_str(), &wanted, &found) != 0)
    return false;
  const std::unique_ptr<addrinfo, decltype(&freeaddrinfo)> all{found, freeaddrinfo};
  for (const auto* to = all.get(); to; to = to->ai_next) {
    connection server{*to};
    if (!server.send_all(will.request))
      continue;
    const auto status = server.receive(status_end);
    return status.starts_with("HTTP/1.1 2") || status.starts_with("HTTP/1.1 4");
  }
  return false;
}

} // namespace

bool execute(const last_will& will) {
  const auto end = std::chrono::steady_clock::now() + patience;
  for (int pause_ms = first_pause_ms;; pause_ms = std::min(2 * pause_ms, longest_pause_ms)) {
    if (try_once(will))
      return true;
    if (std::chrono::steady_clock::now() >= end)
      return false;
    poll(nullptr, 0, pause_ms);
  }
}

} // namespace torc::exec
