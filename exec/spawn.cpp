#include "exec/spawn.hpp"

#include <csignal>
#include <fcntl.h>

namespace torc::exec {

namespace {

std::vector<char*> pointers_to(const std::vector<std::string>& strings) {
  std::vector<char*> pointers;
  pointers.reserve(strings.size() + 1);
  for (const auto& s : strings)
    pointers.push_back(const_cast<char*>(s.c_str())); // execve's signature predates const
  pointers.push_back(nullptr);
  return pointers;
}

} // namespace

file_actions::file_actions() {
  posix_spawn_file_actions_init(&actions_);
}
file_actions::~file_actions() {
  posix_spawn_file_actions_destroy(&actions_);
}

void file_actions::write_to(int fd, const std::string& path) {
  // No O_CLOEXEC: the descriptor would be closed by the very exec that it is for.
  posix_spawn_file_actions_addopen(&actions_, fd, path.c_str(), O_WRONLY | O_CREAT | O_TRUNC, 0644);
}

void file_actions::read_from_null(int fd) {
  posix_spawn_file_actions_addopen(&actions_, fd, "/dev/null", O_RDONLY, 0);
}

void file_actions::duplicate(int from, int to) {
  posix_spawn_file_actions_adddup2(&actions_, from, to);
}

void file_actions::change_folder(const std::string& path) {
  posix_spawn_file_actions_addchdir_np(&actions_, path.c_str());
}

const std::vector<int>& signals_the_guardian_ignores() {
  static const std::vector<int> ignored{SIGHUP,  SIGINT,  SIGQUIT, SIGTERM, SIGPIPE,
                                        SIGTSTP, SIGTTIN, SIGTTOU, SIGUSR1, SIGUSR2};
  return ignored;
}

job_attributes::job_attributes() {
  posix_spawnattr_init(&attributes_);
  posix_spawnattr_setflags(&attributes_,
                           POSIX_SPAWN_SETPGROUP | POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETSIGDEF);
  posix_spawnattr_setpgroup(&attributes_, 0);
  sigset_t set;
  sigemptyset(&set);
  posix_spawnattr_setsigmask(&attributes_, &set);
  for (const int number : signals_the_guardian_ignores())
    sigaddset(&set, number);
  posix_spawnattr_setsigdefault(&attributes_, &set);
}

job_attributes::~job_attributes() {
  posix_spawnattr_destroy(&attributes_);
}

int spawn(pid_t& pid, const std::string& program, const std::vector<std::string>& argv,
          const std::vector<std::string>& env, const file_actions& files,
          const job_attributes& attributes) {
  return posix_spawn(&pid, program.c_str(), files.get(), attributes.get(), pointers_to(argv).data(),
                     pointers_to(env).data());
}

} // namespace torc::exec
