#include "tests/exec/world.hpp"

#include <boost/test/unit_test.hpp>

#include <cerrno>
#include <csignal>
#include <netinet/in.h>
#include <poll.h>
#include <set>
#include <string>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

using namespace torc::exec;
using namespace torc::exec::test;

namespace {

/// A server that says what it is told to.
class listener {
public:
  listener() : fd_(socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0)) {
    sockaddr_in at{};
    at.sin_family = AF_INET;
    at.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    socklen_t size = sizeof at;
    BOOST_REQUIRE_EQUAL(bind(fd_, reinterpret_cast<sockaddr*>(&at), size), 0);
    BOOST_REQUIRE_EQUAL(listen(fd_, 8), 0);
    BOOST_REQUIRE_EQUAL(getsockname(fd_, reinterpret_cast<sockaddr*>(&at), &size), 0);
    port_ = ntohs(at.sin_port);
  }
  ~listener() { close(fd_); }
  listener(const listener&) = delete;
  listener& operator=(const listener&) = delete;

  uint16_t port() const { return port_; }
  bool is_called() const {
    pollfd waiting{fd_, POLLIN, 0};
    return poll(&waiting, 1, 0) == 1;
  }
  /// Takes the next call. @returns what it asked
  std::string answer(const std::string& what) const {
    const int caller = accept4(fd_, nullptr, nullptr, SOCK_CLOEXEC);
    BOOST_REQUIRE(caller >= 0);
    char asked[256];
    const auto size = recv(caller, asked, sizeof asked, 0);
    send(caller, what.data(), what.size(), MSG_NOSIGNAL);
    close(caller);
    return {asked, static_cast<size_t>(size > 0 ? size : 0)};
  }

private:
  int fd_;
  uint16_t port_ = 0;
};

} // namespace

BOOST_AUTO_TEST_SUITE(guardian)

BOOST_AUTO_TEST_CASE(a_thousand_quick_jobs_are_each_told_once_with_their_own_code) {
  folder out;
  runner r;
  // All at once: that is more than the socket holds, in both directions.
  std::map<int64_t, int> expected;
  for (int i = 0; i < 1000; ++i) {
    job_command job;
    job.command = i % 3 == 0 ? "true" : i % 3 == 1 ? "false" : "exit " + std::to_string(i % 256);
    job.env_add = {"PADDING=" + std::string(1000, 'x')};
    job.stdio = stdio_mode::none;
    expected[r.launch(job, out)] = i % 3 == 0 ? 0 : i % 3 == 1 ? 1 : i % 256;
  }
  r.must_end_all();
  BOOST_REQUIRE_EQUAL(r.all_exits.size(), 1000u);
  std::set<int64_t> seen;
  for (const auto& e : r.all_exits) {
    BOOST_CHECK(seen.insert(e.tag).second);
    BOOST_CHECK_EQUAL(e.return_code, expected.at(e.tag));
    BOOST_CHECK(!e.signaled);
  }
}

BOOST_AUTO_TEST_CASE(a_signal_reaches_the_grandchildren_too) {
  folder out;
  signpost ready(out / "ready");
  runner r;
  const auto tag = r.launch("sleep 1000 & echo $! > " + ready.path() + "; wait", out);
  r.must_start(tag);
  const watched grandchild(ready.must_read_numbers().at(0));
  r.link().signal(tag, SIGKILL);
  const auto& end = r.must_end(tag);
  BOOST_CHECK(end.signaled);
  BOOST_CHECK_EQUAL(end.return_code, 128 + SIGKILL);
  BOOST_CHECK(grandchild.ends());
}

BOOST_AUTO_TEST_CASE(a_signal_reaches_no_other_job) {
  folder out;
  runner r;
  const auto one = r.launch("sleep 1000", out);
  const auto other = r.launch("sleep 1000", out);
  r.must_start(other);
  r.link().signal(one, SIGTERM);
  BOOST_CHECK_EQUAL(r.must_end(one).return_code, 128 + SIGTERM);
  BOOST_CHECK_EQUAL(r.link().open_jobs(), 1u);
  r.link().signal(one, SIGTERM); // ended long ago: nothing to do
  r.link().kill_all();
  BOOST_CHECK_EQUAL(r.must_end(other).return_code, 128 + SIGKILL);
}

BOOST_AUTO_TEST_CASE(closing_the_link_ends_all_trees_even_those_that_left_their_session) {
  folder out;
  signpost ready(out / "ready");
  runner r;
  const std::string say = "'echo $$ > " + ready.path() + "; exec sleep 1000'";
  r.must_end(r.launch("setsid -f sh -c " + say, out)); // the job ends, its daemon stays
  const watched daemon(ready.must_read_numbers().at(0));
  r.must_start(r.launch("setsid sh -c " + say + " & wait", out));
  const watched session(ready.must_read_numbers().at(0));
  r.must_start(r.launch("trap '' TERM HUP; sh -c " + say, out));
  const watched stubborn(ready.must_read_numbers().at(0));
  r.must_close();
  BOOST_CHECK(daemon.ends(0));
  BOOST_CHECK(session.ends(0));
  BOOST_CHECK(stubborn.ends(0));
}

BOOST_AUTO_TEST_CASE(a_runner_killed_by_sigkill_takes_guardian_and_jobs_along) {
  folder out;
  signpost ready(out / "ready");
  const pid_t runner_pid = fork();
  if (runner_pid == 0) {
    runner r;
    r.must_end(r.launch("echo $$ $PPID > " + ready.path() + "; sleep 1000 & wait", out));
    _exit(0);
  }
  const auto numbers = ready.must_read_numbers();
  const watched job(numbers.at(0));
  const watched guardian(numbers.at(1));
  kill(runner_pid, SIGKILL);
  BOOST_CHECK(job.ends());
  BOOST_CHECK(guardian.ends());
  waitpid(runner_pid, nullptr, 0);
}

BOOST_AUTO_TEST_CASE(with_a_grace_jobs_may_tidy_up) {
  folder out;
  signpost ready(out / "ready");
  const std::string tidied = out / "tidied";
  guardian_options options;
  options.grace_ms = generous_ms;
  runner r(options);
  r.must_start(r.launch("trap 'echo done > " + tidied + "; exit' TERM; echo 1 > " + ready.path() +
                            "; while :; do sleep 1000 & wait; done",
                        out));
  ready.must_read_numbers();
  r.must_close();
  BOOST_CHECK_EQUAL(contents(tidied), "done\n");
}

BOOST_AUTO_TEST_CASE(the_last_will_is_sent_when_the_jobs_have_ended_and_until_it_is_heard) {
  folder out;
  signpost ready(out / "ready");
  listener server;
  runner r;
  r.link().bequeath({"127.0.0.1", 1, "an older one"});
  r.link().bequeath({"127.0.0.1", server.port(), "POST it"});
  r.must_start(r.launch("echo $$ > " + ready.path() + "; sleep 1000 & wait", out));
  const watched job(ready.must_read_numbers().at(0));
  const pid_t guardian = r.link().pid();
  r.link().close();
  BOOST_CHECK_EQUAL(server.answer("HTTP/1.1 503 Later\r\n\r\n"), "POST it");
  BOOST_CHECK(job.ends(0));
  BOOST_CHECK_EQUAL(server.answer("HTTP/1.1 200 OK\r\n\r\n"), "POST it");
  BOOST_CHECK(await_guardian(guardian, generous_ms));
}

BOOST_AUTO_TEST_CASE(a_last_will_may_be_a_command_that_is_run_until_it_succeeds) {
  folder out;
  signpost heard(out / "heard");
  runner r;
  const auto script = "if [ -e " + out / "tried" + " ]; then echo \"$$ $WILL\" > " + heard.path() +
                      "; else touch " + out / "tried" + "; exit 1; fi";
  r.link().bequeath({"", 0, "", {"/bin/sh", "-c", script}, {"WILL=7"}});
  const pid_t guardian = r.link().pid();
  r.link().close();
  BOOST_TEST(heard.must_read_numbers().at(1) == 7);
  BOOST_CHECK(await_guardian(guardian, generous_ms));
}

BOOST_AUTO_TEST_CASE(a_will_that_was_taken_back_at_the_end_is_not_sent) {
  listener server;
  runner r;
  r.link().bequeath({"127.0.0.1", server.port(), "POST it"});
  r.link().bequeath({});
  r.must_close();
  BOOST_CHECK(!server.is_called());
}

BOOST_AUTO_TEST_CASE(a_killed_guardian_is_noticed_and_its_jobs_end) {
  folder out;
  signpost ready(out / "ready");
  runner r;
  const auto quick = r.launch("true", out);
  r.must_end(quick);
  const auto slow = r.launch("echo $$ > " + ready.path() + "; sleep 1000 & wait", out);
  r.must_start(slow);
  const watched job(ready.must_read_numbers().at(0));
  kill(r.link().pid(), SIGKILL);
  BOOST_TEST(r.must_be_lost() == std::vector<int64_t>{slow}, boost::test_tools::per_element());
  BOOST_CHECK(job.ends());
  const auto& late = r.must_end(r.launch("true", out));
  BOOST_CHECK(late.spawn_failed);
  BOOST_CHECK(!late.why.empty());
  while (waitpid(-1, nullptr, WNOHANG) > 0) {
  }
}

BOOST_AUTO_TEST_CASE(a_terminal_s_signals_do_not_reach_the_guardian) {
  folder out;
  runner r;
  r.must_end(r.launch("true", out)); // it has settled
  for (const int number : {SIGINT, SIGTERM, SIGHUP, SIGQUIT, SIGPIPE})
    kill(r.link().pid(), number);
  BOOST_CHECK_EQUAL(r.must_end(r.launch("exit 5", out)).return_code, 5);
  BOOST_CHECK_EQUAL(getsid(r.link().pid()), r.link().pid());
}

BOOST_AUTO_TEST_CASE(an_adopted_orphan_does_not_stay_a_zombie) {
  folder out;
  signpost ready(out / "ready");
  signpost go(out / "go");
  runner r;
  r.must_end(
      r.launch("sh -c 'echo $$ > " + ready.path() + "; read line < " + go.path() + "' &", out));
  const pid_t pid = ready.must_read_numbers().at(0);
  const watched orphan(pid);
  BOOST_CHECK_EQUAL(kill(pid, 0), 0);
  write_file(go.path(), "on\n");
  BOOST_REQUIRE(orphan.ends());
  r.must_end(r.launch("true", out)); // the same sweep takes both
  BOOST_CHECK_EQUAL(kill(pid, 0), -1);
  BOOST_CHECK_EQUAL(errno, ESRCH);
}

BOOST_AUTO_TEST_SUITE_END()
