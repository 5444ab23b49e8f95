#include "cli/create/create.hpp"

#include "cli/create/bodies.hpp"
#include "cli/run/host.hpp"

namespace torc::cli {

void add_default_monitor(core::expanded_workflow& w) {
  if (!w.workflow.resource_monitor_config)
    w.workflow.resource_monitor_config =
        R"({"enabled":true,"granularity":"summary","sample_interval_seconds":10})";
}

core::result<int64_t> create_workflow(api& server, core::expanded_workflow& w) {
  w.workflow.user = user_name();
  stamp_files(w);
  auto created = create_by_submission(server, w);
  if (created || created.why().why != core::refusal::not_found)
    return created;
  return create_piece_by_piece(server, w);
}

} // namespace torc::cli
