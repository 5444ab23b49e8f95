#pragma once

#include "scenario.hpp"
#include "wire.hpp"
#include "witness.hpp"

#include <memory>
#include <optional>
#include <vector>

namespace torc::simulation {

/// A process of a job, which lasts as long as the scenario says.
struct job_process {
  core::wire::order what;
  size_t number = 0; ///< the witness's
  int64_t start_us = 0, end_us = 0;
  int32_t return_code = 0;
  bool alive = true;
  bool start_is_told = false, is_killed = false;
};

/// `torc run`: the real actor and its brain, with hands that only pretend.
struct runner_process {
  runner_plan plan;
  int64_t instance = 0;
  actors::runner_room room; ///< none: it is over, one way or the other
  std::function<void(actors::hands_news)> tell;
  std::vector<job_process> processes;
  int64_t workflow = 0; ///< the only one that it serves
  bool was_stopped = false;
  bool said_goodbye = false; ///< and was heard
};

/// The guardian of a killed runner ends its jobs and says so, until somebody hears it.
struct guardian {
  int64_t instance = 0;
  int64_t ends_jobs_us = 0, gives_up_us = 0;
  std::vector<job_process> processes;
  bool has_ended_jobs = false, is_heard = false;
  int64_t asked_in_life = 0;
};

class runners {
public:
  runners(environment& env, const scenario& plan, server& s, wire& w, committed_rows& rows,
          witness& saw);
  ~runners();
  runners(const runners&) = delete;
  runners& operator=(const runners&) = delete;

  /// @param workflow the id of the plan's, or 0
  void start(const runner_plan& plan, int64_t workflow);
  /// One piece of news of some runner's processes, if any is due.
  bool act();
  /// When the next process ends.
  int64_t next_us() const;
  /// Something happens to a runner that is drawn.
  void meet_fault();
  /// What an attached runner runs is its own: to be called where no message is under way.
  void check_grants() const;
  /// Nobody who is attached and has nothing to do is passed over by a job that waits. The same.
  void check_idle(const std::vector<int64_t>& workflows) const;
  /// Guardians at work.
  void tick();
  /// Somebody says which runners are gone without a word, as where no lease ever ends.
  void tell_of_the_dead();
  /// Serving this user or everybody's workflow `w`, without an end of its own.
  bool has_lasting(const std::string& user) const;
  size_t count() const;
  bool guardians_rest() const { return guardians_.empty(); }

private:
  friend class pretended_hands;
  void launch(runner_process& r, core::wire::order what);
  void kill_job(runner_process& r, int64_t grant);
  void check_room(const runner_process& r);
  void end(job_process& p, int32_t return_code, bool killed);
  bool act(runner_process& r);
  void crash(runner_process& r, bool host);
  void lose_guardian(runner_process& r);
  void over(runner_process& r, const core::result<actors::runner_report>& how);
  void call_server(guardian& g);

  environment& env_;
  const scenario& plan_;
  server& server_;
  wire& wire_;
  committed_rows& rows_;
  witness& saw_;
  std::vector<std::shared_ptr<runner_process>> all_;
  std::vector<std::shared_ptr<guardian>> guardians_;
  std::vector<int64_t> dead_; ///< of whom nothing is left, and who may not have said so
  int64_t last_instance_ = 1000;
};

} // namespace torc::simulation
