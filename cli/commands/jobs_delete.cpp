#include "cli/commands/common.hpp"
#include "cli/commands/tree.hpp"

#include <ostream>

namespace torc::cli {

namespace {

int fail_missing(call& c, const std::vector<int64_t>& missing) {
  if (c.global.json())
    print_json(c.out, json::object{{"error", "some of the jobs do not exist; none was deleted"},
                                   {"missing_ids", json::value_from(missing)}});
  std::string words;
  for (const auto id : missing)
    words += (words.empty() ? "" : ", ") + std::to_string(id);
  c.err << "error: there is no job " << words << "; none was deleted\n";
  return exit_error;
}

/// All or none as far as it can be seen beforehand: a word too many should not cost a job.
int remove(call& c) {
  std::vector<std::string> paths;
  std::vector<int64_t> missing;
  auto server = server_of(c);
  for (const auto& word : c.arguments) {
    const auto id = parse_id(word, "job id");
    if (!id)
      return fail(c, id.why().message);
    paths.push_back("/jobs/" + std::to_string(*id));
    const auto job = server.get(paths.back());
    if (!job && job.why().why != core::refusal::not_found)
      return fail(c, job.why().message);
    if (!job)
      missing.push_back(*id);
  }
  if (!missing.empty())
    return fail_missing(c, missing);
  json::array gone;
  for (const auto& path : paths) {
    auto job = server.remove(path);
    if (!job)
      return fail(c, job.why().message);
    if (!c.global.json())
      c.out << "Deleted job " << integer_member(*job, "id") << '\n';
    gone.push_back(std::move(*job));
  }
  if (c.global.json())
    print_json(c.out, json::object{{"jobs", std::move(gone)}});
  return exit_ok;
}

} // namespace

command jobs_delete_command() {
  return {.name = "delete",
          .summary = "Delete jobs; none where one of them does not exist",
          .arguments = {{"ids", "the jobs", argument::count::some}},
          .run = remove};
}

} // namespace torc::cli
