#pragma once

#include "core/attempt.hpp"

#include <vector>

/// What was changed on disk of jobs that the rooms may hold. The writer says it after it has
/// written it, so that no room believes what was refused; it comes round with the next verdicts.
namespace torc::core {

struct amended_job {
  workflow_id workflow;
  job_id job;
  job_class kind;
  bool cancel_on_failure = true;
  int32_t ready_as = 0;     ///< > 0: it had ended, and is ready again as this attempt
  ticket_id ticket;         ///< who waits for the job to be held again, or none
  uint32_t class_index = 0; ///< of `kind`; filled by the unblocker
};

/// The jobs that name a requirement need something else now.
struct amended_needs {
  workflow_id workflow;
  requirement_id requirement;
  needs need; ///< without labels: these are the jobs' own
};

/// What jobs need that needed `was`, where their requirement asks for `now`.
inline needs changed(const needs& was, needs now) {
  now.labels = was.labels;
  return now;
}

struct amendments {
  std::vector<amended_job> jobs;
  std::vector<amended_needs> classes;
  bool empty() const { return jobs.empty() && classes.empty(); }
};

} // namespace torc::core
