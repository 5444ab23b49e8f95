#include <dlfcn.h>
#include <fcntl.h>
#include <pthread.h>
#include <signal.h>
#include <spawn.h>
#include <sys/socket.h>
#include <sys/uio.h>
#include <unistd.h>

#include <algorithm>
#include <atomic>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <string>

/// Kills the program that it is loaded into at a named point, as `kill -9` would:
/// TORC_KILL="ROLE POINT N WHEN".
///
///   ROLE   server, runner, or the runner's guardian
///   POINT  sync   the disk is told to keep what was written
///          disk   a write into the database
///          tell   something is sent to another program over the network
///          pass   something is sent between a runner and its guardian
///          spawn  a job is started
///   N      the how many-th such call of the process
///   WHEN   before, amid (half of it is done) or after
///
/// Into the file that TORC_KILLS names it writes who it is: "ROLE PID PARENT", and at its death the
/// point.
namespace {

enum class when { before, amid, after };

struct plan {
  char role[16] = "";
  char point[16] = "";
  long number = 0;
  when at = when::before;
};

plan planned;
char role[16] = "";
std::atomic<long> calls{0};

void note(const char* what) {
  const char* list = std::getenv("TORC_KILLS");
  if (!list)
    return;
  char line[128];
  const int size =
      std::snprintf(line, sizeof line, "%s %s %d %d\n", what, role, getpid(), getppid());
  const int fd = open(list, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0644);
  static const auto real =
      reinterpret_cast<ssize_t (*)(int, const void*, size_t)>(dlsym(RTLD_NEXT, "write"));
  if (fd < 0 || real(fd, line, static_cast<size_t>(size)) != size)
    std::abort(); // The test would otherwise believe that it had not been here.
  close(fd);
}

void become_guardian() {
  if (std::strcmp(role, "runner") != 0)
    return;
  std::strcpy(role, "guardian");
  calls = 0;
  note("is");
}

__attribute__((constructor)) void install() {
  const std::string name = program_invocation_short_name;
  if (name != "torc" && name != "torc-server")
    return;
  std::strcpy(role, name == "torc" ? "runner" : "server");
  note("is");
  pthread_atfork(nullptr, nullptr, become_guardian);
  char moment[16] = "";
  const char* wish = std::getenv("TORC_KILL");
  if (!wish || std::sscanf(wish, "%15s %15s %ld %15s", planned.role, planned.point, &planned.number,
                           moment) != 4)
    return;
  planned.at = moment[0] == 'b' ? when::before : moment[1] == 'm' ? when::amid : when::after;
}

/// True when this call of the process is the one.
bool is_the_one(const char* point) {
  return planned.number > 0 && std::strcmp(planned.point, point) == 0 &&
         std::strcmp(planned.role, role) == 0 && ++calls == planned.number;
}

[[noreturn]] void die() {
  note("killed");
  kill(getpid(), SIGKILL);
  for (;;)
    pause();
}

/// Makes the call, or as much of it as is wished for. `half` makes half of it.
template <class Whole, class Half>
auto pass(const char* point, Whole whole, Half half) {
  if (!point || !is_the_one(point))
    return whole();
  if (planned.at == when::amid)
    half();
  else if (planned.at == when::after)
    whole();
  die();
}

template <class Whole>
auto pass(const char* point, Whole whole) {
  return pass(point, whole, [] {});
}

/// What is sent there; null for what is no socket.
const char* way(int fd) {
  if (planned.number == 0)
    return nullptr;
  int domain = 0;
  socklen_t size = sizeof domain;
  if (getsockopt(fd, SOL_SOCKET, SO_DOMAIN, &domain, &size) != 0)
    return nullptr;
  return domain == AF_UNIX ? "pass" : "tell";
}

template <class F>
F* next(F*, const char* name) {
  return reinterpret_cast<F*>(dlsym(RTLD_NEXT, name));
}

} // namespace

#define NEXT(name) static auto* const real = next(&::name, #name)

extern "C" {

int fdatasync(int fd) {
  NEXT(fdatasync);
  return pass("sync", [&] { return real(fd); });
}

int fsync(int fd) {
  NEXT(fsync);
  return pass("sync", [&] { return real(fd); });
}

ssize_t pwrite64(int fd, const void* data, size_t size, off64_t at) {
  NEXT(pwrite64);
  return pass(
      "disk", [&] { return real(fd, data, size, at); },
      [&] { return real(fd, data, size / 2, at); });
}

ssize_t pwrite(int fd, const void* data, size_t size, off_t at) {
  return pwrite64(fd, data, size, at);
}

ssize_t write(int fd, const void* data, size_t size) {
  NEXT(write);
  return pass(
      way(fd), [&] { return real(fd, data, size); }, [&] { return real(fd, data, size / 2); });
}

ssize_t send(int fd, const void* data, size_t size, int flags) {
  NEXT(send);
  return pass(
      way(fd), [&] { return real(fd, data, size, flags); },
      [&] { return real(fd, data, size / 2, flags); });
}

ssize_t sendmsg(int fd, const msghdr* message, int flags) {
  NEXT(sendmsg);
  return pass(
      way(fd), [&] { return real(fd, message, flags); },
      [&] {
        if (message->msg_iovlen > 0)
          ::send(fd, message->msg_iov->iov_base, message->msg_iov->iov_len / 2, flags);
      });
}

int posix_spawn(pid_t* pid, const char* path, const posix_spawn_file_actions_t* actions,
                const posix_spawnattr_t* attributes, char* const argv[], char* const envp[]) {
  NEXT(posix_spawn);
  return pass("spawn", [&] { return real(pid, path, actions, attributes, argv, envp); });
}
}
