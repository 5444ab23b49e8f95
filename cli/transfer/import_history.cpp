#include "cli/client/workflow.hpp"
#include "cli/transfer/importer.hpp"
#include "core/attempt_names.hpp"

#include <algorithm>

namespace torc::cli {

importer::done importer::create_actions() {
  for (const auto& action : list_member(document_, "workflow_actions")) {
    auto body = body_of(action);
    for (const auto* gone :
         {"trigger_count", "required_triggers", "executed", "executed_at", "executed_by"})
      body.erase(gone);
    auto jobs = mapped(action, "job_ids", jobs_);
    if (!jobs)
      return jobs.why();
    if (!jobs->empty())
      body["job_ids"] = std::move(*jobs);
    if (auto* config = body["action_config"].if_object()) {
      const auto local = text_member(*config, "scheduler_type") == "local";
      const auto& by = local ? local_ : slurm_;
      if (const auto fresh = by.find(integer_member(*config, "scheduler_id")); fresh != by.end())
        (*config)["scheduler_id"] = fresh->second;
    }
    const auto made = server_.post(workflow_path(report_.workflow, "/actions"), body);
    if (!made)
      return made.why();
  }
  return core::nothing{};
}

importer::done importer::create_entities() {
  const auto renamed = [&](const std::string& text) {
    return core::with_new_jobs(text, [&](int64_t job) {
      const auto fresh = jobs_.find(job);
      return fresh == jobs_.end() ? 0 : fresh->second;
    });
  };
  for (const auto& entity : list_member(document_, "ro_crate_entities")) {
    auto body = body_of(entity);
    body["entity_id"] = renamed(text_member(entity, "entity_id"));
    const auto& metadata = member(entity, "metadata");
    body["metadata"] = renamed(metadata.is_string() ? cell(metadata) : json::serialize(metadata));
    body.erase("file_id");
    if (const auto file = files_.find(integer_member(entity, "file_id")); file != files_.end())
      body["file_id"] = file->second;
    const auto made = server_.post("/ro_crate_entities", body);
    if (!made)
      return made.why();
  }
  return core::nothing{};
}

importer::done importer::create_nodes() {
  for (const auto& node : list_member(document_, "compute_nodes")) {
    auto body = body_of(node);
    body["is_active"] = false; // whatever it was, it is none of this server's
    body.erase("scheduler_config_id");
    if (const auto by = slurm_.find(integer_member(node, "scheduler_config_id"));
        by != slurm_.end())
      body["scheduler_config_id"] = by->second;
    const auto made = server_.post("/compute_nodes", body);
    if (!made)
      return made.why();
    nodes_[integer_member(node, "id")] = integer_member(*made, "id");
    ++report_.compute_nodes;
  }
  return core::nothing{};
}

/// Where results came from in a document that does not say it.
core::result<int64_t> importer::placeholder_node() {
  if (const auto there = nodes_.find(0); there != nodes_.end())
    return there->second;
  const auto made =
      server_.post("/compute_nodes", json::object{{"workflow_id", report_.workflow},
                                                  {"hostname", "imported"},
                                                  {"pid", 0},
                                                  {"start_time", "1970-01-01T00:00:00Z"},
                                                  {"is_active", false},
                                                  {"num_cpus", 1},
                                                  {"memory_gb", 1.0},
                                                  {"num_gpus", 0},
                                                  {"num_nodes", 1},
                                                  {"compute_node_type", "local"}});
  if (!made)
    return made.why();
  return nodes_[0] = integer_member(*made, "id");
}

importer::done importer::create_results() {
  int64_t last_run = 0;
  for (const auto& result : list_member(document_, "results")) {
    auto body = body_of(result);
    const auto job = jobs_.find(integer_member(result, "job_id"));
    if (job == jobs_.end()) {
      report_.notes.push_back("a result of job " + cell(member(result, "job_id")) +
                              ", which the document does not have, is left out");
      continue;
    }
    body["job_id"] = job->second;
    if (const auto node = nodes_.find(integer_member(result, "compute_node_id"));
        node != nodes_.end()) {
      body["compute_node_id"] = node->second;
    } else {
      const auto any = placeholder_node();
      if (!any)
        return any.why();
      body["compute_node_id"] = *any;
    }
    if (const auto made = server_.post("/results", body); !made)
      return made.why();
    last_run = std::max(last_run, integer_member(result, "run_id"));
    ++report_.results;
  }
  if (last_run == 0)
    return core::nothing{};
  // The next run must not be one that has results already.
  if (const auto put = server_.put(workflow_path(report_.workflow, "/status"),
                                   json::object{{"id", report_.workflow},
                                                {"run_id", last_run},
                                                {"is_canceled", false},
                                                {"is_archived", false}});
      !put)
    return put.why();
  return core::nothing{};
}

importer::done importer::create_events() {
  for (const auto& event : list_member(document_, "events")) {
    auto body = body_of(event);
    body.erase("timestamp_formatted");
    if (const auto made = server_.post("/events?keep_timestamp=true", body); !made)
      return made.why();
    ++report_.events;
  }
  return core::nothing{};
}

importer::done importer::create_history() {
  if (wishes_.results) {
    if (auto r = create_nodes(); !r)
      return r;
    if (auto r = create_results(); !r)
      return r;
  }
  return wishes_.events ? create_events() : done{core::nothing{}};
}

} // namespace torc::cli
