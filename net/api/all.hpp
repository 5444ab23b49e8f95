#pragma once

#include "net/api/services.hpp"
#include "net/router.hpp"

namespace torc::net::api {

class initializer;

/// Each adds the endpoints of its source file.
void add_system(router& to, const services& s);
void add_workflows(router& to, const services& s);
void add_workflow_lists(router& to, const services& s);
void add_resets(router& to, const services& s);
void add_initialize(router& to, const services& s, const std::shared_ptr<initializer>& starter);
void add_claims(router& to, const services& s);
void add_jobs(router& to, const services& s);
void add_job_calls(router& to, const services& s, const std::shared_ptr<initializer>& starter);
void add_job_update(router& to, const services& s);
void add_job_window(router& to, const services& s);
void add_files(router& to, const services& s);
void add_user_data(router& to, const services& s);
void add_events(router& to, const services& s);
void add_results(router& to, const services& s);
void add_requirements(router& to, const services& s);
void add_schedulers(router& to, const services& s);
void add_nodes(router& to, const services& s);
void add_handlers(router& to, const services& s);
void add_entities(router& to, const services& s);
void add_actions(router& to, const services& s);
void add_submissions(router& to, const services& s);
void add_progress(router& to, const services& s);
void add_runners(router& to, const services& s);
void add_ready_needs(router& to, const services& s);
void add_metrics(router& to, const services& s);
void add_timing(router& to, const services& s);
void add_access(router& to, const services& s);
void add_remote_workers(router& to, const services& s);
void add_graphs(router& to, const services& s);
void add_explain(router& to, const services& s);
void add_description(router& to, const services& s);
void add_archives(router& to, const services& s);
// Those that came with torc 1.0.
void add_bulks(router& to, const services& s);
void add_batch_complete(router& to, const services& s);
void add_tasks(router& to, const services& s);
void add_summary(router& to, const services& s);

/// The whole API.
void add_all(router& to, const services& s);

} // namespace torc::net::api
