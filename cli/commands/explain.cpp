#include "cli/client/workflow.hpp"
#include "cli/commands/common.hpp"
#include "cli/commands/tree.hpp"
#include "exec/job_process.hpp"

#include <deque>
#include <filesystem>
#include <fstream>
#include <ostream>

namespace torc::cli {

namespace {

void options(po::options_description& to) {
  to.add_options()("output-dir,o",
                   po::value<std::string>()->default_value("torc_output")->value_name("FOLDER"),
                   "where the jobs' output lies, to show the end of a failed job's stderr")(
      "lines,n", po::value<int>()->default_value(10)->value_name("N"), "so many lines of it");
}

/// Of a file that may be large, and may be anything.
std::vector<std::string> last_lines(const std::string& path, size_t count) {
  constexpr std::streamoff most = 64 * 1024;
  std::ifstream in(path, std::ios::binary | std::ios::ate);
  if (!in)
    return {};
  const std::streamoff size = in.tellg();
  in.seekg(std::max<std::streamoff>(size - most, 0));
  std::deque<std::string> lines;
  for (std::string line; std::getline(in, line);) {
    lines.push_back(harmless(line));
    if (lines.size() > count)
      lines.pop_front();
  }
  return {lines.begin(), lines.end()};
}

/// Adds what only this host can know: the end of the job's stderr.
void add_stderr(const call& c, json::object& job) {
  const json::value v = job;
  const auto& result = member(v, "result");
  if (!result.is_object() || text_member(result, "kind") == "success")
    return;
  const auto files = exec::stdio_paths_of(
      c.get<std::string>("output-dir"), core::workflow_id{integer_member(v, "workflow_id")},
      core::job_id{integer_member(v, "job_id")}, integer_member(v, "run_id"),
      integer_member(v, "attempt_id", 1));
  std::error_code ignored;
  if (!std::filesystem::exists(files.err, ignored))
    return;
  const auto count = static_cast<size_t>(std::max(c.get<int>("lines"), 0));
  job["stderr"] =
      json::object{{"path", files.err}, {"lines", json::value_from(last_lines(files.err, count))}};
}

void print_reasons(std::ostream& out, const json::value& what) {
  for (const auto& reason : list_member(what, "reasons"))
    out << "  - " << harmless(cell(reason)) << '\n';
}

int show_job(call& c, api& server, int64_t id) {
  auto job = server.get("/jobs/" + std::to_string(id) + "/explain");
  if (!job)
    return fail(c, job.why().message);
  if (job->is_object())
    add_stderr(c, job->as_object());
  if (c.global.json()) {
    print_json(c.out, *job);
    return exit_ok;
  }
  c.out << "Job " << id << " (" << harmless(text_member(*job, "name")) << ") of workflow "
        << integer_member(*job, "workflow_id") << " is " << text_member(*job, "status") << ":\n";
  print_reasons(c.out, *job);
  const auto& tail = member(*job, "stderr");
  if (!tail.is_object())
    return exit_ok;
  const auto& lines = list_member(tail, "lines");
  c.out << "  stderr (" << harmless(text_member(tail, "path")) << ")"
        << (lines.empty() ? " is empty\n" : ":\n");
  for (const auto& line : lines)
    c.out << "    " << cell(line) << '\n';
  return exit_ok;
}

int show_workflow(call& c, api& server, int64_t id) {
  const auto all = server.get(workflow_path(id, "/explain"));
  if (!all)
    return fail(c, all.why().message);
  if (c.global.json()) {
    print_json(c.out, *all);
    return exit_ok;
  }
  c.out << "Workflow " << id << ":\n";
  print_reasons(c.out, *all);
  return exit_ok;
}

/// A lone number may be either; a job and a workflow of the same number must be told apart.
int show_number(call& c, api& server, int64_t id) {
  const bool is_workflow = server.get(workflow_path(id)).ok();
  const bool is_job = server.get("/jobs/" + std::to_string(id)).ok();
  const auto number = std::to_string(id);
  if (is_workflow && is_job)
    return fail(c, "there is a job and a workflow " + number + "; say: torc explain job " + number +
                       ", or: torc explain workflow " + number);
  return is_job ? show_job(c, server, id) : show_workflow(c, server, id);
}

int run(call& c) {
  auto server = server_of(c);
  const auto& words = c.arguments;
  const bool names_kind = words[0] == "job" || words[0] == "workflow";
  if (words.size() != (names_kind ? 2 : 1)) {
    c.err << "error: say one of: torc explain job ID, torc explain workflow ID, torc explain ID\n";
    return exit_usage;
  }
  const auto id = parse_id(words.back(), names_kind ? words[0] + " id" : "job or workflow id");
  if (!id)
    return fail(c, id.why().message);
  if (!names_kind)
    return show_number(c, server, *id);
  return words[0] == "job" ? show_job(c, server, *id) : show_workflow(c, server, *id);
}

} // namespace

command explain_command() {
  return {.name = "explain",
          .summary = "Say why a job or a workflow does not run, has failed or is slow",
          .about = "torc explain job 17, torc explain workflow 3, or just the number.",
          .arguments = {{"what", "job ID, workflow ID or a lone ID", argument::count::some}},
          .options = options,
          .run = run};
}

} // namespace torc::cli
