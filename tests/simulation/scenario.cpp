#include "scenario.hpp"

#include "environment.hpp"

namespace torc::simulation {

namespace {

/// FNV-1a, and a mix at the end, since the last bits decide.
uint64_t hash_of(uint64_t seed, const std::string& job, int64_t attempt) {
  uint64_t h = 14695981039346656037ULL ^ seed;
  for (const auto c : job + "/" + std::to_string(attempt))
    h = (h ^ static_cast<unsigned char>(c)) * 1099511628211ULL;
  h ^= h >> 33;
  h *= 0xff51afd7ed558ccdULL;
  return h ^ (h >> 33);
}

void add_edges(dice& d, std::vector<job_plan>& jobs) {
  const auto shape = d.roll(5);
  const auto n = jobs.size();
  const auto width = static_cast<size_t>(d.between(1, 4));
  for (size_t j = 1; j < n; ++j) {
    auto& to = jobs[j].blockers;
    if (shape == 0) { // a chain
      to = {j - 1};
    } else if (shape == 1) { // stages with a barrier between them
      if (j % (width + 1) == width)
        for (size_t b = j - width; b < j; ++b)
          to.push_back(b);
      else if (j > width)
        to = {(j / (width + 1)) * (width + 1) - 1};
    } else if (shape == 2) { // a tree
      to = {(j - 1) / 2};
    } else if (shape == 3) { // whatever
      for (size_t b = 0; b < j; ++b)
        if (d.once_in(4))
          to.push_back(b);
    } // or no edges at all
  }
}

workflow_plan draw_workflow(dice& d, size_t number) {
  auto w = workflow_plan{};
  w.name = "w" + std::to_string(number);
  w.user = d.once_in(3) ? "bob" : "ada";
  for (auto n = d.between(1, 3); n > 0; --n) {
    auto r = core::needs{};
    r.num_cpus = static_cast<int32_t>(d.between(1, 3));
    r.num_gpus = d.once_in(4) ? 1 : 0;
    r.memory_bytes = d.between(1, 4) << 30;
    w.requirements.push_back(r);
  }
  const auto count = d.once_in(4) ? d.between(15, 40) : d.between(1, 14);
  const auto mostly_cancels = d.once_in(2);
  for (int64_t j = 0; j < count; ++j) {
    auto job = job_plan{};
    job.name = w.name + "_j" + std::to_string(j);
    job.requirement = static_cast<size_t>(d.roll(static_cast<int64_t>(w.requirements.size())));
    job.priority = d.once_in(3) ? d.between(1, 5) : 0;
    job.cancel_on_failure = mostly_cancels ? !d.once_in(4) : d.once_in(3);
    w.jobs.push_back(std::move(job));
  }
  add_edges(d, w.jobs);
  return w;
}

runner_plan draw_runner(dice& d, size_t workflows) {
  auto r = runner_plan{};
  r.user = d.once_in(3) ? "bob" : "ada";
  if (d.once_in(3))
    r.workflow = d.roll(static_cast<int64_t>(workflows));
  if (d.once_in(2)) {
    r.slots = static_cast<int32_t>(d.between(1, 4));
  } else {
    r.room.num_cpus = static_cast<int32_t>(d.between(2, 8));
    r.room.num_gpus = static_cast<int32_t>(d.roll(2));
    r.room.memory_bytes = d.between(4, 16) << 30;
  }
  r.prefill = static_cast<int32_t>(d.once_in(2) ? 0 : d.between(1, 5));
  r.idle_exit_s = d.once_in(3) ? d.between(1, 20) : 0;
  return r;
}

} // namespace

int32_t scenario::return_code(const std::string& job, int64_t attempt) const {
  const auto h = hash_of(seed, job, attempts_differ ? attempt : 1);
  return static_cast<int64_t>(h % 100) < failures_percent ? static_cast<int32_t>(1 + h / 100 % 9)
                                                          : 0;
}

int64_t scenario::duration_us(const std::string& job, int64_t attempt) const {
  const auto h = hash_of(seed + 1, job, attempt);
  // Most jobs are short: they end before anybody is told that they started.
  const auto most_ms = h % 4 == 0 ? longest_job_ms : longest_job_ms / 10 + 1;
  return static_cast<int64_t>(h / 4 % static_cast<uint64_t>(most_ms * 1000));
}

scenario draw_scenario(uint64_t seed, bool may_be_harsh) {
  auto d = dice{seed * 2654435761 + 17};
  auto s = scenario{};
  s.seed = seed;
  s.has_controls = d.once_in(3);
  s.has_http_runner = d.once_in(3);
  s.attempts_differ = d.once_in(4);
  s.failures_percent = d.once_in(3) ? 0 : d.between(3, 25);
  s.longest_job_ms = d.once_in(3) ? 30'000 : d.once_in(2) ? 2000 : 100;
  s.steps = d.between(500, 4000);
  s.steps_per_fault = d.once_in(3) ? 20 : d.once_in(2) ? 60 : 250;
  s.steps_per_control = d.once_in(2) ? 20 : 4;
  const auto workflows = static_cast<size_t>(d.once_in(3) ? d.between(2, 3) : 1);
  for (size_t w = 0; w < workflows; ++w)
    s.workflows.push_back(draw_workflow(d, w));
  for (auto n = d.between(1, 5); n > 0; --n)
    s.runners.push_back(draw_runner(d, workflows));
  s.is_harsh = may_be_harsh && !d.once_in(3);
  if (s.is_harsh && d.once_in(2))
    s.longest_job_ms = 90'000; // leases run out meanwhile
  // Orders lie about, and are asked back for those who come later.
  for (auto& r : s.runners)
    if (s.is_harsh && d.once_in(2))
      r.prefill = 6;
  s.has_endless_lease = s.is_harsh && d.once_in(3);
  return s;
}

} // namespace torc::simulation
