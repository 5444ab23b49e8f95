#include "scale_tests/server_process.hpp"

#include <fcntl.h>
#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>

#include <csignal>
#include <cstdio>
#include <filesystem>
#include <fstream>
#include <sstream>
#include <utility>

extern char** environ;

namespace torc::scale {

namespace {

/// @param out becomes the child's stdout
core::result<pid_t> spawn(std::vector<std::string> command, int out) {
  auto arguments = std::vector<char*>{};
  for (auto& word : command)
    arguments.push_back(word.data());
  arguments.push_back(nullptr);
  auto actions = posix_spawn_file_actions_t{};
  posix_spawn_file_actions_init(&actions);
  posix_spawn_file_actions_adddup2(&actions, out, STDOUT_FILENO);
  auto pid = pid_t{};
  auto failed = posix_spawn(&pid, arguments[0], &actions, nullptr, arguments.data(), environ);
  posix_spawn_file_actions_destroy(&actions);
  if (failed)
    return core::refuse(core::refusal::unavailable, "cannot start " + command[0]);
  return pid;
}

int exit_code_of(pid_t pid) {
  auto status = 0;
  while (waitpid(pid, &status, 0) < 0 && errno == EINTR) {
  }
  return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
}

/// The server's first line says where it listens.
std::string read_port(int from) {
  auto line = std::string{};
  for (auto c = '\0'; read(from, &c, 1) == 1 && c != '\n';)
    line += c;
  constexpr auto key = std::string_view{"TORC_SERVER_PORT="};
  return line.starts_with(key) ? line.substr(key.size()) : "";
}

} // namespace

std::string program_folder() {
  return std::filesystem::read_symlink("/proc/self/exe").parent_path().string();
}

core::result<core::nothing> run_into(const std::string& file, std::vector<std::string> command) {
  auto name = command[0];
  auto out = open(file.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0644);
  if (out < 0)
    return core::refuse(core::refusal::unavailable, "cannot write " + file);
  auto pid = spawn(std::move(command), out);
  close(out);
  if (!pid)
    return pid.why();
  if (exit_code_of(*pid) != 0)
    return core::refuse(core::refusal::unavailable, name + " has failed");
  return core::nothing{};
}

core::result<server_process> server_process::start(const std::string& database) {
  int ends[2];
  if (pipe2(ends, O_CLOEXEC) != 0)
    return core::refuse(core::refusal::unavailable, "no pipe is left");
  auto pid =
      spawn({program_folder() + "/torc-server", "run", "--port", "0", "-d", database}, ends[1]);
  close(ends[1]);
  auto port = pid ? read_port(ends[0]) : "";
  // The pipe's reading end stays open: a server that writes another line must not die of it.
  if (!pid)
    return pid.why();
  auto made = server_process{*pid, port};
  if (port.empty())
    return core::refuse(core::refusal::unavailable, "torc-server said no port on its first line");
  return made;
}

server_process::~server_process() {
  stop();
}

server_process::server_process(server_process&& other) noexcept
    : pid_(std::exchange(other.pid_, 0)), port_(std::move(other.port_)) {}

std::string server_process::url() const {
  return "http://127.0.0.1:" + port_ + "/torc-service/v1";
}

server_usage server_process::usage() const {
  auto used = server_usage{};
  auto folder = "/proc/" + std::to_string(pid_);
  auto status = std::ifstream{folder + "/status"};
  for (auto line = std::string{}; std::getline(status, line);)
    if (line.starts_with("VmHWM:"))
      used.peak_rss_bytes = std::stoll(line.substr(6)) * 1024;
  auto stat = std::stringstream{};
  stat << std::ifstream{folder + "/stat"}.rdbuf();
  // The name in parentheses may hold spaces; utime and stime are the 12th and 13th fields after it.
  auto text = stat.str();
  auto fields = std::istringstream{text.substr(text.rfind(')') + 1)};
  auto skipped = std::string{};
  for (int i = 0; i < 11; ++i)
    fields >> skipped;
  auto user = 0.0, system = 0.0;
  fields >> user >> system;
  used.cpu_seconds = (user + system) / static_cast<double>(sysconf(_SC_CLK_TCK));
  return used;
}

bool server_process::stop() {
  if (pid_ == 0)
    return true;
  kill(pid_, SIGTERM);
  return exit_code_of(std::exchange(pid_, 0)) == 0;
}

} // namespace torc::scale
