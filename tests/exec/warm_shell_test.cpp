#include "exec/planner.hpp"
#include "tests/exec/trials.hpp"
#include "tests/exec/world.hpp"

#include <boost/test/unit_test.hpp>

#include <algorithm>

using namespace torc::exec;
using namespace torc::exec::test;

namespace {

constexpr size_t drawn_at_once = 400;

std::vector<std::string> written_commands() {
  return read_commands(TORC_SOURCE_DIR "/tests/exec/warm_corpus.txt");
}

} // namespace

BOOST_AUTO_TEST_SUITE(warm_written)

BOOST_AUTO_TEST_CASE(every_written_command_is_the_same_in_a_warm_shell) {
  must_be_the_same_in_a_warm_shell(written_commands());
}

BOOST_AUTO_TEST_CASE(a_job_s_own_variables_are_what_they_would_be_for_a_new_shell) {
  must_be_the_same_in_a_warm_shell(
      {"env; :", "set", "declare -p", "echo $-; shopt; set -o", "f() { f; }; f",
       "printf '%q\n' \"$A\"", "getopts a x -a; echo $x $OPTIND",
       "echo *.txt; cd x.txt; cd sub; pwd", "set -x; echo a", "cat <<E\n$A\nE",
       "time :", "read x; echo $?", "sh -c env", "./noshebang x; env | sort",
       "tr '\\0' '\\n' < /proc/$$/environ", "nosuch_program; history; : &\nwait; jobs"},
      {"FUNCNEST=3",
       "OPTIND=5",
       "OPTERR=0",
       "TMPDIR=/nonexistent",
       "GLOBIGNORE=a*",
       "PS4=> ",
       "TIMEFORMAT=x",
       "CDPATH=dir",
       "HISTFILE=h",
       "HISTSIZE=1",
       "MAILCHECK=x",
       "MAIL=/etc/motd",
       "TMOUT=1",
       "IGNOREEOF=3",
       "a.b=1",
       "1x=2",
       "A=first",
       "A=one\ntwo 'q' ü",
       "CHILD_MAX=5",
       "EMACS=t",
       "INSIDE_EMACS=x",
       "TERM=vt100",
       "FIGNORE=.o",
       "auto_resume=1",
       "histchars=abc",
       "FCEDIT=x",
       "INPUTRC=/none",
       "HOSTFILE=/none",
       "PROMPT_COMMAND=x",
       "PS1=p",
       "PS2=q",
       "HISTCONTROL=all",
       "LINENO_=1",
       "REPLY=r",
       "NOTHING="});
}

BOOST_AUTO_TEST_CASE(at_least_two_thousand_commands_are_tried_and_nearly_all_of_them_warm) {
  auto all = written_commands();
  for (unsigned seed = 1; seed <= 4; ++seed)
    for (auto& command : drawn_commands(seed, drawn_at_once))
      all.push_back(std::move(command));
  planner plans(own_environment());
  const auto warm = std::count_if(all.begin(), all.end(), [&](const std::string& command) {
    job_command job;
    job.command = command;
    job.env_add = {"TORC_JOB_ID=1"};
    return plans.may_run_in_warm_shell(job);
  });
  BOOST_CHECK_GE(warm, 2'000);
}

BOOST_AUTO_TEST_SUITE_END()

BOOST_AUTO_TEST_SUITE(warm_drawn)

BOOST_AUTO_TEST_CASE(seed_1) {
  must_be_the_same_in_a_warm_shell(drawn_commands(1, drawn_at_once));
}
BOOST_AUTO_TEST_CASE(seed_2) {
  must_be_the_same_in_a_warm_shell(drawn_commands(2, drawn_at_once));
}
BOOST_AUTO_TEST_CASE(seed_3) {
  must_be_the_same_in_a_warm_shell(drawn_commands(3, drawn_at_once));
}
BOOST_AUTO_TEST_CASE(seed_4) {
  must_be_the_same_in_a_warm_shell(drawn_commands(4, drawn_at_once));
}

BOOST_AUTO_TEST_SUITE_END()
