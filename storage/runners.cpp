#include "storage/runners.hpp"

#include "core/time.hpp"

namespace torc::storage {

std::string iso_seconds(int64_t seconds) {
  return "PT" + std::to_string(seconds) + "S";
}

runners::runners(database& db, counters& ids, news_book& news)
    : ids_(ids), news_(news),
      insert_(db, "INSERT OR REPLACE INTO runner (id, instance, hostname, pid, num_cpus, "
                  "num_gpus, num_nodes, memory_bytes, time_limit_s, since_us, labels) "
                  "VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, nullif(?11, ''))"),
      find_(db, "SELECT hostname, pid, num_cpus, num_gpus, num_nodes, memory_bytes, "
                "time_limit_s, since_us, instance, labels FROM runner WHERE id = ?1"),
      by_instance_(db, "SELECT id FROM runner WHERE instance = ?1 AND id <> ?2"),
      move_nodes_(db, "UPDATE OR IGNORE runner_node SET runner_id = ?2 WHERE runner_id = ?1"),
      drop_(db, "DELETE FROM runner WHERE id = ?1"),
      drop_nodes_(db, "DELETE FROM runner_node WHERE runner_id = ?1"),
      node_(db, "SELECT node_id FROM runner_node WHERE runner_id = ?1 AND workflow_id = ?2"),
      nodes_of_(db, "SELECT node_id FROM runner_node WHERE runner_id = ?1"),
      wake_(db, "UPDATE compute_node SET is_active = 1, duration_seconds = NULL WHERE id IN "
                "(SELECT node_id FROM runner_node WHERE runner_id = ?1) AND is_active = 0"),
      stop_(db, "UPDATE compute_node SET is_active = 0, duration_seconds = ?2 WHERE id IN "
                "(SELECT node_id FROM runner_node WHERE runner_id = ?1)"),
      insert_node_(db, "INSERT INTO compute_node (id, workflow_id, hostname, pid, start_time, "
                       "is_active, num_cpus, memory_gb, num_gpus, num_nodes, time_limit, "
                       "compute_node_type, labels) VALUES (?1, ?2, ?3, ?4, ?5, 1, ?6, ?7, "
                       "?8, ?9, ?10, 'local', ?11)"),
      keep_node_(db, "INSERT INTO runner_node (runner_id, workflow_id, node_id) "
                     "VALUES (?1, ?2, ?3)"),
      forget_(db, "DELETE FROM runner_node WHERE workflow_id = ?1"),
      forget_node_(db, "DELETE FROM runner_node WHERE workflow_id = ?1 AND node_id = ?2"),
      rest_(db, "UPDATE compute_node SET is_active = 0 WHERE id = ?1"),
      idle_(db, "SELECT id FROM runner WHERE id NOT IN (SELECT runner_id FROM runner_node)"),
      all_(db, "SELECT runner_id, node_id FROM runner_node") {}

void runners::joined(const core::runner_joined& j) {
  if (j.instance != 0)
    for (auto r = by_instance_.query(j.instance, j.runner); r.next();) {
      const auto earlier = r.get<core::runner_id>(0);
      move_nodes_.run(earlier, j.runner);
      drop_nodes_.run(earlier);
      drop_.run(earlier);
      nodes_.erase(earlier);
    }
  const auto labels = core::joined(j.room.labels);
  insert_.run(j.runner, j.instance, j.hostname, j.pid, j.room.num_cpus, j.room.num_gpus,
              j.room.num_nodes, j.room.memory_bytes, j.room.time_limit_s, j.at.us, labels);
  wake_.run(j.runner);
  nodes_.erase(j.runner);
}

void runners::left(const core::runner_left& l) {
  int64_t since = 0;
  if (auto r = find_.query(l.runner); r.next())
    since = r.get<int64_t>(7);
  const double seconds = since == 0 ? 0 : static_cast<double>(l.at.us - since) / 1e6;
  stop_.run(l.runner, seconds);
  if (news_.wanted())
    for (auto r = nodes_of_.query(l.runner); r.next();)
      news_.node_stopped(r.get<core::node_id>(0), l.at, seconds);
  drop_nodes_.run(l.runner);
  drop_.run(l.runner);
  nodes_.erase(l.runner);
}

core::node_id runners::node_in(core::runner_id r, core::workflow_id w) {
  if (!r)
    return {};
  auto& known = nodes_[r];
  if (auto it = known.find(w); it != known.end())
    return it->second;
  auto node = node_.first<core::node_id>(r, w).value_or(core::node_id{});
  if (!node)
    node = make_node(r, w);
  return known[w] = node;
}

core::node_id runners::make_node(core::runner_id r, core::workflow_id w) {
  auto row = find_.query(r);
  if (!row.next())
    return {};
  const core::node_id node{ids_.draw("compute_node")};
  const auto limit = row.get<std::optional<int64_t>>(6);
  const auto since = core::to_iso8601(core::instant{row.get<int64_t>(7)});
  const double gib = static_cast<double>(row.get<int64_t>(5)) / (1 << 30);
  insert_node_.run(node, w, row.get<std::string>(0), row.get<int64_t>(1), since,
                   row.get<int64_t>(2), gib, row.get<int64_t>(3), row.get<int64_t>(4),
                   limit ? std::optional{iso_seconds(*limit)} : std::nullopt,
                   row.get<std::optional<std::string>>(9));
  keep_node_.run(r, w, node);
  if (news_.wanted())
    news_.node_started(w, node, row.get<std::string>(0), core::instant{row.get<int64_t>(7)});
  return node;
}

bool runners::knows(core::runner_id r) {
  return find_.query(r).next();
}

int64_t runners::instance_of(core::runner_id r) {
  auto row = find_.query(r);
  return row.next() ? row.get<int64_t>(8) : 0;
}

void runners::forget(core::workflow_id w) {
  forget_.run(w);
  for (auto& [runner, nodes] : nodes_)
    nodes.erase(w);
}

void runners::forget_node(core::workflow_id w, core::node_id n) {
  forget_node_.run(w, n);
  for (auto& [runner, nodes] : nodes_)
    if (auto it = nodes.find(w); it != nodes.end() && it->second == n)
      nodes.erase(it);
}

void runners::rest(const std::set<core::runner_id>& busy) {
  for (auto r = all_.query(); r.next();)
    if (!busy.contains(r.get<core::runner_id>(0)))
      rest_.run(r.get<int64_t>(1));
  auto idle = std::vector<core::runner_id>();
  for (auto r = idle_.query(); r.next();)
    idle.push_back(r.get<core::runner_id>(0));
  for (const auto r : idle)
    if (!busy.contains(r)) // the nodes of one that is may have been deleted
      drop_.run(r);
}

} // namespace torc::storage
