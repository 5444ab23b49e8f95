#include "tests/exec/world.hpp"

#include <boost/test/unit_test.hpp>

#include <chrono>
#include <csignal>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

using namespace torc::exec;
using namespace torc::exec::test;
namespace core = torc::core;

BOOST_AUTO_TEST_SUITE(job)

BOOST_AUTO_TEST_CASE(stdout_and_stderr_go_to_files_of_their_own) {
  folder out;
  runner r;
  const auto tag = r.launch("echo good; echo bad >&2; exit 3", out);
  BOOST_CHECK_EQUAL(r.must_end(tag).return_code, 3);
  BOOST_CHECK_EQUAL(contents(out / "1.o"), "good\n");
  BOOST_CHECK_EQUAL(contents(out / "1.e"), "bad\n");
}

BOOST_AUTO_TEST_CASE(an_older_file_is_truncated) {
  folder out;
  write_file(out / "1.o", "something much longer than the new text\n");
  runner r;
  r.must_end(r.launch("echo new", out));
  BOOST_CHECK_EQUAL(contents(out / "1.o"), "new\n");
}

BOOST_AUTO_TEST_CASE(combined_output_goes_to_one_file_and_none_goes_nowhere) {
  folder out;
  runner r;
  job_command both;
  both.command = "echo good; echo bad >&2";
  both.stdio = stdio_mode::combined;
  job_command none = both;
  none.stdio = stdio_mode::none;
  r.must_end(r.launch(both, out));
  BOOST_CHECK_EQUAL(r.must_end(r.launch(none, out)).return_code, 0);
  BOOST_CHECK_EQUAL(contents(out / "1.o"), "good\nbad\n");
  BOOST_CHECK_NE(access((out / "1.e").c_str(), F_OK), 0);
  BOOST_CHECK_NE(access((out / "2.o").c_str(), F_OK), 0);
}

BOOST_AUTO_TEST_CASE(stdin_is_empty) {
  folder out;
  runner r;
  BOOST_CHECK_EQUAL(r.must_end(r.launch("cat", out)).return_code, 0);
  BOOST_CHECK_EQUAL(contents(out / "1.o"), "");
}

BOOST_AUTO_TEST_CASE(variables_are_added_and_replace_inherited_ones) {
  folder out;
  runner r;
  for (const char* command :
       {"printenv SCIENCE TORC_JOB_ID", "echo \"$SCIENCE\"; echo $TORC_JOB_ID"}) {
    job_command job;
    job.command = command;
    job.env_add = {"TORC_JOB_ID=17", "SCIENCE=new  value=x"};
    const auto tag = r.launch(job, out);
    BOOST_CHECK_EQUAL(r.must_end(tag).return_code, 0);
    BOOST_CHECK_EQUAL(contents(out / (std::to_string(tag) + ".o")), "new  value=x\n17\n");
  }
  // The values of one job are not those of the next.
  job_command next;
  next.command = "printenv SCIENCE TORC_JOB_ID";
  next.env_add = {"TORC_JOB_ID=18", "SCIENCE=other"};
  r.must_end(r.launch(next, out));
  BOOST_CHECK_EQUAL(contents(out / "3.o"), "other\n18\n");
}

BOOST_AUTO_TEST_CASE(a_malformed_variable_is_refused) {
  folder out;
  runner r;
  job_command job;
  job.command = "true";
  job.env_add = {"NO_VALUE"};
  const auto& end = r.must_end(r.launch(job, out));
  BOOST_CHECK(end.spawn_failed);
  BOOST_CHECK(end.why.find("NO_VALUE") != std::string::npos);
}

BOOST_AUTO_TEST_CASE(a_job_works_in_the_folder_that_it_names) {
  folder out;
  folder work;
  runner r;
  for (const char* command : {"pwd", "/bin/pwd", "printenv PWD"}) {
    job_command job;
    job.command = command;
    job.cwd = work.str();
    const auto tag = r.launch(job, out);
    BOOST_CHECK_EQUAL(r.must_end(tag).return_code, 0);
    BOOST_CHECK_EQUAL(contents(out / (std::to_string(tag) + ".o")), work.str() + "\n");
  }
}

BOOST_AUTO_TEST_CASE(a_job_inherits_no_descriptor_and_no_signal_setting) {
  folder out;
  const int leaked = open("/dev/null", O_RDONLY); // not O_CLOEXEC, on purpose
  struct sigaction ignore {};
  struct sigaction before {};
  ignore.sa_handler = SIG_IGN;
  sigaction(SIGPIPE, &ignore, &before);
  runner r;
  r.must_end(r.launch("ls /proc/self/fd", out));
  r.must_end(r.launch("sed -n '/^Sig[BIC]/p' /proc/self/status", out));
  sigaction(SIGPIPE, &before, nullptr);
  close(leaked);
  BOOST_CHECK_EQUAL(contents(out / "1.o"), "0\n1\n2\n3\n"); // 3 is the folder that ls reads
  // Signals 32 and 33 are glibc's own; its posix_spawn ignores them in every child.
  BOOST_CHECK_EQUAL(contents(out / "2.o"), "SigBlk:\t0000000000000000\n"
                                           "SigIgn:\t0000000180000000\n"
                                           "SigCgt:\t0000000000000000\n");
}

BOOST_AUTO_TEST_CASE(times_and_memory_are_plausible) {
  folder out;
  runner r;
  const int64_t before = wall_clock_us();
  const auto& hungry =
      r.must_end(r.launch("head -c 60000000 /dev/zero | tail -c 60000000 | wc -c", out));
  const auto& modest = r.must_end(r.launch("true", out));
  const int64_t after = wall_clock_us();
  BOOST_CHECK_EQUAL(contents(out / "1.o"), "60000000\n");
  BOOST_CHECK_GE(hungry.start_us, before);
  BOOST_CHECK_GE(hungry.end_us, hungry.start_us);
  BOOST_CHECK_LE(modest.end_us, after);
  BOOST_CHECK_GT(hungry.user_us + hungry.sys_us, 0);
  BOOST_CHECK_GE(hungry.max_rss_bytes, 60'000'000);
  BOOST_CHECK_GT(modest.max_rss_bytes, 0);
}

BOOST_AUTO_TEST_CASE(an_output_file_that_cannot_be_made_is_a_failed_start_with_a_reason) {
  folder out;
  write_file(out / "file", "");
  runner r;
  for (const std::string& where : {out / "missing", out / "file", std::string("/proc/self")}) {
    for (const char* command : {"echo direct", "echo through | cat"}) {
      job_command job;
      job.tag = 1'000;
      job.command = command;
      job.stdout_path = where + "/x.o";
      job.stderr_path = where + "/x.e";
      r.link().launch(job);
      r.must_end_all();
      const auto& end = r.all_exits.back();
      BOOST_CHECK(end.spawn_failed);
      BOOST_CHECK_MESSAGE(end.why.find(where + "/x.o") != std::string::npos, end.why);
    }
  }
}

BOOST_AUTO_TEST_CASE(a_missing_working_folder_is_a_failed_start_with_a_reason) {
  folder out;
  runner r;
  job_command job;
  job.command = "true";
  job.cwd = out / "missing";
  const auto& end = r.must_end(r.launch(job, out));
  BOOST_CHECK(end.spawn_failed);
  BOOST_CHECK_MESSAGE(end.why.find(job.cwd) != std::string::npos, end.why);
}

BOOST_AUTO_TEST_CASE(a_command_longer_than_the_kernel_takes_is_a_failed_start) {
  folder out;
  runner r;
  const auto& end = r.must_end(r.launch("echo " + std::string(200'000, 'x'), out));
  BOOST_CHECK(end.spawn_failed);
  BOOST_CHECK_MESSAGE(end.why.find("script") != std::string::npos, end.why);
}

BOOST_AUTO_TEST_CASE(a_tag_that_still_runs_is_refused_and_the_job_goes_on) {
  auto guardian = start_guardian();
  BOOST_REQUIRE(guardian);
  boost::asio::io_context io;
  std::vector<job_exit> exits;
  guardian_events events;
  events.on_exit = [&](std::vector<job_exit> all) {
    exits.insert(exits.end(), all.begin(), all.end());
  };
  guardian_link link(io, std::move(*guardian), std::move(events));
  const auto hear = [&](size_t count) {
    const auto deadline = std::chrono::steady_clock::now() + std::chrono::milliseconds(generous_ms);
    while (exits.size() < count && io.run_one_until(deadline) != 0) {
    }
    BOOST_REQUIRE_EQUAL(exits.size(), count);
  };
  job_command job{1, "sleep 1000", stdio_mode::none, {}, {}, {}, {}};
  link.launch(job);
  link.launch(job);
  hear(1);
  BOOST_CHECK(exits[0].spawn_failed);
  BOOST_CHECK_MESSAGE(exits[0].why.find("tag") != std::string::npos, exits[0].why);
  link.signal(1, SIGKILL);
  hear(2);
  BOOST_CHECK(!exits[1].spawn_failed);
  BOOST_CHECK_EQUAL(exits[1].return_code, 128 + SIGKILL);
  link.close();
  BOOST_CHECK(await_guardian(link.pid(), generous_ms));
}

BOOST_AUTO_TEST_CASE(the_output_folder_is_made_with_its_parents_or_refused) {
  folder out;
  BOOST_CHECK(prepare_output_dir(out / "a/b"));
  BOOST_CHECK(prepare_output_dir(out / "a/b"));
  struct stat made {};
  BOOST_REQUIRE_EQUAL(stat((out / "a/b/job_stdio").c_str(), &made), 0);
  BOOST_CHECK(S_ISDIR(made.st_mode));
  write_file(out / "file", "");
  const auto refused = prepare_output_dir(out / "file/below");
  BOOST_REQUIRE(!refused);
  BOOST_CHECK(refused.why().why == core::refusal::unprocessable);
  const auto paths = stdio_paths_of("out", core::workflow_id{3}, core::job_id{14}, 1, 5);
  BOOST_CHECK_EQUAL(paths.out, "out/job_stdio/job_wf3_j14_r1_a5.o");
  BOOST_CHECK_EQUAL(paths.err, "out/job_stdio/job_wf3_j14_r1_a5.e");
}

BOOST_AUTO_TEST_SUITE_END()
