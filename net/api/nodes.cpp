#include "net/api/all.hpp"
#include "net/api/crud.hpp"
#include "net/event_hub.hpp"

namespace torc::net::api {

namespace {

using core::compute_node_row;

/// The id of the allocation that the node belongs to: `scheduler.scheduler_id`.
std::optional<int64_t> allocation_of(const compute_node_row& node) {
  if (!node.scheduler || json::kind_of(node.scheduler->text) != json::kind::object)
    return std::nullopt;
  json::members scheduler;
  scheduler.assign(node.scheduler->text);
  const auto id = scheduler.take("scheduler_id");
  return id ? json::as_integer(*id) : std::nullopt;
}

reply nodes_of_allocation(core::read_model& r, const core::filter& f, int64_t allocation) {
  return wanted_page_reply<compute_node_row>(
      r, f, [&](const auto& node) { return allocation_of(node) == allocation; });
}

void publish(const services& s, core::workflow_id workflow, std::string_view type,
             const std::string& data) {
  s.events->publish(workflow, type, event_hub::severity::info, data);
}

void tell_started(const services& s, const compute_node_row& node) {
  std::string data;
  json::object o(data);
  o.add("compute_node_id", node.id.value).add("hostname", node.hostname).add("pid", node.pid);
  o.add("num_cpus", node.num_cpus).add("memory_gb", node.memory_gb).add("num_gpus", node.num_gpus);
  o.add("compute_node_type", node.compute_node_type).close();
  publish(s, node.workflow, "compute_node_started", data);
}

void tell_stopped(const services& s, const compute_node_row& node) {
  if (node.is_active.value_or(true))
    return;
  std::string data;
  json::object o(data);
  o.add("compute_node_id", node.id.value).add("hostname", node.hostname).add("pid", node.pid);
  if (node.duration_seconds)
    o.add("duration_seconds", *node.duration_seconds);
  o.add("compute_node_type", node.compute_node_type).close();
  publish(s, node.workflow, "compute_node_stopped", data);
}

void tell_scheduled(const services& s, const core::scheduled_compute_node_row& node) {
  std::string data;
  json::object o(data);
  o.add("category", "scheduler").add("scheduled_compute_node_id", node.id.value);
  o.add("scheduler_id", node.scheduler).add("scheduler_config_id", node.scheduler_config_id);
  o.add("scheduler_type", node.scheduler_type).add("status", node.status).close();
  publish(s, node.workflow, "scheduler_node_created", data);
}

} // namespace

void add_nodes(router& to, const services& s) {
  using type = filter_column::type;
  resource<compute_node_row> nodes;
  nodes.path = "/compute_nodes";
  nodes.noun = "compute node";
  nodes.filters = {{"hostname"}, {"is_active", type::flag}};
  nodes.created = tell_started;
  nodes.replaced = tell_stopped;
  add_create(to, s, nodes);
  add_get(to, s, nodes);
  add_replace(to, s, nodes);
  add_erase(to, s, nodes);
  add_erase_all(to, s, nodes);
  to.on("GET", "/compute_nodes", [&s, columns = nodes.filters](const call& c) {
    query_reader q(c->in());
    const auto f = read_filter(q, columns);
    const auto allocation = q.integer("scheduled_compute_node_id");
    if (q.refused(c))
      return;
    reply_by_reading(s, c, [f, allocation](core::read_model& r) {
      return allocation ? nodes_of_allocation(r, f, *allocation)
                        : page_reply<compute_node_row>(r, f);
    });
  });

  resource<core::scheduled_compute_node_row> scheduled;
  scheduled.path = "/scheduled_compute_nodes";
  scheduled.noun = "scheduled compute node";
  scheduled.filters = {
      {"scheduler_id", type::integer}, {"scheduler_config_id", type::integer}, {"status"}};
  scheduled.created = tell_scheduled;
  add_crud(to, s, scheduled);
}

} // namespace torc::net::api
