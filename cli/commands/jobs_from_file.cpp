#include "cli/client/file_text.hpp"
#include "cli/commands/common.hpp"
#include "cli/commands/tree.hpp"

#include <algorithm>
#include <ostream>

namespace torc::cli {

namespace {

constexpr size_t jobs_a_call = 10'000;

void options(po::options_description& to) {
  to.add_options()("cpus-per-job", po::value<int64_t>()->default_value(1)->value_name("N"),
                   "CPUs that each keeps busy")(
      "memory-per-job", po::value<std::string>()->default_value("1m")->value_name("SIZE"),
      "memory of each, such as 512m or 20g")(
      "runtime-per-job", po::value<std::string>()->default_value("PT1M")->value_name("DURATION"),
      "longest run of each, such as PT30M");
}

core::result<std::vector<std::string>> commands_in(const std::string& path) {
  auto commands = read_lines(path);
  if (commands && commands->empty())
    return core::refuse(core::refusal::malformed, "there is no command in '" + path + "'");
  return commands;
}

core::result<int64_t> add_needs(call& c, api& server, int64_t workflow, int64_t first) {
  const auto made = server.post("/resource_requirements",
                                json::object{{"workflow_id", workflow},
                                             {"name", "from_file_" + std::to_string(first)},
                                             {"num_cpus", c.get<int64_t>("cpus-per-job")},
                                             {"num_gpus", 0},
                                             {"num_nodes", 1},
                                             {"memory", c.get<std::string>("memory-per-job")},
                                             {"runtime", c.get<std::string>("runtime-per-job")}});
  if (!made)
    return made.why();
  return integer_member(*made, "id");
}

core::result<core::nothing> add_jobs(call& c, api& server, int64_t workflow,
                                     const std::vector<std::string>& commands) {
  const auto page = server.get("/jobs?limit=1&workflow_id=" + std::to_string(workflow));
  if (!page)
    return page.why();
  const auto first = integer_member(*page, "total_count") + 1;
  const auto needs = add_needs(c, server, workflow, first);
  if (!needs)
    return needs.why();
  for (size_t done = 0; done < commands.size();) {
    json::array jobs;
    for (const auto end = std::min(commands.size(), done + jobs_a_call); done < end; ++done)
      jobs.push_back(json::object{{"workflow_id", workflow},
                                  {"name", "job" + std::to_string(first + int64_t(done))},
                                  {"command", commands[done]},
                                  {"resource_requirements_id", *needs}});
    if (auto made = server.post("/bulk_jobs", json::object{{"jobs", std::move(jobs)}}); !made)
      return made.why();
  }
  return core::nothing{};
}

int create(call& c) {
  const auto workflow = parse_id(c.arguments[0], "workflow id");
  if (!workflow)
    return fail(c, workflow.why().message);
  const auto commands = commands_in(c.arguments[1]);
  if (!commands)
    return fail(c, commands.why().message);
  auto server = server_of(c);
  if (const auto added = add_jobs(c, server, *workflow, *commands); !added)
    return fail(c, added.why().message);
  const auto message =
      "Created " + std::to_string(commands->size()) + " jobs from " + c.arguments[1];
  if (c.global.json())
    print_json(c.out, json::object{{"status", "success"},
                                   {"message", message},
                                   {"workflow_id", *workflow},
                                   {"jobs_created", commands->size()}});
  else
    c.out << harmless(message) << '\n';
  return exit_ok;
}

} // namespace

command jobs_from_file_command() {
  return {.name = "create-from-file",
          .summary = "Add a job for every line of a file",
          .about = "Empty lines and lines that begin with # are left out. Jobs are called job1, "
                   "job2, ..., behind those that there are.",
          .arguments = {{"workflow_id", "the workflow"}, {"file", "a command a line"}},
          .options = options,
          .run = create};
}

} // namespace torc::cli
