#include "witness.hpp"

#include <algorithm>
#include <utility>

namespace torc::simulation {

namespace {

std::string text_of(const witness::run& r) {
  return "a process of job " + std::to_string(r.job) + " (" + r.name + "), run " +
         std::to_string(r.run_id) + ", attempt " + std::to_string(r.attempt) + ", grant " +
         std::to_string(r.grant);
}

} // namespace

size_t witness::started(run r) {
  env_.found.note("  starts: ", text_of(r));
  const auto wrong = [&](const std::string& what) { env_.found.wrong(text_of(r) + " " + what); };
  if (!grants_.insert(r.grant).second)
    wrong("starts a second time");
  if (!rows_.is_touched(r.job)) {
    const auto* row = rows_.find(r.job);
    if (!rows_.is_open_as(r.job, r.grant))
      wrong("starts, but on the disk it is " + (row ? simulation::text_of(*row) : "not there"));
    if (!rows_.may_run(r.job))
      wrong("starts before what it depends on has ended");
    for (const auto& other : runs_)
      if (other.job == r.job && other.alive)
        wrong("starts while that of grant " + std::to_string(other.grant) + " runs");
      else if (other.job == r.job && other.run_id == r.run_id && other.attempt == r.attempt)
        wrong("is the second one of its attempt");
  }
  runs_.push_back(std::move(r));
  return runs_.size() - 1;
}

void witness::ended(size_t number, int32_t return_code, bool was_killed) {
  auto& r = runs_.at(number);
  env_.found.note("  ends: ", text_of(r), " with ", return_code, was_killed ? ", killed" : "");
  r.alive = false;
  r.return_code = return_code;
  r.was_killed = was_killed;
}

size_t witness::alive() const {
  return static_cast<size_t>(
      std::count_if(runs_.begin(), runs_.end(), [](const run& r) { return r.alive; }));
}

void witness::compare_with_results() {
  for (const auto& recorded : rows_.results()) {
    const auto is_it = [&](const run& r) {
      return r.job == recorded.job && r.run_id == recorded.run && r.attempt == recorded.attempt &&
             !r.alive && r.return_code == recorded.return_code;
    };
    if (std::none_of(runs_.begin(), runs_.end(), is_it))
      env_.found.wrong("the result of job " + std::to_string(recorded.job) + ", run " +
                       std::to_string(recorded.run) + ", attempt " +
                       std::to_string(recorded.attempt) + ", return code " +
                       std::to_string(recorded.return_code) + " is of no process");
  }
  for (const auto& [id, j] : rows_.jobs()) {
    if (rows_.is_touched(id) || j.status != core::job_status::completed)
      continue;
    const auto well = std::count_if(runs_.begin(), runs_.end(), [&, job = id](const run& r) {
      return r.job == job && !r.alive && r.return_code == 0 && !r.was_killed;
    });
    if (well == 0)
      env_.found.wrong(simulation::text_of(j) + ": completed, and no process of it was");
  }
}

} // namespace torc::simulation
