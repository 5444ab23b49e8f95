#pragma once

#include "core/occupancy.hpp"
#include "core/resources.hpp"
#include "core/wire.hpp"

#include <cstdint>
#include <deque>
#include <optional>
#include <unordered_map>
#include <vector>

namespace torc::core {

/// A runner's brain: which order starts now, what the server is told and when, and when it is time
/// to go. It hears the line (to the server) and the hands (that start processes); any number of
/// events, then one `settle`, which says what to do about them.
///
/// What holds: an order runs at most once and is reported ended or returned exactly once, whatever
/// happens to the line. An end is kept until the server has said that it is on disk.
/// `now_us` is a clock that never goes back and runs while the host sleeps (boot time): leases
/// depend on it. Start and end times of jobs are the wall clock's and just passed on.
class desk {
public:
  struct settings {
    int32_t slots = 0; ///< so many jobs at a time; 0: by `room`
    capacity room;
    int64_t workflow = 0; ///< leaves when this one is finished; 0: serves any
    /// Leaves after so long without an order from a server that could send one; 0: never.
    int64_t idle_exit_us = 90'000'000;
  };
  /// What the hands and the line are to do.
  struct todo {
    std::vector<wire::order> start; ///< in this order
    std::vector<int64_t> kill;      ///< grants whose processes must end
    std::vector<wire::ended> ended; ///< what has ended since the last settle, revoked jobs excepted
    std::optional<wire::report> send;
  };
  struct tally {
    int64_t started = 0, completed = 0, failed = 0;
    double idle_seconds = 0; ///< of a slot, while attached: slot-seconds / slots
    bool canceled = false;   ///< the workflow was
    bool drained = false;    ///< by `drain` or `kill`
    bool lost = false;       ///< the lease ran out
    /// From the end of the job before to the start, for orders that came after that end.
    std::vector<int64_t> hops_us;
  };

  /// A job that has run so long is told as running; a shorter one is told when it ends.
  static constexpr int64_t moment_us = 250'000;
  /// Ends gather for so long while enough orders wait here to keep the slots busy: a report costs
  /// the server a commit.
  static constexpr int64_t gather_us = 8'000;
  /// A last report is waited for so long, unless it carries ends: then as long as the lease.
  static constexpr int64_t farewell_us = 10'000'000;
  /// Without a lease, or with a long one, the server hears something so often.
  static constexpr int64_t heartbeat_us = 10'000'000;
  /// So many later orders may pass one that does not fit yet; then they wait behind it.
  static constexpr int32_t most_passes = 64;
  static constexpr size_t most_hops = 1'000'000;

  explicit desk(settings s);

  /// Fills in what a server must know of the past: runner, held, unacked. Unacknowledged reports
  /// are void from here on; their ends and starts are reported again after the welcome.
  void introduce(wire::attach& a, int64_t now_us);
  void hear(const wire::welcome& w, int64_t now_us); ///< @pre w.runner != 0
  void hear(wire::run_jobs r, int64_t now_us);
  void hear(const wire::revoke& r);
  void hear(const wire::ack& a);
  void hear(const wire::finished& f);
  void cut_off(int64_t now_us);

  void started(int64_t grant, int64_t start_us, int64_t now_us);
  /// @param e has `what.grant`, return code, times and usage; the rest is filled in here
  void ended(wire::ended e, int64_t now_us);

  /// Starts nothing new, gives waiting orders back, leaves when the running jobs have ended.
  void drain();
  /// The same, and kills the running jobs; they are told terminated.
  void kill();
  /// The same, but what this kills is no end: the last report says that it ran and gives it back,
  /// for another attempt. A job that ends well all the same has ended.
  void break_off();

  todo settle(int64_t now_us);
  /// When `settle` is due again though nothing happens.
  int64_t wake_at() const;
  /// Said goodbye, or there is nobody to say it to.
  bool over(int64_t now_us) const;
  /// The server has heard that nobody is here any more.
  bool said_goodbye() const { return said_goodbye_; }

  const tally& counts() const { return counts_; }
  /// As the server said last; 0: none that ends.
  int64_t lease_us() const { return lease_us_; }
  size_t running() const { return running_.size(); }
  size_t waiting() const { return waiting_.size(); }
  size_t unacked() const { return ended_.size() + (in_flight_ ? in_flight_->done.size() : 0); }
  void sanity_check() const;

private:
  struct queued {
    wire::order what;
    int32_t passed = 0;
    uint64_t ends_before = 0; ///< ends heard before it came
  };
  struct active {
    wire::order what;
    bool told = false;    ///< the server knows that it runs, or is being told
    bool dropped = false; ///< the grant is not ours any more: its end concerns nobody
    bool terminated = false, killing = false; ///< killed by us; by whomever
    bool broken_off = false;                  ///< its end by our hand is none
    bool alive = false;                       ///< the hands have confirmed the start
    bool asked = false;                       ///< the server wants to know of the start at once
    int64_t start_us = 0;                     ///< wall clock
    int64_t hop_from_us = 0;                  ///< wall clock; 0: it was here before a slot was free
  };
  struct due {
    int64_t grant, at_us;
  };
  struct unfinished {
    wire::attempt what;
    int64_t start_us;
  };
  bool holds(int64_t grant) const;
  void start_fitting();
  void launch(queued q);
  void tell_start_now(active& a);
  void forget_told_starts();
  bool nobody_waits_for_an_end() const;
  void note_start(active& a, int64_t start_us);
  void end_process(int64_t grant, active& a);
  void end_all_processes();
  void give_back_waiting();
  void count_idle(int64_t now_us);
  void check_lease(int64_t now_us);
  bool may_leave_idle() const;
  void consider_leaving(int64_t now_us);
  bool report_due(int64_t now_us) const;
  int64_t ends_due_at() const;
  wire::report make_report(int64_t now_us);
  int64_t heartbeat_interval() const;

  settings settings_;
  todo todo_;
  tally counts_;
  std::deque<queued> waiting_;
  std::unordered_map<int64_t, active> running_;
  occupancy host_;
  std::vector<wire::ended> ended_;     ///< not yet in a report
  int64_t ended_since_us_ = 0;         ///< the first of them
  std::vector<int64_t> returned_;      ///< not yet in a report
  std::vector<unfinished> broken_off_; ///< held until the last report is acknowledged
  std::deque<due> starts_;             ///< to be told when due, unless they have ended
  std::optional<wire::report> in_flight_;
  int64_t runner_ = 0, seq_ = 0;
  bool acknowledged_ = false; ///< the last report, since the last settle
  int64_t round_trip_us_ = 0;
  bool attached_ = false, said_goodbye_ = false;
  bool draining_ = false, killed_ = false, finished_ = false, gone_ = false; // why to leave
  uint64_t ends_heard_ = 0;
  int64_t last_end_us_ = 0; ///< wall clock
  int64_t lease_us_ = 0;
  int64_t lease_from_us_ = 0; ///< when that was sent which was acknowledged last
  int64_t introduced_us_ = 0, sent_us_ = 0;
  int64_t counted_us_ = 0;     ///< idle time is counted up to here; 0: not yet attached
  int64_t empty_since_us_ = 0; ///< 0: holds something, or was never attached
  int64_t leave_since_us_ = 0; ///< 0: no wish to leave
};

} // namespace torc::core
