#pragma once

#include "core/matcher.hpp"
#include "core/ready_queue.hpp"
#include "core/standing_offer.hpp"

#include <map>
#include <set>
#include <string>
#include <unordered_map>
#include <unordered_set>

namespace torc::core {

/// What the matcher holds, and the steps of one `apply`, in their order.
struct matcher::state {
  struct workflow {
    workflow_id id;
    std::string user;
    bool paused = false; ///< canceled
    ready_queue queue;
    std::unordered_map<job_id, grant_id> open; ///< granted here or adopted; its size is the share
    /// Of the queue before the last admission: what it could not know to be ready.
    std::unordered_set<job_id> kept;
  };
  using shares = std::set<std::pair<size_t, workflow_id>>; ///< (open grants, workflow)

  std::unordered_map<workflow_id, workflow> workflows;
  std::map<std::string, shares> users; ///< workflows that have ready jobs and are not paused
  std::map<runner_id, standing_offer> runners;
  int64_t next_grant = 1;
  size_t waiting = 0;
  outcome out; ///< of the `apply` under way

  /// Room comes back: runners that left, attempts that are over.
  void take_back(const verdicts& v);
  void over(const grant& g);
  /// Controls, and what the graph took away because of them.
  void obey(const releases& r);
  void pause(workflow_id w, bool yes);
  void drop(workflow_id w);
  void withdraw(const releases& r);
  void withhold(const std::vector<ready_job>& jobs);
  void admit(const admission& a);
  void amend(const releases& r);
  void enqueue(const releases& r);
  void join(const runner_joined& j);

  void serve(const offer& o);
  void fill(bool beyond_room);
  bool place_one(standing_offer& r, bool beyond_room);
  grant issue(workflow& w, uint32_t job_class);
  void recall_for_idle();
  /// @param covered how much of what is on its way back earlier idle runners count on
  void recall_for(standing_offer& idle, int64_t& covered);

  /// A workflow lies in its user's set under its count of open grants: whoever changes the count,
  /// the queue or the pause takes it out before and puts it back after.
  void before_change(const workflow& w);
  void after_change(const workflow& w);
};

} // namespace torc::core
