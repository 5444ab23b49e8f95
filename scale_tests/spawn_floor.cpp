// Starts the commands of the scale test with posix_spawn, the very argv, environment and file
// names that the runner uses, so many in flight, and does nothing else. The runner is measured
// against this.
//
//   spawn_floor --jobs 25000 --parallel 16 --dir out --workflow 1
//   spawn_floor --commands list.txt --dir out --shell

#include "exec/job_process.hpp"
#include "exec/planner.hpp"
#include "exec/spawn.hpp"

#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <fcntl.h>
#include <fstream>
#include <string>
#include <string_view>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>
#include <vector>

namespace exec = torc::exec;
namespace core = torc::core;

namespace {

constexpr const char* usage =
    "spawn_floor --dir DIR [--jobs N] [--parallel N] [--workflow W] [--commands FILE] [--shell]\n"
    "  --jobs N         this many `echo r1_<n>`, or lines of FILE (default 1000; all of FILE)\n"
    "  --parallel N     processes in flight (default 16)\n"
    "  --dir DIR        a fresh folder; the files go to DIR/job_stdio\n"
    "  --workflow W     the workflow's number in the file names (default 1)\n"
    "  --first-job J    the first job's number in the file names (default 1)\n"
    "  --commands FILE  one command per line\n"
    "  --shell          bash -c for every command\n";

struct settings {
  int64_t jobs = 0;
  int64_t parallel = 16;
  int64_t workflow = 1;
  int64_t first_job = 1;
  std::string dir;
  std::string commands;
  bool shell = false;
};

[[noreturn]] void give_up(const std::string& why) {
  std::fprintf(stderr, "spawn_floor: %s\n", why.c_str());
  std::exit(1);
}

int64_t positive(std::string_view option, const char* text) {
  char* end = nullptr;
  const long long value = std::strtoll(text, &end, 10);
  if (*text == '\0' || *end != '\0' || value < 1)
    give_up(std::string(option) + " wants a positive number, not '" + text + "'");
  return value;
}

settings read_settings(int argc, char** argv) {
  settings s;
  for (int i = 1; i < argc; ++i) {
    const std::string_view option = argv[i];
    if (option == "--shell") {
      s.shell = true;
      continue;
    }
    if (i + 1 == argc)
      give_up("a value is missing for " + std::string(option) + "\n" + usage);
    const char* value = argv[++i];
    if (option == "--jobs")
      s.jobs = positive(option, value);
    else if (option == "--parallel")
      s.parallel = positive(option, value);
    else if (option == "--workflow")
      s.workflow = positive(option, value);
    else if (option == "--first-job")
      s.first_job = positive(option, value);
    else if (option == "--dir")
      s.dir = value;
    else if (option == "--commands")
      s.commands = value;
    else
      give_up("no such option: " + std::string(option) + "\n" + usage);
  }
  if (s.dir.empty())
    give_up(std::string("--dir is missing\n") + usage);
  return s;
}

std::vector<std::string> read_commands(const settings& s) {
  std::vector<std::string> commands;
  if (s.commands.empty()) {
    const int64_t count = s.jobs ? s.jobs : 1000;
    for (int64_t n = 1; n <= count; ++n)
      commands.push_back("echo r1_" + std::to_string(n));
    return commands;
  }
  std::ifstream file(s.commands);
  if (!file)
    give_up("cannot read " + s.commands);
  const auto most = static_cast<size_t>(s.jobs ? s.jobs : INT64_MAX);
  for (std::string line; commands.size() < most && std::getline(file, line);)
    commands.push_back(line);
  return commands;
}

/// The variables that the runner adds; their number and length cost something too.
std::vector<std::string> runner_variables(const settings& s, int64_t job) {
  return {"TORC_WORKFLOW_ID=" + std::to_string(s.workflow),
          "TORC_JOB_ID=" + std::to_string(job),
          "TORC_JOB_NAME=r1_" + std::to_string(job),
          "TORC_ATTEMPT_ID=1",
          "TORC_RUN_ID=1",
          "TORC_OUTPUT_DIR=" + s.dir,
          "TORC_API_URL=http://127.0.0.1:8080/torc-service/v1"};
}

class floor_run {
public:
  explicit floor_run(const settings& s) : settings_(s), planner_(exec::own_environment()) {}

  void run(const std::vector<std::string>& commands) {
    size_t started = 0;
    for (size_t ended = 0; ended < commands.size(); ++ended) {
      while (started < commands.size() &&
             started - ended < static_cast<size_t>(settings_.parallel)) {
        start(commands[started], settings_.first_job + static_cast<int64_t>(started));
        ++started;
      }
      int status = 0;
      // Plain wait4: measured against pidfd with epoll and against signalfd, none is faster.
      if (wait4(-1, &status, 0, nullptr) < 0)
        give_up(std::string("wait4: ") + std::strerror(errno));
      failed_ += status != 0;
    }
  }

  size_t direct() const { return direct_; }
  size_t failed() const { return failed_; }

private:
  void start(const std::string& command, int64_t number) {
    exec::job_command job;
    job.command = command;
    job.env_add = runner_variables(settings_, number);
    const auto plan = settings_.shell ? planner_.through_shell(job) : planner_.plan(job);
    const auto paths = exec::stdio_paths_of(settings_.dir, core::workflow_id{settings_.workflow},
                                            core::job_id{number}, 1, 1);
    exec::file_actions files;
    files.write_to(1, paths.out);
    files.write_to(2, paths.err);
    pid_t pid = -1;
    if (const int e = exec::spawn(pid, plan.program, plan.argv, plan.env, files, attributes_))
      give_up("cannot start '" + command + "': " + std::strerror(e));
    direct_ += plan.direct;
  }

  const settings& settings_;
  exec::planner planner_;
  exec::job_attributes attributes_;
  size_t direct_ = 0;
  size_t failed_ = 0;
};

double seconds(const timeval& t) {
  return static_cast<double>(t.tv_sec) + static_cast<double>(t.tv_usec) / 1e6;
}

} // namespace

int main(int argc, char** argv) {
  const settings s = read_settings(argc, argv);
  const auto commands = read_commands(s);
  if (const auto made = exec::prepare_output_dir(s.dir); !made)
    give_up(made.why().message);
  const int null = open("/dev/null", O_RDONLY);
  dup2(null, STDIN_FILENO);

  const auto begin = std::chrono::steady_clock::now();
  floor_run floor(s);
  floor.run(commands);
  const std::chrono::duration<double> took = std::chrono::steady_clock::now() - begin;

  rusage own{};
  rusage children{};
  getrusage(RUSAGE_SELF, &own);
  getrusage(RUSAGE_CHILDREN, &children);
  const auto jobs = static_cast<double>(commands.size());
  std::printf("jobs %zu direct %zu failed %zu seconds %.3f jobs_per_s %.1f own_us_per_job %.0f "
              "children_us_per_job %.0f\n",
              commands.size(), floor.direct(), floor.failed(), took.count(), jobs / took.count(),
              1e6 * (seconds(own.ru_utime) + seconds(own.ru_stime)) / jobs,
              1e6 * (seconds(children.ru_utime) + seconds(children.ru_stime)) / jobs);
  return floor.failed() == 0 ? 0 : 1;
}
