#define BOOST_TEST_MODULE exec
#include <boost/test/unit_test.hpp>

#include "tests/exec/world.hpp"

#include <cerrno>
#include <chrono>
#include <cstdlib>
#include <cstring>
#include <fcntl.h>
#include <fstream>
#include <poll.h>
#include <sstream>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

namespace torc::exec::test {

namespace {

/// The same few variables wherever the tests run: whoever builds may have BASH_ENV set.
struct plain_environment {
  plain_environment() {
    clearenv();
    setenv("PATH", "/usr/local/bin:/usr/bin:/bin", 1);
    setenv("HOME", "/nonexistent", 1);
    setenv("LANG", "C.UTF-8", 1);
    setenv("SHLVL", "2", 1);
    setenv("SCIENCE", "a b  c", 1);
  }
};

} // namespace

BOOST_TEST_GLOBAL_FIXTURE(plain_environment);

folder::folder() {
  // Not under TMPDIR's symbolic links: some tests compare the path with what a shell prints.
  auto pattern =
      (std::filesystem::canonical(std::filesystem::temp_directory_path()) / "torc_exec_XXXXXX")
          .string();
  BOOST_REQUIRE(mkdtemp(pattern.data()) != nullptr);
  path_ = pattern;
}

folder::~folder() {
  std::error_code ignored;
  std::filesystem::remove_all(path_, ignored);
}

std::string contents(const std::string& path) {
  std::ifstream file(path, std::ios::binary);
  BOOST_REQUIRE_MESSAGE(file.good(), "cannot read " << path);
  std::ostringstream text;
  text << file.rdbuf();
  return text.str();
}

void write_file(const std::string& path, const std::string& text, bool executable) {
  std::ofstream(path, std::ios::binary) << text;
  BOOST_REQUIRE_EQUAL(chmod(path.c_str(), executable ? 0755 : 0644), 0);
}

runner::runner(guardian_options options) {
  auto guardian = start_guardian(std::move(options));
  BOOST_REQUIRE(guardian);
  guardian_events events;
  events.on_started = [this](const std::vector<job_started>& started) {
    for (const auto& s : started) {
      BOOST_CHECK(!started_.contains(s.tag));
      BOOST_CHECK(!exits_.contains(s.tag));
      started_[s.tag] = s;
    }
  };
  events.on_exit = [this](std::vector<job_exit> exits) {
    for (auto& e : exits) {
      BOOST_CHECK_EQUAL(e.spawn_failed, !started_.contains(e.tag));
      all_exits.push_back(e);
      exits_[e.tag] = std::move(e);
    }
  };
  events.on_lost = [this](std::vector<int64_t> tags) { lost_ = std::move(tags); };
  events.on_notice = [this](const std::string& text) { notices.push_back(text); };
  link_.emplace(io_, std::move(*guardian), std::move(events));
}

int64_t runner::launch(const std::string& command, const folder& where) {
  job_command job;
  job.command = command;
  return launch(std::move(job), where);
}

int64_t runner::launch(job_command job, const folder& where) {
  job.tag = ++launched_;
  job.stdout_path = where / (std::to_string(job.tag) + ".o");
  job.stderr_path = where / (std::to_string(job.tag) + ".e");
  link_->launch(job);
  return job.tag;
}

template <class Condition>
void runner::run_until(Condition heard, const char* what) {
  const auto deadline = std::chrono::steady_clock::now() + std::chrono::milliseconds(generous_ms);
  io_.restart();
  while (!heard() && io_.run_one_until(deadline) != 0) {
  }
  BOOST_REQUIRE_MESSAGE(heard(), "never heard of " << what);
}

void runner::send() {
  io_.restart();
  io_.poll();
}

const job_exit& runner::must_end(int64_t tag) {
  run_until([&] { return exits_.contains(tag); }, "the end of a job");
  return exits_[tag];
}

const job_started& runner::must_start(int64_t tag) {
  run_until([&] { return started_.contains(tag); }, "the start of a job");
  return started_[tag];
}

void runner::must_end_all() {
  run_until([&] { return link_->open_jobs() == 0; }, "the end of all jobs");
}

const std::vector<int64_t>& runner::must_be_lost() {
  run_until([&] { return lost_.has_value(); }, "the loss of the guardian");
  return *lost_;
}

void runner::must_close() {
  link_->close();
  BOOST_REQUIRE(await_guardian(link_->pid(), generous_ms));
}

void runner::must_get_warm() {
  const auto deadline = std::chrono::steady_clock::now() + std::chrono::milliseconds(generous_ms);
  while (!is_warm())
    BOOST_REQUIRE(std::chrono::steady_clock::now() < deadline);
}

bool runner::is_warm() {
  // The one thing by which such a process can be told from another.
  const auto tag = launch("[[ $(< /proc/$$/maps) == *torc_warm_shell.so* ]]", probes_);
  return must_end(tag).return_code == 0;
}

signpost::signpost(const std::string& path) : path_(path) {
  BOOST_REQUIRE_EQUAL(mkfifo(path.c_str(), 0600), 0);
  // Open for writing too, so that a reader never sees the end of the file between two writers.
  fd_ = open(path.c_str(), O_RDWR | O_NONBLOCK | O_CLOEXEC);
  BOOST_REQUIRE(fd_ >= 0);
}

signpost::~signpost() {
  close(fd_);
}

std::vector<pid_t> signpost::must_read_numbers() {
  std::string line;
  while (line.find('\n') == std::string::npos) {
    pollfd waiting{fd_, POLLIN, 0};
    BOOST_REQUIRE_EQUAL(poll(&waiting, 1, generous_ms), 1);
    char c = 0;
    if (read(fd_, &c, 1) == 1)
      line.push_back(c);
  }
  std::istringstream in(line);
  std::vector<pid_t> numbers;
  for (pid_t n = 0; in >> n;)
    numbers.push_back(n);
  return numbers;
}

watched::watched(pid_t pid) : fd_(static_cast<int>(syscall(SYS_pidfd_open, pid, 0))) {
  BOOST_REQUIRE_MESSAGE(fd_ >= 0, "process " << pid << ": " << std::strerror(errno));
}

watched::~watched() {
  close(fd_);
}

bool watched::ends(int timeout_ms) const {
  pollfd waiting{fd_, POLLIN, 0};
  return poll(&waiting, 1, timeout_ms) == 1;
}

} // namespace torc::exec::test
