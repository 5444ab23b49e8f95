#include "exec/planner.hpp"
#include "exec/process_tree.hpp"
#include "exec/warm_shells.hpp"
#include "tests/exec/world.hpp"

#include <boost/test/unit_test.hpp>

#include <algorithm>
#include <chrono>
#include <csignal>
#include <poll.h>
#include <set>
#include <sstream>
#include <sys/wait.h>
#include <thread>

using namespace torc::exec;
using namespace torc::exec::test;

namespace {

/// The one child of a guardian that has no job.
pid_t warm_shell_of(runner& r) {
  const auto below = descendants_of(r.link().pid());
  BOOST_REQUIRE_EQUAL(below.size(), 1u);
  return below.front();
}

struct warm_runner : runner {
  explicit warm_runner(guardian_options options = {}) : runner(std::move(options)) {
    must_get_warm();
  }
};

std::vector<long> numbers(const std::string& text) {
  std::istringstream in(text);
  std::vector<long> all;
  for (long n = 0; in >> n;)
    all.push_back(n);
  return all;
}

long resident_pages(pid_t pid) {
  return numbers(contents("/proc/" + std::to_string(pid) + "/statm")).at(1);
}

/// 'R' runs, 'S' sleeps.
char state_of(pid_t pid) {
  const auto text = contents("/proc/" + std::to_string(pid) + "/stat");
  return text.at(text.rfind(')') + 2);
}

/// Looks until it does.
template <class Condition>
bool comes_true(Condition condition) {
  const auto give_up = std::chrono::steady_clock::now() + std::chrono::milliseconds(generous_ms);
  while (!condition() && std::chrono::steady_clock::now() < give_up)
    std::this_thread::yield();
  return condition();
}

} // namespace

BOOST_AUTO_TEST_SUITE(warm_life)

BOOST_AUTO_TEST_CASE(its_job_is_a_child_of_the_guardian_and_leads_a_group) {
  const folder files;
  warm_runner r;
  const auto tag = r.launch("echo $$ $PPID $(ps -o pgid= -p $$)", files);
  BOOST_CHECK_EQUAL(r.must_end(tag).return_code, 0);
  const auto said = numbers(contents(files / (std::to_string(tag) + ".o")));
  const auto pid = r.must_start(tag).pid;
  BOOST_CHECK(said == (std::vector<long>{pid, r.link().pid(), pid}));
}

BOOST_AUTO_TEST_CASE(its_job_s_use_of_the_machine_is_told) {
  const folder files;
  warm_runner r;
  const auto tag = r.launch("for ((i = 0; i < 300000; i++)); do :; done; exit 5", files);
  const auto& end = r.must_end(tag);
  BOOST_CHECK_EQUAL(end.return_code, 5);
  BOOST_CHECK_GT(end.user_us, 10'000);
  BOOST_CHECK_GT(end.max_rss_bytes, 1'000'000);
  BOOST_CHECK_LE(end.start_us, end.end_us);
  const auto killed = r.launch("kill -9 $$", files);
  BOOST_CHECK(r.must_end(killed).signaled);
  BOOST_CHECK_EQUAL(r.must_end(killed).return_code, 137);
}

BOOST_AUTO_TEST_CASE(a_runner_with_a_will_has_a_shell_before_its_first_job) {
  const folder files;
  runner r;
  last_will will;
  will.host = "127.0.0.1";
  will.request = "nobody hears this";
  r.link().bequeath(will);
  BOOST_CHECK(comes_true([&] { return !descendants_of(r.link().pid()).empty(); }));
  r.link().bequeath({});
  r.must_get_warm();
}

BOOST_AUTO_TEST_CASE(nothing_passes_from_one_job_to_the_next) {
  const folder files;
  warm_runner r;
  job_command dirty;
  dirty.command = "x=1; export y=2; cd /; umask 0; ulimit -n 20; set -e; alias a=b; f() { :; }; "
                  "trap 'echo t' EXIT; exec 5>&1; hash -p /x ls; enable -n echo; shopt -s extglob";
  dirty.env_add = {"ONLY_HERE=1"};
  const std::string look =
      "echo $x$y $ONLY_HERE; pwd; umask; ulimit -n; echo $-; alias; declare -F; "
      "trap; ls /proc/$$/fd; hash; enable -n; shopt extglob";
  const auto before = r.launch(look, files);
  r.must_end(before);
  r.must_end(r.launch(dirty, files));
  const auto after = r.launch(look, files);
  r.must_end(after);
  BOOST_CHECK_EQUAL(contents(files / (std::to_string(before) + ".o")),
                    contents(files / (std::to_string(after) + ".o")));
}

BOOST_AUTO_TEST_CASE(a_killed_shell_is_replaced_and_its_jobs_go_on) {
  const folder files;
  warm_runner r;
  const pid_t shell = warm_shell_of(r);
  signpost there(files / "there");
  const signpost go(files / "go");
  const auto running =
      r.launch("echo $$ > " + there.path() + "; read x < " + go.path() + "; exit 3", files);
  BOOST_CHECK_EQUAL(there.must_read_numbers().front(), r.must_start(running).pid);
  const watched end_of_shell(shell);
  kill(shell, SIGKILL);
  BOOST_CHECK(end_of_shell.ends());
  const auto next = r.launch("exit 4", files);
  BOOST_CHECK_EQUAL(r.must_end(next).return_code, 4);
  r.must_get_warm();
  write_file(go.path(), "x\n");
  BOOST_CHECK_EQUAL(r.must_end(running).return_code, 3);
  BOOST_CHECK_NE(warm_shell_of(r), shell);
  BOOST_CHECK(r.notices.empty());
}

BOOST_AUTO_TEST_CASE(a_stopped_shell_is_given_up_and_its_jobs_start_once_another_way) {
  const folder files;
  guardian_options options;
  options.warm_shell_patience_ms = 100;
  warm_runner r(std::move(options));
  kill(warm_shell_of(r), SIGSTOP);
  std::vector<int64_t> tags;
  for (int i = 0; i < 5; ++i)
    tags.push_back(r.launch("echo started >> " + files / "starts" + "; exit 6", files));
  for (const auto tag : tags)
    BOOST_CHECK_EQUAL(r.must_end(tag).return_code, 6);
  const auto starts = contents(files / "starts");
  BOOST_CHECK_EQUAL(std::count(starts.begin(), starts.end(), '\n'), 5);
  r.must_get_warm();
}

BOOST_AUTO_TEST_CASE(the_guardian_sleeps_while_one_start_waits_to_be_told_with_another) {
  const folder files;
  guardian_options options;
  options.warm_shell_patience_ms = 10 * generous_ms;
  warm_runner r(std::move(options));
  const pid_t shell = warm_shell_of(r);
  kill(shell, SIGSTOP);
  const auto held = r.launch("exit 6", files);
  const auto cold = r.launch("tail -f /dev/null", files);
  const pid_t guardian = r.link().pid();
  r.send();
  BOOST_REQUIRE(comes_true([&] { return descendants_of(guardian).size() == 2; }));
  BOOST_CHECK(comes_true([&] { return state_of(guardian) == 'S'; }));
  kill(shell, SIGCONT);
  BOOST_CHECK_EQUAL(r.must_end(held).return_code, 6);
  r.link().signal(cold, SIGKILL);
  BOOST_CHECK(r.must_end(cold).signaled);
}

BOOST_AUTO_TEST_CASE(one_look_finds_every_start_that_was_announced) {
  const folder files;
  warm_shells shells("/usr/bin/bash", own_environment(),
                     {guardian_options::library_beside_this_program()});
  job_command job;
  job.command = "exit 3";
  job.stdio = stdio_mode::none;
  while (!shells.hand_over(job, own_environment())) {
    pollfd waiting{shells.news(), POLLIN, 0};
    BOOST_REQUIRE_EQUAL(poll(&waiting, 1, generous_ms), 1);
    shells.collect();
  }
  constexpr size_t count = 30;
  for (job.tag = 1; job.tag < int64_t{count}; ++job.tag)
    BOOST_REQUIRE(shells.hand_over(job, own_environment()));
  std::set<pid_t> ended;
  while (ended.size() < count) {
    int status = 0;
    const pid_t pid = waitpid(-1, &status, 0);
    BOOST_REQUIRE(pid > 0);
    if (WIFEXITED(status) && WEXITSTATUS(status) == 3) // and not a guardian of some other test
      ended.insert(pid);
  }
  std::set<pid_t> told;
  for (const auto& start : shells.collect())
    told.insert(start.pid);
  BOOST_CHECK(told == ended);
  const pid_t shell = shells.pids().at(0);
  shells.close();
  BOOST_CHECK_EQUAL(waitpid(shell, nullptr, 0), shell);
}

BOOST_AUTO_TEST_CASE(a_signal_waits_for_a_job_that_is_about_to_start) {
  const folder files;
  warm_runner r;
  const auto one = r.launch("while :; do sleep 1000; done", files);
  r.link().signal(one, SIGKILL);
  BOOST_CHECK(r.must_end(one).signaled);
  const auto two = r.launch("while :; do sleep 1000; done", files);
  r.link().kill_all();
  BOOST_CHECK_EQUAL(r.must_end(two).return_code, 137);
}

BOOST_AUTO_TEST_CASE(closing_the_link_ends_shells_and_their_jobs) {
  const folder files;
  warm_runner r;
  const watched shell(warm_shell_of(r));
  signpost there(files / "there");
  r.must_start(r.launch("setsid sleep 1000 & echo $$ $! > " + there.path() + "; wait", files));
  const auto pids = there.must_read_numbers();
  const watched job(pids.at(0));
  const watched child(pids.at(1));
  r.must_close();
  BOOST_CHECK(shell.ends());
  BOOST_CHECK(job.ends());
  BOOST_CHECK(child.ends());
}

BOOST_AUTO_TEST_CASE(what_cannot_be_started_is_refused_with_a_reason) {
  const folder files;
  warm_runner r;
  job_command lost;
  lost.command = "echo $$";
  lost.cwd = files / "nowhere";
  const auto tag = r.launch(lost, files);
  BOOST_CHECK(r.must_end(tag).spawn_failed);
  BOOST_CHECK(r.must_end(tag).why.find("name another working directory") != std::string::npos);
  BOOST_CHECK(r.is_warm());
}

BOOST_AUTO_TEST_CASE(its_memory_stays_flat) {
  const folder files;
  warm_runner r;
  const pid_t shell = warm_shell_of(r);
  const auto run = [&](int count) {
    for (int i = 0; i < count; ++i) {
      job_command job;
      job.command = "echo $TORC_JOB_NAME";
      job.stdio = stdio_mode::none;
      job.env_add = {"TORC_JOB_NAME=" + std::string(static_cast<size_t>(i % 300), 'x')};
      r.must_end(r.launch(job, files));
    }
  };
  run(500);
  const long before = resident_pages(shell);
  run(1500);
  BOOST_CHECK_EQUAL(warm_shell_of(r), shell);
  BOOST_CHECK_LE(resident_pages(shell), before + 8);
}

BOOST_AUTO_TEST_CASE(without_the_builtin_all_goes_on_and_one_notice_says_so) {
  const folder files;
  guardian_options options;
  options.warm_shell_library = files / "missing.so";
  runner r(std::move(options));
  for (int i = 0; i < 3; ++i)
    BOOST_CHECK_EQUAL(r.must_end(r.launch("exit 7; :", files)).return_code, 7);
  BOOST_REQUIRE_EQUAL(r.notices.size(), 1u);
  BOOST_CHECK(r.notices[0].find("missing.so") != std::string::npos);
  BOOST_CHECK(!r.is_warm());
}

BOOST_AUTO_TEST_CASE(a_builtin_that_bash_does_not_take_is_given_up) {
  const folder files;
  write_file(files / "odd 'name.so", "no library\n");
  guardian_options options;
  options.warm_shell_library = files / "odd 'name.so";
  runner r(std::move(options));
  while (r.notices.empty())
    BOOST_CHECK_EQUAL(r.must_end(r.launch("exit 8; :", files)).return_code, 8);
  BOOST_CHECK(descendants_of(r.link().pid()).empty());
  BOOST_CHECK_EQUAL(r.notices.size(), 1u);
}

BOOST_AUTO_TEST_CASE(a_job_that_bash_would_start_in_another_way_gets_a_bash_of_its_own) {
  planner plans(own_environment());
  const auto may = [&](const std::string& command, std::vector<std::string> variables = {}) {
    job_command job;
    job.command = command;
    job.env_add = std::move(variables);
    return plans.may_run_in_warm_shell(job);
  };
  BOOST_CHECK(may("echo a"));
  BOOST_CHECK(may("echo a | cat; ls"));
  BOOST_CHECK(may("echo $A", {"A=1", "TORC_JOB_ID=2"}));
  BOOST_CHECK(!may("/bin/ls x")); // executed directly
  BOOST_CHECK(!may("-x"));
  BOOST_CHECK(!may("+x; echo a"));
  BOOST_CHECK(!may(std::string("echo a\0b", 8)));
  for (const char* variable :
       {"BASH_ENV=x", "BASH_FUNC_f%%=() { :; }", "SHELLOPTS=xtrace", "POSIXLY_CORRECT=", "LC_ALL=C",
        "LANG=C", "PATH=/bin", "PWD=/", "SHLVL=3", "LD_PRELOAD=x", "TZ=UTC", "MALLOC_ARENA_MAX=1",
        "RANDOM=5", "no_equals_sign"})
    BOOST_CHECK_MESSAGE(!may("echo a; :", {variable}), variable);
}

BOOST_AUTO_TEST_SUITE_END()
