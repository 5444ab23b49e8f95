#include "tests/config/load_kit.hpp"

#include <boost/test/unit_test.hpp>

#include <algorithm>
#include <unistd.h>

using namespace torc;
using namespace torc::test;

namespace {

/// A job list in front of which every test puts its own error.
const std::string head = "name: w\njobs:\n";

std::string file_errors(const std::string& path) {
  std::string all;
  for (const auto& e : config::load_spec(path).errors)
    all += e + '\n';
  return all;
}

} // namespace

BOOST_AUTO_TEST_SUITE(bad_input)

BOOST_AUTO_TEST_CASE(an_unknown_key_is_placed_and_the_right_one_suggested) {
  const auto errors = yaml_errors(
      head + "  - name: a\n    command: x\n    depend_on: [b]\n  - {name: b, command: x}\n");
  BOOST_TEST(only(errors, "w.yaml:5:5: unknown key \"depend_on\"", "did you mean \"depends_on\"?"),
             errors);
}

BOOST_AUTO_TEST_CASE(unknown_keys_are_refused_at_every_level) {
  for (const auto* text : {
           "name: w\njobs: []\nzzzz: 1\n",
           "name: w\njobs: []\nfiles: [{name: f, path: p, zzzz: 1}]\n",
           "name: w\njobs: []\nuser_data: [{name: f, zzzz: 1}]\n",
           "name: w\njobs: []\nresource_requirements: [{name: r, num_cpus: 1, memory: 1m, zzzz: "
           "1}]\n",
           "name: w\njobs: []\nfailure_handlers: [{name: h, rules: [], zzzz: 1}]\n",
           "name: w\njobs: []\nfailure_handlers: [{name: h, rules: [{exit_codes: [1], zzzz: "
           "1}]}]\n",
           "name: w\njobs: []\nslurm_schedulers: [{account: a, zzzz: 1}]\n",
           "name: w\njobs: []\nactions: [{trigger_type: on_workflow_start, action_type: "
           "run_commands,"
           " commands: [x], zzzz: 1}]\n",
           "name: w\njobs: []\nexecution_config: {zzzz: 1}\n",
           "name: w\njobs: []\nexecution_config: {stdio: {zzzz: 1}}\n",
           "name: w\njobs: [{name: a, command: x, stdio: {zzzz: 1}}]\n",
       })
    BOOST_TEST(only(yaml_errors(text), "w.yaml:", "unknown key \"zzzz\""), text);
}

BOOST_AUTO_TEST_CASE(a_resource_monitor_may_carry_stale_keys_but_no_slips) {
  BOOST_TEST(yaml_errors("name: w\njobs: []\nresource_monitor: {metrics: [a]}\n") == "");
  BOOST_TEST(only(yaml_errors("name: w\njobs: []\nresource_monitor: {enable: true}\n"),
                  "w.yaml:3:20:", "did you mean \"enabled\"?"));
}

BOOST_AUTO_TEST_CASE(wrong_types_are_placed) {
  BOOST_TEST(only(yaml_errors("name: 12\njobs: []\n"), "w.yaml:1:7:",
                  "name must be a text, but is a whole number; put it in quotes: \"12\""));
  BOOST_TEST(only(yaml_errors("name: w\njobs: 5\n"), "w.yaml:2:7:", "jobs must be a list"));
  BOOST_TEST(only(yaml_errors(head + "  - hello\n"), "w.yaml:3:5:", "job must be a map"));
  BOOST_TEST(only(yaml_errors(head + "  - {name: a, command: x, depends_on: a}\n"), "w.yaml:3:39:",
                  "depends_on must be a list, but is a text; put it in brackets: [\"a\"]"));
  BOOST_TEST(only(yaml_errors(head + "  - {name: a, command: x, supports_termination: 1}\n"),
                  "w.yaml:3:49:", "must be true or false"));
  BOOST_TEST(only(yaml_errors(head + "  - {name: a, command: [x]}\n"),
                  "w.yaml:3:24:", "command must be a text, but is a list"));
  BOOST_TEST(only(yaml_errors("name: w\njobs: []\nresource_requirements:\n"
                              "  - {name: r, num_cpus: two, memory: 1m}\n"),
                  "w.yaml:4:25:", "num_cpus must be a whole number, but is a text: \"two\""));
}

BOOST_AUTO_TEST_CASE(missing_keys_are_placed_at_their_map) {
  BOOST_TEST(only(yaml_errors("jobs: []\n"), "w.yaml:1:1:", "has no name"));
  BOOST_TEST(only(yaml_errors("name: w\n"), "w.yaml:1:1:", "has no jobs"));
  BOOST_TEST(only(yaml_errors(head + "  - name: a\n"), "w.yaml:3:5:", "this job has no command"));
}

BOOST_AUTO_TEST_CASE(doubled_keys_are_placed) {
  BOOST_TEST(only(yaml_errors("name: w\njobs: []\nname: v\n"),
                  "w.yaml:3:1:", "key \"name\" is there twice, first on line 1"));
  BOOST_TEST(only(json_errors("{\"name\": \"w\", \"jobs\": [],\n \"jobs\": []}"),
                  "w.json:2:2:", "key \"jobs\" is there twice"));
}

BOOST_AUTO_TEST_CASE(a_circle_is_placed_at_its_first_job) {
  const auto errors = yaml_errors(head + "  - {name: a, command: x, depends_on: [b]}\n"
                                         "  - {name: b, command: x, depends_on: [a]}\n");
  BOOST_TEST(only(errors, "w.yaml:3:12:", "a -> b -> a"), errors);
}

BOOST_AUTO_TEST_CASE(an_unknown_name_is_placed_where_it_is_used) {
  const auto errors = yaml_errors(head + "  - {name: first, command: x}\n"
                                         "  - {name: b, command: x, depends_on: [firts]}\n");
  BOOST_TEST(only(errors, "w.yaml:4:40:", "did you mean \"first\"?"), errors);
}

BOOST_AUTO_TEST_CASE(patterns_without_match_or_meaning_are_placed) {
  BOOST_TEST(
      only(yaml_errors(head + "  - {name: a, command: x, depends_on_regexes: ['^b\\d+$']}\n"),
           "w.yaml:3:48:", "matches no job"));
  BOOST_TEST(only(yaml_errors(head + "  - {name: a, command: x, depends_on_regexes: ['b(']}\n"),
                  "w.yaml:3:48:", "missing )"));
  BOOST_TEST(only(yaml_errors(head + "  - {name: a, command: x, depends_on_regexes: ['.']}\n"),
                  "w.yaml:3:48:", "wait for itself"));
}

BOOST_AUTO_TEST_CASE(a_doubled_name_is_placed_at_the_second) {
  BOOST_TEST(only(yaml_errors(head + "  - {name: a, command: x}\n  - {name: a, command: y}\n"),
                  "w.yaml:4:12:", "job \"a\" is there twice, first on line 3"));
  for (const auto* text : {
           "name: w\njobs: []\nresource_requirements:\n- {name: n, num_cpus: 1, memory: 1m}\n"
           "- {name: n, num_cpus: 1, memory: 1m}\n",
           "name: w\njobs: []\nuser_data:\n- {name: n}\n- {name: n}\n",
           "name: w\njobs: []\nfailure_handlers:\n- {name: n, rules: []}\n- {name: n, rules: []}\n",
           "name: w\njobs: []\nslurm_schedulers:\n- {name: n, account: a}\n- {name: n, account: "
           "a}\n",
           "name: w\njobs: []\nfiles:\n- {name: n, path: a}\n- {name: n, path: b}\n",
       })
    BOOST_TEST(only(yaml_errors(text), "w.yaml:5:10:", "\"n\" is there twice, first on line 4"),
               text);
}

BOOST_AUTO_TEST_CASE(a_bad_parameter_range_is_placed_at_its_value) {
  for (const auto* range : {"1:10:0", "a:b", "12:30:x", "10:1", "1:2:3:4", "1:", "[1"}) {
    const auto errors = yaml_errors(head +
                                    "  - name: \"a_{i}\"\n    command: x\n    parameters:\n"
                                    "      i: \"" +
                                    range + "\"\n");
    BOOST_TEST(only(errors, "w.yaml:6:10:", "parameter \"i\""), errors);
  }
}

BOOST_AUTO_TEST_CASE(values_out_of_range_are_placed) {
  const std::string start = "name: w\njobs: []\nresource_requirements:\n  - name: r\n";
  BOOST_TEST(only(yaml_errors(start + "    num_cpus: 0\n    memory: 1m\n"),
                  "w.yaml:5:15:", "num_cpus is 0; it must be at least 1"));
  BOOST_TEST(only(yaml_errors(start + "    num_cpus: 1\n    memory: 1x\n"),
                  "w.yaml:6:13:", "memory \"1x\""));
  BOOST_TEST(only(yaml_errors(start + "    num_cpus: 1\n    memory: 1m\n    runtime: 1h\n"),
                  "w.yaml:7:14:", "runtime: duration \"1h\""));
  BOOST_TEST(only(yaml_errors(start + "    num_cpus: 99999999999999999999\n    memory: 1m\n"),
                  "w.yaml:5:15:", "out of range"));
}

BOOST_AUTO_TEST_CASE(settings_that_exclude_each_other_are_placed) {
  const std::string start = "name: w\njobs: []\nexecution_config:\n  ";
  BOOST_TEST(only(yaml_errors(start + "mode: slurm\n  termination_signal: SIGINT\n"),
                  "w.yaml:5:23:", "termination_signal is for mode direct"));
  BOOST_TEST(only(yaml_errors(start + "mode: direct\n  srun_termination_signal: TERM@60\n"),
                  "w.yaml:5:28:", "is for mode slurm"));
  BOOST_TEST(only(yaml_errors(start + "mode: fast\n"), "w.yaml:4:9:", "\"direct\", \"slurm\" or"));
  BOOST_TEST(only(yaml_errors("name: w\njobs: []\nslurm_defaults: {Partition: p}\n"),
                  "w.yaml:3:18:", "slurm_defaults cannot set \"Partition\""));
  BOOST_TEST(only(yaml_errors("name: w\njobs: []\nslurm_config: {}\n"),
                  "w.yaml:3:1:", "execution_config"));
}

BOOST_AUTO_TEST_CASE(bad_actions_are_placed) {
  const std::string start = "name: w\njobs: [{name: a, command: x}]\nactions:\n  - {trigger_type: ";
  BOOST_TEST(only(yaml_errors(start + "on_jobs_ready, action_type: run_commands, commands: [x]}\n"),
                  "w.yaml:4:5:", "needs jobs or job_name_regexes"));
  BOOST_TEST(only(yaml_errors(start + "on_start, action_type: run_commands, commands: [x]}\n"),
                  "w.yaml:4:20:", "\"on_workflow_start\""));
  BOOST_TEST(only(yaml_errors(start + "on_worker_start, action_type: run_commands}\n"),
                  "w.yaml:4:5:", "needs commands"));
  BOOST_TEST(only(yaml_errors(start + "on_worker_start, action_type: schedule_nodes, "
                                      "scheduler_type: slurm, scheduler: s}\n"),
                  "w.yaml:4:", "no such slurm_schedulers entry"));
  BOOST_TEST(only(yaml_errors(start + "on_jobs_complete, action_type: run_commands, commands: [x], "
                                      "jobs: [b]}\n"),
                  "w.yaml:4:", "an action names \"b\", but there is no such job"));
}

BOOST_AUTO_TEST_CASE(all_kinds_of_errors_come_at_once) {
  const auto errors = yaml_errors("name: w\n"
                                  "colour: red\n"
                                  "jobs:\n"
                                  "  - {name: a, command: x, depends_on: [nobody]}\n"
                                  "  - {name: b, command: x, priority: high}\n"
                                  "  - {name: c, command: x, depends_on: [d]}\n"
                                  "  - {name: d, command: x, depends_on: [c]}\n"
                                  "  - {name: d, command: x}\n"
                                  "  - {name: 'e{i}', command: x, parameters: {i: '1:5:0'}}\n");
  BOOST_TEST(std::count(errors.begin(), errors.end(), '\n') == 6, errors);
  for (const auto* start : {"w.yaml:2:1:", "w.yaml:5:37:", "w.yaml:6:12:", "w.yaml:8:12:",
                            "w.yaml:4:40:", "w.yaml:9:48:"})
    BOOST_TEST(errors.find(start) != std::string::npos, start);
}

BOOST_AUTO_TEST_CASE(a_list_without_values_is_placed) {
  BOOST_TEST(only(yaml_errors(head + "  - {name: 'a{i}', command: x, parameters: {i: []}}\n"),
                  "w.yaml:3:48:", "parameter \"i\": the list is empty"));
  BOOST_TEST(only(yaml_errors(head + "  - {name: 'a{i}', command: x, parameters: {i: '[]'}}\n"),
                  "w.yaml:3:48:", "the list is empty"));
  BOOST_TEST(only(yaml_errors("name: w\nparameters: {i: []}\njobs:\n"
                              "  - {name: 'a{i}', command: x, use_parameters: [i]}\n"),
                  "w.yaml:2:17:", "the list is empty"));
}

BOOST_AUTO_TEST_CASE(what_stands_beside_an_unreadable_parameter_is_checked_too) {
  const auto errors =
      yaml_errors(head + "  - name: 'e{i}'\n"
                         "    command: x\n"
                         "    depends_on: ['e{i}']\n"
                         "    parameters: {i: {a: 1}, j: '1:5:0', k: [[1]]}\n"
                         "    parameter_mode: dance\n"
                         "  - {name: f, command: x, depends_on: [g]}\n"
                         "  - {name: h, command: x, depends_on_regexes: ['^zz', '^e', 'zz']}\n");
  BOOST_TEST(std::count(errors.begin(), errors.end(), '\n') == 7, errors);
  for (const auto* start : {"w.yaml:5:18:", "w.yaml:6:21:", "w.yaml:6:32:", "w.yaml:6:45:",
                            "w.yaml:7:21:", "w.yaml:8:40:", "w.yaml:9:48:"})
    BOOST_TEST(errors.find(start) != std::string::npos, start << " in\n" << errors);
}

BOOST_AUTO_TEST_CASE(a_job_that_waits_for_itself_is_told_beside_a_doubled_name) {
  const auto errors = yaml_errors(head + "  - {name: a, command: x}\n"
                                         "  - {name: a, command: x, depends_on: [a]}\n");
  BOOST_TEST(std::count(errors.begin(), errors.end(), '\n') == 2, errors);
  BOOST_TEST(errors.find("w.yaml:4:40: \"a\" makes job \"a\" wait for itself") != std::string::npos,
             errors);
}

BOOST_AUTO_TEST_CASE(text_that_is_not_utf8_is_placed) {
  BOOST_TEST(only(yaml_errors("name: w\njobs: [\xFF]\n"), "w.yaml:2:8:", "not UTF-8 (byte 0xff)"));
  BOOST_TEST(only(yaml_errors("name: \xC3\xA4\xC3\n"), "w.yaml:1:8:", "not UTF-8"));
  BOOST_TEST(only(json_errors("{\"name\": \"\xED\xA0\x80\"}"), "w.json:1:11:", "not UTF-8"));
  BOOST_TEST(only(yaml_errors("name: w\x04\njobs: []\n"), "w.yaml:1:8:", "control character 0x04"));
}

BOOST_AUTO_TEST_CASE(columns_count_characters) {
  BOOST_TEST(only(yaml_errors("name: w\njobs: [{name: 'äöü', command: x, zzzz: 1}]\n"),
                  "w.yaml:2:34:", "zzzz"));
  BOOST_TEST(
      only(json_errors("{\"name\": \"äöü\", \"zzzz\": 1, \"jobs\": []}"), "w.json:1:17:", "zzzz"));
}

BOOST_AUTO_TEST_CASE(an_empty_spec_is_refused) {
  for (const auto* text : {"", " \n\t\n", "# nothing\n", "---\n", "null\n"})
    BOOST_TEST(only(yaml_errors(text), "w.yaml:1:1:", "empty"), yaml_errors(text));
  BOOST_TEST(only(json_errors(""), "w.json:1:1:", "empty"));
}

BOOST_AUTO_TEST_CASE(files_that_are_no_spec_files_are_refused) {
  const folder dir;
  BOOST_TEST(only(file_errors(dir.path("")), dir.path("") + ":1:1:", "this is a directory"));
  BOOST_TEST(
      only(file_errors(dir.path("none.yaml")), dir.path("none.yaml") + ":1:1:", "No such file"));
  BOOST_TEST(
      only(file_errors(dir.write("empty.yaml", "")), dir.path("empty.yaml") + ":1:1:", "empty"));
  BOOST_TEST(only(file_errors(dir.write("w.kdl", "name \"w\"")), dir.path("w.kdl"),
                  "KDL specs cannot be read"));
  BOOST_TEST(only(file_errors(dir.write("w.json5", "{}")), dir.path("w.json5"),
                  "JSON5 specs cannot be read"));
  const auto locked = dir.write("locked.yaml", "name: w");
  std::filesystem::permissions(locked, std::filesystem::perms::none);
  if (::geteuid() != 0)
    BOOST_TEST(only(file_errors(locked), locked, "Permission denied"));
}

BOOST_AUTO_TEST_CASE(broken_syntax_is_placed) {
  BOOST_TEST(only(yaml_errors("name: w\njobs: [\n"), "w.yaml:", "not valid YAML"));
  BOOST_TEST(only(yaml_errors("name: w\n  jobs: []\n"), "w.yaml:2:", "not valid YAML"));
  BOOST_TEST(
      only(yaml_errors("name: w\njobs: []\n---\nname: v\n"), "w.yaml:", "a second document"));
  BOOST_TEST(only(yaml_errors("name: w\njobs: *none\n"), "w.yaml:2:", "not valid YAML"));
  BOOST_TEST(only(yaml_errors("name: !weird w\njobs: []\n"), "w.yaml:1:", "tag"));
  BOOST_TEST(
      only(json_errors("{\"name\": \"w\",\n \"jobs\": [},"), "w.json:2:11:", "not valid JSON"));
}

BOOST_AUTO_TEST_CASE(bombs_end_early) {
  std::string bomb = "a0: &a0 [x, x, x, x, x, x, x, x, x, x]\n";
  for (int i = 1; i < 12; ++i) {
    const auto before = "*a" + std::to_string(i - 1);
    bomb += "a" + std::to_string(i) + ": &a" + std::to_string(i) + " [" + before;
    for (int k = 0; k < 9; ++k)
      bomb += ", " + before;
    bomb += "]\n";
  }
  BOOST_TEST(only(yaml_errors(bomb), "w.yaml:", "anchors and aliases"));
  BOOST_TEST(only(yaml_errors("name: w\njobs: " + std::string(100'000, '[')),
                  "w.yaml:2:", "nested more than 100 levels"));
  BOOST_TEST(only(yaml_errors("name: w\njobs:\n  " +
                              [] {
                                std::string dashes;
                                for (int i = 0; i < 100'000; ++i)
                                  dashes += "- ";
                                return dashes;
                              }()),
                  "w.yaml:3:", "nested more than 100 levels"));
  BOOST_TEST(only(json_errors("{\"jobs\": " + std::string(100'000, '[')),
                  "w.json:1:", "nested more than 100 levels"));
  BOOST_TEST(only(yaml_errors("a: &a [*a]\n"), "w.yaml:1:", "alias"));
}

BOOST_AUTO_TEST_CASE(a_spec_over_the_limit_is_refused) {
  const std::string large(config::max_spec_bytes + 1, ' ');
  BOOST_TEST(only(yaml_errors(large), "w.yaml:1:1:", "larger than 128 MiB"));
}

BOOST_AUTO_TEST_SUITE_END()
