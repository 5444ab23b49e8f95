#pragma once

#include "core/packing.hpp"
#include "core/turn.hpp"

#include <algorithm>
#include <deque>
#include <string>
#include <unordered_map>

namespace torc::core {

/// A CAF runner as the broker sees it: what it runs, as far as room goes, and what waits at it.
///
/// A runner starts its orders in the order in which they came, as they fit. So while one waits,
/// there is no free room for another, and an end makes room for the first that waits.
class standing_offer {
public:
  /// A runner by resources holds no more orders than this, even of jobs that need nothing.
  static constexpr size_t most_orders = 16384;
  /// So much work may wait at a runner whatever it asked for. It then tells the ends of many jobs
  /// at once, and nobody else waits longer than this for its slots.
  static constexpr int64_t ahead_us = 25'000;
  /// No more than so many times what it asked for.
  static constexpr int64_t most_times = 8;

  explicit standing_offer(const runner_joined& j);
  /// The runner came back with another capacity; what it holds is known better here than there.
  void change(const runner_joined& j);

  bool serves(workflow_id w, const std::string& user) const {
    return workflow_ ? workflow_ == w : user_ == user;
  }
  runner_id id() const { return id_; }
  const std::string& user() const { return user_; }
  workflow_id workflow() const { return workflow_; }

  /// True where the job could run on the idle host.
  bool could_run(const needs& n) const;
  /// True where it would start at once.
  bool has_room(const needs& n) const;
  /// Jobs that could start at once, roughly: slots or CPUs.
  int64_t free_room() const;
  /// Orders it may still be given beyond its room: as many as it asked for, and more where its jobs
  /// are so short that these would be over in a moment.
  int64_t free_prefill() const;
  /// A job of its took so long. @param us <= 0: unknown
  void took(int64_t us);
  /// @pre could_run(g.need)
  void give(const grant& g);
  /// The attempt is over. @returns false where this runner did not hold it.
  bool take_back(grant_id g);
  /// The runner says that it runs: it waits no more.
  void started(grant_id g);

  size_t open() const { return running_.size() + queued_.size(); }
  bool has_queue() const { return !queued_.empty(); }
  /// Orders that wait, were not asked back yet, and that `other` could start at once.
  template <class Serves>
  int64_t surplus_for(const standing_offer& other, Serves serves) const {
    int64_t n = 0;
    for (const auto& q : queued_)
      n += !q.recalled && serves(q.what) && other.has_room(q.what.need);
    return n;
  }
  /// Asks the newest of them back, as many as `room` of `other` pays for. @returns how many
  template <class Serves>
  int32_t recall_for(const standing_offer& other, int64_t& room, Serves serves) {
    int32_t n = 0;
    for (auto q = queued_.rbegin(); q != queued_.rend(); ++q) {
      auto cost = other.cost_of(q->what.need);
      if (q->recalled || cost > room || !serves(q->what) || !other.has_room(q->what.need))
        continue;
      q->recalled = true;
      room -= cost;
      ++n;
    }
    return n;
  }
  /// What orders cost that were asked back and have neither come back nor started, as `other`
  /// counts.
  int64_t recalled_cost(const standing_offer& other) const;
  /// Of the unit in which free_room() counts.
  int64_t cost_of(const needs& n) const {
    return slots_ > 0 ? 1 : std::max<int64_t>(1, int64_t{n.num_cpus} * n.num_nodes);
  }

  void sanity_check() const;

private:
  struct running {
    needs need;
    packing::spot at;
    bool counted = false; ///< false: it runs although there was no room for it in this account
  };
  struct queued {
    grant what;
    bool recalled = false;
  };

  bool start(const grant& g, bool force);
  void advance();

  runner_id id_;
  std::string user_;
  workflow_id workflow_;
  int32_t slots_ = 0;
  int32_t prefill_ = 0;
  int64_t job_us_ = 0; ///< how long a job takes, the latest weighing most; 0: not known yet
  std::optional<int64_t> time_limit_s_;
  label_set labels_;
  packing room_;
  std::unordered_map<grant_id, running> running_;
  std::deque<queued> queued_;
};

} // namespace torc::core
