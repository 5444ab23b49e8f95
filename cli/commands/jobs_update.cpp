#include "cli/commands/common.hpp"
#include "cli/commands/tree.hpp"
#include "cli/run/options.hpp"
#include "cli/run/polling_job.hpp"

#include <ostream>

namespace torc::cli {

namespace {

void options(po::options_description& to) {
  to.add_options()("name,n", po::value<std::string>()->value_name("TEXT"), "another name")(
      "command,c", po::value<std::string>()->value_name("TEXT"), "another command")(
      "runtime", po::value<std::string>()->value_name("DURATION"),
      "longest run, such as PT30M; changes the job's resource requirements, and so all jobs that "
      "share them")("resource-requirements-id", po::value<int64_t>()->value_name("ID"),
                    "other resource requirements")(
      "priority", po::value<int64_t>()->value_name("N"), "higher ones run first")(
      "label", po::value<std::vector<std::string>>()->value_name("LABELS"),
      "only a runner that was started with all of these gets it; they replace those it has")(
      "clear-labels", po::bool_switch(), "runners without labels get it");
}

core::result<core::nothing> change_runtime(api& server, const json::value& job,
                                           const std::string& runtime) {
  const auto needs = integer_member(job, "resource_requirements_id");
  if (needs == 0)
    return core::refuse(core::refusal::malformed,
                        "the job has no resource requirements whose runtime could change");
  const auto path = "/resource_requirements/" + std::to_string(needs);
  auto row = server.get(path);
  if (!row)
    return row.why();
  if (!row->is_object())
    return core::refuse(core::refusal::malformed, "the server's answer is no object");
  row->as_object()["runtime"] = runtime;
  if (auto put = server.put(path, *row); !put)
    return put.why();
  return core::nothing{};
}

int update(call& c) {
  const auto id = parse_id(c.arguments[0], "job id");
  if (!id)
    return fail(c, id.why().message);
  auto server = server_of(c);
  const auto path = "/jobs/" + std::to_string(*id);
  auto job = server.get(path);
  if (!job)
    return fail(c, job.why().message);
  // Only these must be sent; what a runner does to the job meanwhile is left alone.
  json::object changed;
  for (const auto* name : {"workflow_id", "name", "command"})
    changed[name] = member(*job, name);
  for (const auto* name : {"name", "command"})
    if (const auto v = c.maybe<std::string>(name))
      changed[name] = *v;
  if (const auto v = c.maybe<int64_t>("resource-requirements-id"))
    changed["resource_requirements_id"] = *v;
  if (const auto v = c.maybe<int64_t>("priority"))
    changed["priority"] = *v;
  const auto labels = read_label_options(c);
  if (!labels)
    return fail(c, labels.why().message);
  if (!labels->empty() && c.get<bool>("clear-labels"))
    return fail(c, "--label and --clear-labels contradict each other");
  if (!labels->empty() || c.get<bool>("clear-labels"))
    changed["labels"] = to_array(*labels);
  auto updated = server.put(path, changed);
  if (!updated)
    return fail(c, updated.why().message);
  if (const auto runtime = c.maybe<std::string>("runtime"))
    if (const auto done = change_runtime(server, *updated, *runtime); !done)
      return fail(c, done.why().message);
  if (c.global.json())
    print_json(c.out, *updated);
  else
    c.out << "Updated job " << *id << '\n';
  return exit_ok;
}

} // namespace

command jobs_update_command() {
  return {.name = "update",
          .summary = "Change one job; what is not named stays",
          .about = "Name and command can be changed before the workflow is initialized.",
          .arguments = {{"id", "the job"}},
          .options = options,
          .run = update};
}

} // namespace torc::cli
