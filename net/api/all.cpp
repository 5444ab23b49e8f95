#include "net/api/all.hpp"

namespace torc::net::api {

void add_all(router& to, const services& s) {
  for (const auto add :
       {add_system,   add_workflows, add_workflow_lists, add_resets,      add_initialize,
        add_claims,   add_jobs,      add_job_calls,      add_files,       add_user_data,
        add_events,   add_results,   add_requirements,   add_schedulers,  add_nodes,
        add_handlers, add_entities,  add_actions,        add_submissions, add_progress,
        add_runners,  add_timing,    add_ready_needs,    add_metrics})
    add(to, s);
}

} // namespace torc::net::api
