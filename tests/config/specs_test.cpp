#include "config/patterns.hpp"
#include "tests/config/load_kit.hpp"

#include <boost/test/unit_test.hpp>

#include <set>

using namespace torc;
using namespace torc::test;

namespace {

std::string source(const std::string& path) {
  return std::string(TORC_SOURCE_DIR) + '/' + path;
}

/// Every key that a spec can have, all 106 of torc 0.21 and those of 1.0.
constexpr std::string_view everything = R"(
name: all
user: me
description: every key there is
env: {EVERYWHERE: yes!}
parameters: {k: "1:2"}
compute_node_expiration_buffer_seconds: 5
compute_node_wait_for_new_jobs_seconds: 6
compute_node_ignore_workflow_completion: true
compute_node_wait_for_healthy_database_minutes: 7
jobs_sort_method: none
jobs:
  - name: "a{i}{k}"
    command: echo
    invocation_script: env
    cancel_on_blocking_job_failure: false
    supports_termination: true
    resource_requirements: r
    failure_handler: h
    depends_on: []
    depends_on_regexes: [^b$]
    input_files: [f]
    input_file_regexes: [^f$]
    output_files: [g1]
    output_file_regexes: [^g]
    input_user_data: [u]
    input_user_data_regexes: [^u$]
    output_user_data: [v]
    output_user_data_regexes: [^v$]
    parameters: {i: [x]}
    parameter_mode: product
    use_parameters: [k]
    priority: 3
    labels: [gpu, "os{i}"]
    env: {KIND: "{i}", EMPTY: ""}
    stdio: {mode: none, delete_on_success: true}
  - {name: b, command: "true", scheduler: s}
files:
  - {name: f, path: f.txt, st_mtime: 1.5}
  - {name: "g{i}", path: "g{i}.txt", parameters: {i: "1:2"}, parameter_mode: zip,
     use_parameters: []}
user_data:
  - {is_ephemeral: true, name: u, data: {x: [1, 2.50, null, "t"]}}
  - {name: v}
  - {data: 5}
resource_requirements:
  - {name: r, num_cpus: 2, num_gpus: 1, num_nodes: 3, memory: 4g, runtime: PT5M}
failure_handlers:
  - name: h
    rules: [{exit_codes: [1, 2], match_all_exit_codes: true, recovery_script: fix, max_retries: 4}]
slurm_schedulers:
  - {name: s, account: acc, gres: "gpu:1", mem: 8G, nodes: 2, ntasks_per_node: 4, partition: p,
     qos: q, tmp: 1G, walltime: "02:00:00", extra: --x}
slurm_defaults: {account: acc, exclusive: true}
resource_monitor: {enabled: true, granularity: time_series, sample_interval_seconds: 5,
                   generate_plots: true}
actions:
  - {trigger_type: on_jobs_ready, action_type: run_commands, commands: [c], jobs: [b],
     job_name_regexes: [^a], persistent: true}
  - {trigger_type: on_workflow_start, action_type: schedule_nodes, scheduler: s,
     scheduler_type: slurm, num_allocations: 2, start_one_worker_per_node: true,
     max_parallel_jobs: 9}
use_pending_failed: true
enable_ro_crate: true
project: pr
metadata: '{"m":1}'
execution_config:
  mode: direct
  sigkill_headroom_seconds: 61
  timeout_exit_code: 153
  staggered_start: false
  limit_resources: false
  termination_signal: SIGINT
  sigterm_lead_seconds: 31
  oom_exit_code: 138
  enable_cpu_bind: false
  stdio: {mode: combined}
  job_stdio_overrides: {b: {mode: no_stdout}}
)";

core::expanded_workflow must_load_text(std::string_view text, config::spec_format format) {
  auto w = config::load_spec_text(text, "w", format);
  if (!w)
    throw std::runtime_error(w.errors.front());
  return std::move(*w.value);
}

} // namespace

BOOST_AUTO_TEST_SUITE(specs)

BOOST_AUTO_TEST_CASE(the_scale_test_has_100004_jobs_and_175000_dependencies) {
  const auto w = must_load(source("tests/workflows/scale_test/workflow.yaml"));
  BOOST_TEST(w.jobs.size() == 100'004);
  BOOST_TEST(w.dependencies == 175'000);
  BOOST_TEST(w.stages == 8);
  BOOST_TEST(w.jobs.front().name == "r1_00000");
  BOOST_TEST(w.jobs.front().command == "echo r1_0");
  BOOST_TEST(w.jobs.back().name == "barrier_r4");
  BOOST_TEST(w.jobs[25'000].name == "barrier_r1");
  BOOST_TEST(w.depends_on(w.jobs[25'000]).size() == 25'000);
  BOOST_TEST(w.depends_on(w.jobs[25'001]).size() == 1);
  BOOST_TEST(w.depends_on(w.jobs[50'000])[0] == 25'000);
  BOOST_TEST(w.job_pool.size() == 100'003); // Lists of 25,000 jobs with the same blocker are one.
}

BOOST_AUTO_TEST_CASE(the_contention_test_has_5005_jobs_and_9000_dependencies) {
  const auto w = must_load(source("tests/workflows/database_contention_test/workflow.yaml"));
  BOOST_TEST(w.jobs.size() == 5'005);
  BOOST_TEST(w.dependencies == 9'000);
  BOOST_TEST(w.stages == 10);
}

BOOST_AUTO_TEST_CASE(the_examples_load) {
  const auto hundred = must_load(source("examples/hundred_jobs.yaml"));
  BOOST_TEST(hundred.jobs.size() == 100);
  BOOST_TEST(hundred.dependencies == 0);
  std::set<std::string> names;
  for (const auto& j : hundred.jobs)
    names.insert(j.name);
  BOOST_TEST(names.size() == 100);
  const auto diamond = must_load(source("examples/diamond.yaml"));
  BOOST_TEST(diamond.stages == 3);
  BOOST_TEST(diamond.jobs[1].command == "wc -w < diamond/text.txt > diamond/words.txt");
  const auto sweep = must_load(source("examples/sweep.yaml"));
  BOOST_TEST(sweep.jobs.size() == 7);
  BOOST_TEST(sweep.links(sweep.jobs.back().input_files).size() == 6);
  BOOST_TEST(must_load(source("examples/zip.yaml")).jobs.size() == 4);
}

BOOST_AUTO_TEST_CASE(every_key_is_stored) {
  const auto w = must_load_text(everything, config::spec_format::yaml);
  BOOST_TEST(w.workflow.name == "all");
  BOOST_TEST(w.workflow.user == "me");
  BOOST_TEST(*w.workflow.description == "every key there is");
  BOOST_TEST(*w.workflow.compute_node_expiration_buffer_seconds == 5);
  BOOST_TEST(*w.workflow.compute_node_wait_for_new_jobs_seconds == 6);
  BOOST_TEST(*w.workflow.compute_node_ignore_workflow_completion);
  BOOST_TEST(*w.workflow.compute_node_wait_for_healthy_database_minutes == 7);
  BOOST_TEST(*w.workflow.jobs_sort_method == "none");
  BOOST_TEST(*w.workflow.use_pending_failed);
  BOOST_TEST(*w.workflow.enable_ro_crate);
  BOOST_TEST(*w.workflow.project == "pr");
  BOOST_TEST(*w.workflow.metadata == "{\"m\":1}");
  BOOST_TEST(*w.workflow.slurm_defaults == R"({"account":"acc","exclusive":true})");
  BOOST_TEST(*w.workflow.resource_monitor_config ==
             R"({"enabled":true,"granularity":"time_series","sample_interval_seconds":5,)"
             R"("generate_plots":true})");
  BOOST_TEST(*w.workflow.execution_config ==
             R"({"sigkill_headroom_seconds":61,"timeout_exit_code":153,"staggered_start":false,)"
             R"("limit_resources":false,"termination_signal":"SIGINT","sigterm_lead_seconds":31,)"
             R"("oom_exit_code":138,"enable_cpu_bind":false,"stdio":{"mode":"combined"},)"
             R"("job_stdio_overrides":{"ax1":{"mode":"none","delete_on_success":true},)"
             R"("ax2":{"mode":"none","delete_on_success":true},"b":{"mode":"no_stdout"}},)"
             R"("mode":"direct"})");
  BOOST_REQUIRE(w.jobs.size() == 3);
  const auto& j = w.jobs[1];
  BOOST_TEST(j.name == "ax1");
  BOOST_TEST(w.scripts[j.invocation_script] == "env");
  BOOST_TEST(!j.cancel_on_blocking_job_failure);
  BOOST_TEST(j.supports_termination);
  BOOST_TEST(j.priority == 3);
  BOOST_TEST(core::joined(w.label_sets.at(j.labels)) == "gpu,osx");
  BOOST_TEST(w.environments.at(j.env).text == R"({"EMPTY":"","KIND":"x"})");
  BOOST_TEST(w.workflow.env->text == R"({"EVERYWHERE":"yes!"})");
  BOOST_TEST(w.requirements[j.requirement].memory == "4g");
  BOOST_TEST(w.requirements[j.requirement].num_nodes == 3);
  BOOST_TEST(w.handlers[j.handler].rules ==
             R"([{"exit_codes":[1,2],"match_all_exit_codes":true,"recovery_script":"fix",)"
             R"("max_retries":4}])");
  const auto scheduler = w.jobs.front().scheduler;
  BOOST_TEST(*w.schedulers[scheduler].ntasks_per_node == 4);
  BOOST_TEST(w.schedulers[scheduler].walltime == "02:00:00");
  BOOST_TEST(w.links(j.output_files).size() == 2);
  BOOST_TEST(w.links(j.output_user_data).size() == 1);
  BOOST_TEST(*w.files[0].mtime == 1.5);
  BOOST_REQUIRE(w.user_data.size() == 2);
  BOOST_TEST(w.user_data[0].data->text == R"({"x":[1,2.50,null,"t"]})");
  BOOST_REQUIRE(w.actions.size() == 2);
  BOOST_TEST(*w.actions[0].jobs == (std::vector<uint32_t>{0, 1, 2}),
             boost::test_tools::per_element());
  BOOST_TEST(w.actions[0].persistent);
  BOOST_TEST(core::action_config(w.actions[0], 0).text == R"({"commands":["c"]})");
  BOOST_TEST(core::action_config(w.actions[1], 77).text ==
             R"({"scheduler_type":"slurm","scheduler_id":77,"num_allocations":2,)"
             R"("start_one_worker_per_node":true,"max_parallel_jobs":9})");
}

BOOST_AUTO_TEST_CASE(defaults_are_those_of_torc) {
  const auto w = must_load_text("name: w\njobs: [{name: a, command: x}]\n"
                                "resource_requirements: [{name: r, num_cpus: 1, memory: 1m}]\n"
                                "slurm_schedulers: [{account: a}]\n"
                                "execution_config: {mode: auto}\n",
                                config::spec_format::yaml);
  BOOST_TEST(w.jobs[0].cancel_on_blocking_job_failure);
  BOOST_TEST(!w.jobs[0].supports_termination);
  BOOST_TEST(w.jobs[0].requirement == core::no_index);
  BOOST_TEST(w.jobs[0].invocation_script == core::no_index);
  BOOST_TEST(w.requirements[0].num_gpus == 0);
  BOOST_TEST(w.requirements[0].runtime == "PT1H");
  BOOST_TEST(w.schedulers[0].walltime == "01:00:00");
  BOOST_TEST(*w.workflow.compute_node_wait_for_new_jobs_seconds == 90);
  BOOST_TEST(!w.workflow.execution_config.has_value());
  BOOST_TEST(!w.workflow.resource_monitor_config.has_value());
}

BOOST_AUTO_TEST_CASE(null_is_as_good_as_none) {
  BOOST_TEST(
      yaml_errors("name: w\ndescription: null\nfiles: ~\njobs:\n  - name: a\n    command: x\n"
                  "    depends_on:\n    invocation_script: null\n") == "");
}

BOOST_AUTO_TEST_CASE(json_and_yaml_give_the_same) {
  const auto json = must_load_text(
      R"({"name": "w", "jobs": [
        {"name": "a{i}", "command": "x \"{i}\"", "parameters": {"i": "1:3"}},
        {"name": "b", "command": "y", "depends_on_regexes": ["^a\\d$"]}]})",
      config::spec_format::json);
  BOOST_TEST(json.jobs.size() == 4);
  BOOST_TEST(json.jobs[2].command == "x \"3\"");
  BOOST_TEST(json.depends_on(json.jobs[3]).size() == 3);
}

BOOST_AUTO_TEST_CASE(the_extension_or_else_the_text_decides) {
  const folder dir;
  const std::string_view yaml = "name: w\njobs: []\n";
  const std::string_view json = "{\"name\": \"w\",\t\"jobs\": []}";
  for (const auto* name : {"a.yaml", "a.yml", "a.YAML", "a", "a.spec", "dot.dir/a"}) {
    std::filesystem::create_directories(dir.path("dot.dir"));
    BOOST_TEST(config::load_spec(dir.write(name, yaml)).errors.empty(), name);
  }
  for (const auto* name : {"b.json", "b", "b.txt"})
    BOOST_TEST(config::load_spec(dir.write(name, json)).errors.empty(), name);
  BOOST_TEST(!config::load_spec(dir.write("c.json", yaml)).errors.empty());
  const auto broken = config::load_spec(dir.write("d", "{\"name\": \"w\", \"jobs\": [1,}"));
  BOOST_REQUIRE(broken.errors.size() == 1);
  BOOST_TEST(broken.errors[0].find("not valid JSON") != std::string::npos);
}

BOOST_AUTO_TEST_CASE(a_byte_order_mark_and_windows_lines_do_no_harm) {
  BOOST_TEST(yaml_errors("\xEF\xBB\xBFname: w\r\njobs:\r\n  - name: a\r\n    command: x\r\n") ==
             "");
  BOOST_TEST(json_errors("\xEF\xBB\xBF{\"name\": \"w\",\r\n \"jobs\": []}") == "");
}

BOOST_AUTO_TEST_CASE(reading_alone_keeps_places) {
  const auto spec = config::read_spec_text("name: w\njobs:\n  - name: a\n    command: x\n", "w",
                                           config::spec_format::yaml);
  BOOST_REQUIRE(spec);
  BOOST_TEST((spec.value->jobs[0].name.at == core::place{3, 11}));
  BOOST_TEST((spec.value->jobs[0].at == core::place{3, 5}));
}

BOOST_AUTO_TEST_CASE(bounds_of_a_pattern_hold_every_match) {
  const auto compile = config::re2_patterns();
  for (const auto* text : {"^a", "^a$", "^ab?", "^a\\d+$", "^a.*z", "^[ab]c", "^(ab)+", "^",
                           "^a{2}", "^ab*c", "^\\d", "^a\\|b"}) {
    const auto p = compile(text);
    BOOST_REQUIRE(p);
    for (const auto* name :
         {"a",    "ab",    "abz", "ab~~~", "a1",  "a19:", "aa",    "aaz", "ac", "bc",        "bcz",
          "abab", "ababz", "z",   "",      "a|b", "a|bz", "abbbc", "1",   "9z", "a\xC3\xA4z"})
      if (p->matches(name) && p->bounded)
        BOOST_TEST((std::string(name) >= p->lowest && std::string(name) <= p->highest),
                   text << " against " << name);
  }
  BOOST_TEST(!compile("^a|b")->bounded);
  BOOST_TEST(!compile("a")->bounded);
  BOOST_TEST(!compile("(?m)^a")->bounded);
  BOOST_TEST(compile("^r1_\\d+$")->bounded);
}

BOOST_AUTO_TEST_SUITE_END()
