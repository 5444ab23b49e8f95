#include "exec/planner.hpp"
#include "exec/spawn.hpp"
#include "tests/exec/world.hpp"

#include <boost/test/unit_test.hpp>

#include <cstdlib>
#include <fstream>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

using namespace torc::exec;
using namespace torc::exec::test;

namespace {

/// What a warm shell takes without making anything wait.
constexpr size_t in_flight = 16;

struct table_line {
  bool direct = false;
  std::string command;
};

/// The written table, and what is too long to write.
std::vector<table_line> read_table() {
  std::ifstream file(TORC_SOURCE_DIR "/tests/exec/differential_table.txt");
  BOOST_REQUIRE(file.good());
  std::vector<table_line> table;
  const std::string newline = "⏎";
  for (std::string line; std::getline(file, line);) {
    if (line.empty() || line[0] == '#')
      continue;
    BOOST_REQUIRE_MESSAGE(line.starts_with("d ") || line.starts_with("s "), line);
    table_line next{line[0] == 'd', line.substr(2)};
    for (size_t at = 0; (at = next.command.find(newline, at)) != std::string::npos;)
      next.command.replace(at, newline.size(), "\n");
    table.push_back(std::move(next));
  }
  table.push_back({true, "echo " + std::string(100'000, 'x')});
  table.push_back({true, "tool '" + std::string(100'000, 'y') + "' z"});
  std::string many = "echo";
  for (int i = 0; i < 20'000; ++i)
    many.append(" ").append(std::to_string(i));
  table.push_back({true, many});
  table.push_back({false, many + " | wc -c"});
  table.push_back({false, "echo \x01 a"});
  table.push_back({false, "tool '\x7f'"});
  table.push_back({true, "tool \xff\xfe '\x80'"}); // not UTF-8
  return table;
}

/// The files that the table speaks of.
void make_playground(const std::string& root) {
  for (const char* name : {"", "/bin", "/dir", "/sub.d", "/bin/dir_on_path"})
    std::filesystem::create_directories(root + name);
  const auto file = [&](const std::string& name, const std::string& text, bool executable) {
    write_file(root + "/" + name, text, executable);
  };
  const std::string show =
      "#!/bin/sh\nprintf '<%s>' \"$0\" \"$@\"; echo; echo \"_=$_\" >&2; exit 3\n";
  file("a.txt", "alpha\nbeta\n", false);
  file("b c.txt", "gamma\n", false);
  file("ünïcode.txt", "delta\n", false);
  file("dir/x.txt", "epsilon\n", false);
  for (const char* name : {"script.sh", "sub.d/inner.sh", "bin/tool", "bin/script_on_path",
                           "ünïcode.sh", "bin/test_program", "bin/@tool", "bin/-x"})
    file(name, show, true);
  // Bash must find none of these: it has builtins, and a plain file is passed over.
  for (const char* name : {"bin/echo", "bin/true", "bin/false"})
    file(name, "#!/bin/sh\necho wrong one\n", true);
  file("bin/cat", "#!/bin/sh\necho wrong one\n", false);
  file("bin/cat_hidden", "#!/bin/sh\necho right one\n", true);
  file("bin/notexec_on_path", show, false);
  file("notexec", show, false);
  file("noshebang", "echo from noshebang \"$@\"; exit 4\n", true);
  file("bin/noshebang_on_path", "echo from noshebang \"$@\"; exit 4\n", true);
  file("empty", "", true);
  file("badinterp", "#!/nonexistent/interpreter\n", true);
  file("binary_garbage", std::string("\x7f\0\x01garbage\0", 11), true);
  std::filesystem::create_symlink("bin/tool", root + "/link_to_tool");
  std::filesystem::create_symlink("nowhere", root + "/dangling");
}

struct outcome {
  int code = 0;
  bool signaled = false;
  std::string out;
  std::string err;
  bool operator==(const outcome&) const = default;
};

std::string shown(const outcome& o) {
  return "code " + std::to_string(o.code) + (o.signaled ? " by signal" : "") + "\n--- stdout\n" +
         o.out.substr(0, 2000) + "\n--- stderr\n" + o.err.substr(0, 2000);
}

const std::vector<std::string> job_variables{"TORC_WORKFLOW_ID=1",    "TORC_JOB_ID=17",
                                             "TORC_JOB_NAME=a b",     "TORC_ATTEMPT_ID=1",
                                             "TORC_OUTPUT_DIR=out/x", "EMPTY="};

job_command job_of(const std::string& command, const std::string& cwd) {
  job_command job;
  job.command = command;
  job.cwd = cwd;
  job.env_add = job_variables;
  return job;
}

/// Runs all through one guardian, some at a time.
std::vector<outcome> through_guardian(const std::vector<std::string>& commands,
                                      const std::string& cwd) {
  const folder files;
  runner r;
  std::vector<outcome> outcomes;
  // So that what may run in a warm shell does.
  if (planner(own_environment()).may_run_in_warm_shell(job_of("echo a", cwd)))
    r.must_get_warm();
  std::vector<int64_t> tags;
  for (const auto& command : commands) {
    if (tags.size() >= in_flight)
      r.must_end(tags[tags.size() - in_flight]);
    tags.push_back(r.launch(job_of(command, cwd), files));
  }
  for (const int64_t tag : tags) {
    const auto& end = r.must_end(tag);
    BOOST_CHECK_MESSAGE(!end.spawn_failed, end.why);
    const std::string stem = files / std::to_string(tag);
    outcomes.push_back(
        {end.return_code, end.signaled, contents(stem + ".o"), contents(stem + ".e")});
  }
  return outcomes;
}

/// The reference: `bash -c`, started here.
outcome through_bash(const std::string& command, const std::string& cwd) {
  const folder files;
  auto env = own_environment();
  env.insert(env.end(), job_variables.begin(), job_variables.end());
  file_actions actions;
  actions.read_from_null(0);
  actions.write_to(1, files / "o");
  actions.write_to(2, files / "e");
  if (!cwd.empty())
    actions.change_folder(cwd);
  pid_t pid = 0;
  BOOST_REQUIRE_EQUAL(
      spawn(pid, "/usr/bin/bash", {"bash", "-c", command}, env, actions, job_attributes{}), 0);
  int status = 0;
  BOOST_REQUIRE_EQUAL(waitpid(pid, &status, 0), pid);
  const bool signaled = WIFSIGNALED(status);
  return {signaled ? 128 + WTERMSIG(status) : WEXITSTATUS(status), signaled, contents(files / "o"),
          contents(files / "e")};
}

void must_equal_bash(const std::vector<std::string>& commands, const std::string& cwd,
                     const std::string& where) {
  const auto found = through_guardian(commands, cwd);
  for (size_t i = 0; i < commands.size(); ++i) {
    const auto expected = through_bash(commands[i], cwd);
    BOOST_CHECK_MESSAGE(found[i] == expected, where << ": " << commands[i].substr(0, 200)
                                                    << "\n=== guardian " << shown(found[i])
                                                    << "\n=== bash " << shown(expected));
  }
}

/// Sets variables of this process for as long as it lives. A value of "-" takes one away.
class changed_environment {
public:
  explicit changed_environment(const std::vector<std::pair<std::string, std::string>>& changes)
      : before_(own_environment()) {
    for (const auto& [name, value] : changes)
      if (value == "-")
        unsetenv(name.c_str());
      else
        setenv(name.c_str(), value.c_str(), 1);
  }
  ~changed_environment() {
    clearenv();
    for (const auto& entry : before_) {
      const size_t equals = entry.find('=');
      setenv(entry.substr(0, equals).c_str(), entry.substr(equals + 1).c_str(), 1);
    }
  }
  changed_environment(const changed_environment&) = delete;
  changed_environment& operator=(const changed_environment&) = delete;

private:
  std::vector<std::string> before_;
};

struct playground : folder {
  playground() {
    make_playground(str());
    path_ = str() + "/bin:/nonexistent:/usr/local/bin:/usr/bin:/bin";
  }
  std::string path_;
};

} // namespace

BOOST_AUTO_TEST_SUITE(differential)

BOOST_AUTO_TEST_CASE(every_command_of_the_table_behaves_as_under_bash) {
  const playground ground;
  const changed_environment env({{"PATH", ground.path_}});
  std::vector<std::string> commands;
  for (const auto& line : read_table())
    commands.push_back(line.command);
  BOOST_CHECK_GT(commands.size(), 400u);
  must_equal_bash(commands, ground.str(), "table");
}

BOOST_AUTO_TEST_CASE(every_command_of_the_table_goes_the_way_that_the_table_says) {
  const playground ground;
  const changed_environment env({{"PATH", ground.path_}});
  planner plans(own_environment());
  for (const auto& line : read_table()) {
    const auto plan = plans.plan(job_of(line.command, ground.str()));
    BOOST_CHECK_MESSAGE(plan.direct == line.direct,
                        line.command.substr(0, 200)
                            << (plan.direct ? " went directly" : " took a shell"));
  }
}

BOOST_AUTO_TEST_CASE(a_program_sees_the_environment_that_bash_would_give_it) {
  const playground ground;
  const std::string link = ground / "link";
  std::filesystem::create_symlink(ground.str(), link);
  const std::vector<std::vector<std::pair<std::string, std::string>>> environments{
      {},
      {{"SHLVL", "-"}},
      {{"SHLVL", "0"}},
      {{"SHLVL", "7"}},
      {{"SHLVL", "abc"}},
      {{"SHLVL", "-3"}},
      {{"SHLVL", "999"}},
      {{"SHLVL", ""}},
      {{"PWD", ground.str()}},
      {{"PWD", link}},
      {{"PWD", "/tmp"}},
      {{"OLDPWD", "/tmp"}},
      {{"OLDPWD", "/nonexistent"}},
      {{"_", "/bin/x"}},
      {{"HOME", "-"}},
      {{"not.a-name", "1"}, {"lower", "x"}},
      {{"LINES_OF", "one\ntwo"}},
      {{"EMPTY", ""}},
      {{"IFS", "x"}},
      {{"PS4", "x"}, {"PS1", "y"}},
      {{"TERM", "dumb"}, {"COLUMNS", "40"}},
      {{"LANG", "C"}},
      {{"LC_ALL", "xx_YY.UTF-8"}},
      {{"LC_ALL", "C"}},
      {{"TZ", "Asia/Tokyo"}},
      {{"SHELL", "/bin/sh"}},
      {{"HOSTNAME", "h"}, {"OPTIND", "4"}},
      {{"LD_PRELOAD", "/nonexistent.so"}},
      {{"MAILCHECK", "x"}},
      {{"BASH_ENV", ground / "noisy"}},
      {{"ENV", ground / "noisy"}},
      {{"BASH_FUNC_tool%%", "() { echo f; }"}},
      {{"BASH_FUNC_ls%%", "() { echo f; }"}},
      {{"POSIXLY_CORRECT", "1"}},
      {{"SHELLOPTS", "xtrace"}},
      {{"BASHOPTS", "xpg_echo"}},
      {{"RANDOM", "5"}, {"UID", "7"}},
      {{"EXECIGNORE", "*/ls"}},
      {{"SSH_CLIENT", "::1 1 2"}, {"SHLVL", "-"}, {"HOME", ground.str()}},
      {{"SSH_CLIENT", "::1 1 2"}, {"SHLVL", "2"}, {"HOME", ground.str()}},
      {{"PATH", "-"}},
      {{"PATH", ""}},
      {{"PATH", "bin:/usr/bin:/bin"}},
      {{"PATH", "/usr/bin/:/bin"}},
      {{"PATH", ":/usr/bin:/bin"}},
      {{"PATH", "/usr/bin::/bin"}},
      {{"PATH", "~/bin:/usr/bin"}},
      {{"PATH", "/usr//bin:/bin"}},
      {{"PATH", "/usr/bin/../bin"}},
      {{"PATH", "/nonexistent"}}};
  write_file(ground / "noisy", "echo noise; echo more >&2\n");
  write_file(ground / ".bashrc", "echo from bashrc\n");
  const std::vector<std::string> commands{"echo hi",
                                          "tool x",
                                          "env",
                                          "printenv _",
                                          "./bin/tool x",
                                          "cat /proc/self/environ",
                                          "ls a.txt nonexistent.txt",
                                          "nonexistent_command",
                                          "env; true"};
  for (const auto& changes : environments) {
    std::vector<std::pair<std::string, std::string>> all{{"PATH", ground.path_}};
    std::string where = "environment";
    for (const auto& [name, value] : changes) {
      all.emplace_back(name, value);
      where.append(" ").append(name).append("=").append(value);
    }
    const changed_environment env(all);
    must_equal_bash(commands, ground.str(), where);
  }
}

BOOST_AUTO_TEST_CASE(without_a_folder_of_its_own_a_job_sees_the_runner_s) {
  const playground ground;
  const auto before = std::filesystem::current_path();
  std::filesystem::create_directory_symlink(ground.str(), ground / "link");
  for (const std::string& pwd :
       {ground.str(), ground / "link", std::string("/tmp"), std::string()}) {
    const changed_environment env({{"PATH", ground.path_}, {"PWD", pwd}});
    std::filesystem::current_path(ground.str());
    must_equal_bash({"env", "pwd", "cat a.txt", "bin/tool", "./script.sh x", "ls"}, "",
                    "PWD=" + pwd);
    std::filesystem::current_path(before);
  }
}

BOOST_AUTO_TEST_CASE(harmless_environments_do_not_lose_the_direct_way) {
  const playground ground;
  for (const std::pair<std::string, std::string>& change :
       std::vector<std::pair<std::string, std::string>>{
           {"SHLVL", "7"}, {"OLDPWD", "/tmp"}, {"LC_ALL", "C"}, {"X.Y", "1"}, {"TZ", "UTC"}}) {
    const changed_environment env({{"PATH", ground.path_}, change});
    BOOST_CHECK_MESSAGE(planner(own_environment()).plan(job_of("echo a", "")).direct, change.first);
  }
  for (const std::pair<std::string, std::string>& change :
       std::vector<std::pair<std::string, std::string>>{{"BASH_ENV", "/nonexistent"},
                                                        {"BASH_FUNC_x%%", "() { :; }"},
                                                        {"SHELLOPTS", "xtrace"},
                                                        {"BASHOPTS", "xpg_echo"},
                                                        {"POSIXLY_CORRECT", ""},
                                                        {"LC_ALL", "xx_YY.UTF-8"}}) {
    const changed_environment env({{"PATH", ground.path_}, change});
    BOOST_CHECK_MESSAGE(!planner(own_environment()).plan(job_of("echo a", "")).direct,
                        change.first);
  }
}

BOOST_AUTO_TEST_CASE(a_variable_that_bash_reads_sends_its_job_to_the_shell) {
  const changed_environment env({});
  planner plans(own_environment());
  auto job = job_of("ls", "");
  BOOST_CHECK(plans.plan(job).direct);
  for (const char* variable :
       {"PATH=/bin", "LC_ALL=C", "BASH_ENV=x", "PWD=/", "SHLVL=5", "IFS=x"}) {
    job.env_add = {variable};
    BOOST_CHECK_MESSAGE(!plans.plan(job).direct, variable);
  }
}

BOOST_AUTO_TEST_SUITE_END()
