#include "net/api/all.hpp"

#include "net/api/initialize.hpp"

namespace torc::net::api {

void add_all(router& to, const services& s) {
  for (const auto add :
       {add_system,      add_workflows,      add_workflow_lists, add_resets,
        add_claims,      add_jobs,           add_files,          add_user_data,
        add_events,      add_results,        add_requirements,   add_schedulers,
        add_nodes,       add_handlers,       add_entities,       add_actions,
        add_submissions, add_progress,       add_runners,        add_timing,
        add_ready_needs, add_metrics,        add_access,         add_remote_workers,
        add_graphs,      add_job_update,     add_explain,        add_description,
        add_bulks,       add_batch_complete, add_tasks,          add_summary,
        add_job_window,  add_archives})
    add(to, s);
  const auto starter = std::make_shared<initializer>(s);
  for (const auto add : {add_initialize, add_job_calls})
    add(to, s, starter);
}

} // namespace torc::net::api
