#pragma once

#include "core/turn.hpp"
#include "storage/counters.hpp"
#include "storage/news.hpp"
#include "storage/statement.hpp"

#include <set>
#include <unordered_map>

namespace torc::storage {

/// Runners, and the compute_node rows under which workflows know them. A row is made at the
/// runner's first grant in a workflow, since most runners of a user never work for most of his
/// workflows.
class runners {
public:
  runners(database& db, counters& ids, news_book& news);

  /// A runner that comes back as the same instance keeps its rows, also under a new id.
  void joined(const core::runner_joined& j);
  void left(const core::runner_left& l);
  /// The runner's row in the workflow, made if need be. None for no runner.
  core::node_id node_in(core::runner_id r, core::workflow_id w);
  /// It has joined and not left.
  bool knows(core::runner_id r);
  /// 0 when unknown.
  int64_t instance_of(core::runner_id r);
  /// The workflow was deleted.
  void forget(core::workflow_id w);
  /// The node's row was deleted: the runner's next grant in the workflow makes a new one.
  void forget_node(core::workflow_id w, core::node_id n);
  /// At a start: nodes of runners that are not `busy` are inactive until they join again.
  void rest(const std::set<core::runner_id>& busy);

private:
  core::node_id make_node(core::runner_id r, core::workflow_id w);

  counters& ids_;
  news_book& news_;
  std::unordered_map<core::runner_id, std::unordered_map<core::workflow_id, core::node_id>> nodes_;
  statement insert_, find_, by_instance_, move_nodes_, drop_, drop_nodes_, node_, nodes_of_, wake_,
      stop_, insert_node_, keep_node_, forget_, forget_node_, rest_, idle_, all_;
};

/// "PT3600S", the way a limit in seconds is shown.
std::string iso_seconds(int64_t seconds);

} // namespace torc::storage
