#include "cli/transfer/document.hpp"

#include "cli/client/workflow.hpp"
#include "core/time.hpp"

#include <chrono>

namespace torc::cli {

namespace {

struct section {
  const char* name;
  const char* path; ///< "{}": the workflow
  enum class wish { always, results, events } of = wish::always;
};

constexpr section sections[] = {
    {"files", "/files?workflow_id={}"},
    {"user_data", "/user_data?workflow_id={}"},
    {"resource_requirements", "/resource_requirements?workflow_id={}"},
    {"slurm_schedulers", "/slurm_schedulers?workflow_id={}"},
    {"local_schedulers", "/local_schedulers?workflow_id={}"},
    {"failure_handlers", "/workflows/{}/failure_handlers?"},
    {"ro_crate_entities", "/workflows/{}/ro_crate_entities?"},
    {"jobs", "/jobs?workflow_id={}&include_relationships=true"},
    {"compute_nodes", "/compute_nodes?workflow_id={}", section::wish::results},
    {"results", "/results?workflow_id={}&all_runs=true", section::wish::results},
    {"events", "/events?workflow_id={}", section::wish::events},
};

std::string now_in_words() {
  using namespace std::chrono;
  const auto since = system_clock::now().time_since_epoch();
  return core::to_iso8601({duration_cast<microseconds>(since).count()});
}

core::result<json::array> read_section(api& server, const section& s, int64_t workflow) {
  std::string path = s.path;
  path.replace(path.find("{}"), 2, std::to_string(workflow));
  json::array items;
  auto read = server.each(path, [&](const json::value& item) {
    items.push_back(item);
    return true;
  });
  if (!read)
    return read.why();
  return items;
}

} // namespace

core::result<json::object> export_document(api& server, int64_t workflow,
                                           const export_wishes& wishes) {
  json::object document{{"export_version", "1.0"}, {"exported_at", now_in_words()}};
  auto row = server.get(workflow_path(workflow));
  if (!row)
    return row.why();
  document["workflow"] = std::move(*row);
  for (const auto& s : sections) {
    if ((s.of == section::wish::results && !wishes.results) ||
        (s.of == section::wish::events && !wishes.events))
      continue;
    auto items = read_section(server, s, workflow);
    if (!items)
      return items.why();
    document[s.name] = std::move(*items);
  }
  auto actions = server.get(workflow_path(workflow, "/actions"));
  if (!actions)
    return actions.why();
  document["workflow_actions"] = std::move(*actions);
  return document;
}

} // namespace torc::cli
