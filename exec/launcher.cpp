#include "exec/launcher.hpp"

#include <cerrno>
#include <cstring>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

namespace torc::exec {

namespace {

constexpr const char* null_device = "/dev/null";

void add_output(file_actions& files, const job_command& job) {
  switch (job.stdio) {
  case stdio_mode::separate:
    files.write_to(1, job.stdout_path);
    files.write_to(2, job.stderr_path);
    break;
  case stdio_mode::combined:
    files.write_to(1, job.stdout_path);
    files.duplicate(1, 2);
    break;
  case stdio_mode::none:
    files.write_to(1, null_device);
    files.duplicate(1, 2);
    break;
  }
}

/// The reason why a file cannot be written, or 0. The child could only say that something failed.
int cannot_write(const std::string& path) {
  const int fd = open(path.c_str(), O_WRONLY | O_CREAT | O_CLOEXEC, 0644);
  if (fd < 0)
    return errno;
  close(fd);
  return 0;
}

std::string sentence(const std::string& what, int reason, const char* advice) {
  return "cannot " + what + ": " + std::strerror(reason) + "; " + advice;
}

std::string why_not(const job_command& job, const std::string& program, int reason) {
  const bool has_out = job.stdio != stdio_mode::none;
  const bool has_err = job.stdio == stdio_mode::separate;
  const char* make_it = "make its folder writable or name another output directory";
  if (const int e = has_out ? cannot_write(job.stdout_path) : 0)
    return sentence("write the job's output to " + job.stdout_path, e, make_it);
  if (const int e = has_err ? cannot_write(job.stderr_path) : 0)
    return sentence("write the job's errors to " + job.stderr_path, e, make_it);
  struct stat folder {};
  if (!job.cwd.empty()) {
    const int e = stat(job.cwd.c_str(), &folder) != 0  ? errno
                  : !S_ISDIR(folder.st_mode)           ? ENOTDIR
                  : access(job.cwd.c_str(), X_OK) != 0 ? errno
                                                       : 0;
    if (e)
      return sentence("work in " + job.cwd, e, "name another working directory");
  }
  if (reason == E2BIG)
    return sentence("run the command", reason, "put it into a script");
  return sentence("run " + program, reason, "see that it is installed and the host has room");
}

} // namespace

launched spawn_launcher::start(const job_command& job) {
  for (const auto& entry : job.env_add)
    if (entry.find('=') == std::string::npos || entry.front() == '=')
      return {-1, "cannot set the variable " + entry + ": it is not of the form NAME=value"};

  file_actions files;
  add_output(files, job);
  // After the output files, whose relative paths mean the runner's folder.
  if (!job.cwd.empty())
    files.change_folder(job.cwd);

  auto plan = plans_.plan(job);
  pid_t pid = -1;
  int failed = spawn(pid, plan.program, plan.argv, plan.env, files, attributes_);
  if (failed && plan.direct) {
    plan = plans_.through_shell(job);
    failed = spawn(pid, plan.program, plan.argv, plan.env, files, attributes_);
  }
  if (failed)
    return {-1, why_not(job, plan.program, failed)};
  return {pid, {}, false, wall_clock_us()};
}

warm_launcher::warm_launcher(planner plans, warm_shells::settings warm)
    : cold_(std::move(plans)), shells_(cold_.plans().bash(), own_environment(), std::move(warm)) {}

launched warm_launcher::start(const job_command& job) {
  if (!cold_.plans().may_run_in_warm_shell(job) ||
      !shells_.hand_over(job, cold_.plans().through_shell(job).env))
    return cold_.start(job);
  pending_.insert_or_assign(job.tag, job);
  return {-1, {}, true};
}

void warm_launcher::prepare() {
  shells_.prepare(); // first: they get ready by themselves
  cold_.plans().prepare();
}

std::vector<launcher::late_start> warm_launcher::collect() {
  std::vector<late_start> all;
  for (const auto& told : shells_.collect()) {
    const auto job = pending_.extract(told.tag);
    if (job.empty())
      continue;
    if (told.pid > 0)
      all.push_back({told.tag, {told.pid, {}, false, told.start_us}});
    else if (!is_closed_)
      all.push_back({told.tag, cold_.start(job.mapped())}); // which also knows how to say why not
  }
  return all;
}

void warm_launcher::close() {
  is_closed_ = true;
  shells_.close();
}

} // namespace torc::exec
