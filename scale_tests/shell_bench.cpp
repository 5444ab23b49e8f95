// Feeds jobs to a warm shell, a guardian or posix_spawn as fast as they take them, and says where
// the time of each process went and how much memory the warm shell holds.
//
//   shell_bench --through shell --jobs 100000 --parallel 16 --dir out
//   shell_bench --through guardian --jobs 1000000 --dir out --no-files

#include "exec/guardian.hpp"
#include "exec/guardian_link.hpp"
#include "exec/job_process.hpp"
#include "exec/launcher.hpp"
#include "exec/planner.hpp"

#include <boost/asio/io_context.hpp>

#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <fcntl.h>
#include <fstream>
#include <memory>
#include <string>
#include <string_view>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <thread>
#include <unistd.h>
#include <vector>

namespace exec = torc::exec;
namespace core = torc::core;

namespace {

constexpr const char* usage =
    "shell_bench --dir DIR [--through shell|guardian] [--jobs N] [--parallel N] [--no-files]\n"
    "  --through shell     the warm shell alone, fed by this process (default)\n"
    "  --through guardian  a guardian and its warm shell, as a runner has them\n"
    "  --jobs N            so many `echo r1_<n>` (default 10000)\n"
    "  --parallel N        jobs in flight (default 16)\n"
    "  --command TEXT      another command\n"
    "  --no-files          the output goes to /dev/null, not to two files each\n"
    "  --dir DIR           a fresh folder for the files\n";

struct settings {
  int64_t jobs = 10'000;
  int64_t parallel = 16;
  std::string dir;
  std::string through = "shell";
  std::string command;
  bool files = true;
};

[[noreturn]] void give_up(const std::string& why) {
  std::fprintf(stderr, "shell_bench: %s\n", why.c_str());
  std::exit(1);
}

settings read_settings(int argc, char** argv) {
  settings s;
  for (int i = 1; i < argc; ++i) {
    const std::string_view option = argv[i];
    if (option == "--no-files") {
      s.files = false;
      continue;
    }
    if (i + 1 == argc)
      give_up("a value is missing for " + std::string(option) + "\n" + usage);
    const char* value = argv[++i];
    if (option == "--jobs")
      s.jobs = std::atoll(value);
    else if (option == "--parallel")
      s.parallel = std::atoll(value);
    else if (option == "--through")
      s.through = value;
    else if (option == "--command")
      s.command = value;
    else if (option == "--dir")
      s.dir = value;
    else
      give_up("no such option: " + std::string(option) + "\n" + usage);
  }
  if (s.dir.empty() || s.jobs < 1 || s.parallel < 1 ||
      (s.through != "shell" && s.through != "guardian"))
    give_up(std::string("--dir is missing, or a value makes no sense\n") + usage);
  return s;
}

/// What the runner would ask for.
exec::job_command job_number(const settings& s, int64_t number) {
  exec::job_command job;
  job.tag = number;
  job.command = s.command.empty() ? "echo r1_" + std::to_string(number) : s.command;
  job.env_add = {"TORC_WORKFLOW_ID=1",
                 "TORC_JOB_ID=" + std::to_string(number),
                 "TORC_JOB_NAME=r1_" + std::to_string(number),
                 "TORC_ATTEMPT_ID=1",
                 "TORC_RUN_ID=1",
                 "TORC_OUTPUT_DIR=" + s.dir,
                 "TORC_API_URL=http://127.0.0.1:8080/torc-service/v1"};
  if (!s.files) {
    job.stdio = exec::stdio_mode::none;
    return job;
  }
  auto paths = exec::stdio_paths_of(s.dir, core::workflow_id{1}, core::job_id{number}, 1, 1);
  job.stdout_path = std::move(paths.out);
  job.stderr_path = std::move(paths.err);
  return job;
}

/// The processor time that a process itself has had, in microseconds, without its children.
double own_cpu_us(pid_t pid) {
  std::ifstream file("/proc/" + std::to_string(pid) + "/schedstat");
  double ns = 0;
  file >> ns;
  return ns / 1e3;
}

int64_t own_switches(pid_t pid) {
  std::ifstream file("/proc/" + std::to_string(pid) + "/status");
  int64_t all = 0;
  for (std::string word; file >> word;)
    if (word == "voluntary_ctxt_switches:" || word == "nonvoluntary_ctxt_switches:") {
      int64_t some = 0;
      file >> some;
      all += some;
    }
  return all;
}

/// A line of /proc/PID/smaps_rollup, in KiB: "Rss:" counts shared pages, "Private_Dirty:" does not.
int64_t memory_kib(pid_t pid, std::string_view name) {
  std::ifstream file("/proc/" + std::to_string(pid) + "/smaps_rollup");
  for (std::string word; file >> word;)
    if (word == name) {
      int64_t kib = 0;
      file >> kib;
      return kib;
    }
  return 0;
}

std::vector<pid_t> children_of(pid_t parent) {
  const auto number = std::to_string(parent);
  std::ifstream file("/proc/" + number + "/task/" + number + "/children");
  std::vector<pid_t> all;
  for (pid_t child = 0; file >> child;)
    all.push_back(child);
  return all;
}

/// One process that is looked at.
struct watched {
  std::string name;
  pid_t pid = 0;
  double cpu_us = 0;
  int64_t switches = 0;

  watched(std::string what, pid_t who)
      : name(std::move(what)), pid(who), cpu_us(own_cpu_us(who)), switches(own_switches(who)) {}
};

/// Takes the figures of a run: begin() before the first job that counts, end() after each.
class measurement {
public:
  void begin(std::vector<watched> processes, pid_t shell) {
    processes_ = std::move(processes);
    shell_ = shell;
    begin_ = std::chrono::steady_clock::now();
  }

  void end(int64_t user_us, int64_t sys_us) {
    jobs_us_ += static_cast<double>(user_us + sys_us);
    if (++ended_ == next_mark_) {
      marks_ += (marks_.empty() ? "" : ", ") + std::string("{\"jobs\": ") + std::to_string(ended_) +
                ", \"shell_rss_kib\": " + std::to_string(memory_kib(shell_, "Rss:")) +
                ", \"shell_private_kib\": " + std::to_string(memory_kib(shell_, "Private_Dirty:")) +
                "}";
      next_mark_ *= 10;
    }
  }

  void print(const settings& s) const {
    const std::chrono::duration<double> took = std::chrono::steady_clock::now() - begin_;
    const auto jobs = static_cast<double>(ended_);
    std::printf("{\"through\": \"%s\", \"jobs\": %lld, \"seconds\": %.3f, \"jobs_per_s\": %.0f, "
                "\"job_us\": %.1f",
                s.through.c_str(), static_cast<long long>(ended_), took.count(),
                jobs / took.count(), jobs_us_ / jobs);
    for (const auto& p : processes_)
      std::printf(", \"%s_us\": %.1f, \"%s_switches\": %.2f", p.name.c_str(),
                  (own_cpu_us(p.pid) - p.cpu_us) / jobs, p.name.c_str(),
                  static_cast<double>(own_switches(p.pid) - p.switches) / jobs);
    std::printf(", \"memory\": [%s]}\n", marks_.c_str());
  }

private:
  std::vector<watched> processes_;
  pid_t shell_ = 0;
  std::chrono::steady_clock::time_point begin_;
  int64_t ended_ = 0;
  int64_t next_mark_ = 1'000;
  double jobs_us_ = 0;
  std::string marks_;
};

/// A guardian and its shell; this process is the runner.
class guardian_run {
public:
  guardian_run(const settings& s, exec::guardian_handle handle)
      : settings_(s), guardian_(handle.pid()),
        link_(io_, std::move(handle),
              {[](const std::vector<exec::job_started>&) {},
               [this](const std::vector<exec::job_exit>& all) { on_exit(all); },
               [](const std::vector<int64_t>&) { give_up("the guardian has gone"); },
               [](const std::string& text) { give_up(text); }}) {}

  void run() {
    warm_up();
    const auto shells = children_of(guardian_);
    if (shells.empty())
      give_up("there is no warm shell");
    std::vector<watched> all{{"driver", getpid()}, {"guardian", guardian_}};
    for (const pid_t shell : shells)
      all.emplace_back(shell == shells.front() ? "shell" : "shell_2", shell);
    measured_.begin(std::move(all), shells.front());
    counts_ = true;
    go_on_until(started_ + settings_.jobs);
    measured_.print(settings_);
  }

private:
  /// The first jobs are started another way, until the shell is there.
  void warm_up() {
    for (int i = 0; i < 100; ++i)
      go_on_until(started_ + 1);
  }

  void go_on_until(int64_t jobs) {
    until_ = jobs;
    feed();
    while (ended_ < until_)
      io_.run_one();
  }

  void feed() {
    while (started_ < until_ && started_ - ended_ < settings_.parallel)
      link_.launch(job_number(settings_, ++started_));
  }

  void on_exit(const std::vector<exec::job_exit>& all) {
    for (const auto& e : all) {
      if (e.return_code != 0 || e.spawn_failed)
        give_up("a job failed: " + e.why);
      if (counts_)
        measured_.end(e.user_us, e.sys_us);
    }
    ended_ += static_cast<int64_t>(all.size());
    feed();
  }

  const settings& settings_;
  boost::asio::io_context io_{1};
  pid_t guardian_;
  int64_t started_ = 0;
  int64_t ended_ = 0;
  int64_t until_ = 0;
  bool counts_ = false;
  measurement measured_;
  exec::guardian_link link_;
};

/// The shell alone: this process only feeds it and reaps.
class shell_run {
public:
  explicit shell_run(const settings& s)
      : settings_(s), planner_(exec::own_environment()),
        shells_(planner_.bash(), exec::own_environment(),
                {exec::guardian_options::library_beside_this_program(), 1}) {}

  void run() {
    while (!shells_.hand_over(job_number(settings_, 1), environment(1)))
      shells_.collect();
    reap();
    measured_.begin({{"driver", getpid()}, {"shell", shells_.pids().front()}},
                    shells_.pids().front());
    for (int64_t started = 0, ended = 0; ended < settings_.jobs; ++ended) {
      for (; started < settings_.jobs && started - ended < settings_.parallel; ++started) {
        const auto number = started + 2;
        if (!shells_.hand_over(job_number(settings_, number), environment(number)))
          break;
      }
      const auto used = reap();
      shells_.collect();
      measured_.end(used.ru_utime.tv_sec * 1'000'000 + used.ru_utime.tv_usec,
                    used.ru_stime.tv_sec * 1'000'000 + used.ru_stime.tv_usec);
    }
    measured_.print(settings_);
  }

private:
  std::vector<std::string> environment(int64_t number) const {
    return planner_.through_shell(job_number(settings_, number)).env;
  }

  rusage reap() {
    rusage used{};
    int status = 0;
    if (wait4(-1, &status, 0, &used) < 0 || status != 0)
      give_up("a job failed");
    return used;
  }

  const settings& settings_;
  exec::planner planner_;
  exec::warm_shells shells_;
  measurement measured_;
};

} // namespace

int main(int argc, char** argv) {
  const settings s = read_settings(argc, argv);
  if (const auto made = exec::prepare_output_dir(s.dir); !made)
    give_up(made.why().message);
  const int null = open("/dev/null", O_RDONLY);
  dup2(null, STDIN_FILENO);
  if (s.through == "shell") {
    shell_run(s).run();
    return 0;
  }
  auto guardian = exec::start_guardian();
  if (!guardian)
    give_up(guardian.why().message);
  guardian_run(s, std::move(*guardian)).run();
}
