#include "actors/job_notes.hpp"

#include "telemetry/clock.hpp"

#include <algorithm>
#include <chrono>
#include <utility>

namespace torc::actors {

namespace {

using telemetry::job_note;

constexpr size_t most_workflows = 65'536;

int64_t wall_us() {
  using namespace std::chrono;
  return duration_cast<microseconds>(system_clock::now().time_since_epoch()).count();
}

} // namespace

bool job_notes::keeps(const telemetry::job_run& what) const {
  const auto& seed = to_->seed();
  return seed.bound >= telemetry::keep_all || seed.keeps(trace_of(seed, what));
}

job_note* job_notes::add(kind what, const core::grant& g, int64_t at_us) {
  const auto of = telemetry::job_run{g.workflow.value, g.job.value, g.run};
  if (!keeps(of))
    return nullptr;
  auto& n = notes_.emplace_back();
  n.what = what;
  n.of = of;
  n.attempt = g.attempt;
  n.runner = g.runner.value;
  n.at_us = at_us;
  return &n;
}

void job_notes::remember(int64_t workflow, int64_t run) {
  if (runs_.size() >= most_workflows && !runs_.contains(workflow))
    runs_.clear();
  runs_[workflow] = run;
}

void job_notes::note(const core::turn& t) {
  const auto& r = t.cause;
  const auto& v = r.cause;
  const auto now = wall_us();
  // Released and matched are one moment: the broker hears of both at once.
  matched_us_ =
      v.cost.matched_at_ns == 0 ? now : now - (telemetry::now_ns() - v.cost.matched_at_ns) / 1000;
  const bool planned = r.admitted && r.admitted->resumed.empty();
  if (planned) {
    auto& n = notes_.emplace_back();
    n.what = kind::admitted;
    n.of.workflow = r.admitted->workflow.value;
    n.at_us = matched_us_;
    remember(n.of.workflow, r.admitted->run);
  }
  for (const auto& s : v.started) {
    auto& n = notes_.emplace_back();
    n.what = kind::started;
    n.of.job = s.job.value;
    n.at_us = s.at.us;
  }
  for (const auto& e : v.ended)
    if (auto* n = add(kind::ended, e.open, e.end.us)) {
      n->start_us = e.start.us;
      n->return_code = e.return_code;
      n->text = core::to_string(e.status);
    }
  for (const auto& a : v.retried)
    if (auto* n = add(kind::retried, a.open, now))
      n->text = "retried";
  for (const auto& g : v.returned)
    add(kind::returned, g, now);
  for (const auto& g : v.closed)
    if (auto* n = add(kind::ended, g, now))
      n->text = "revoked";
  if (planned)
    return;
  for (const auto& j : r.ready) {
    const auto run = runs_.find(j.workflow.value);
    if (run == runs_.end())
      continue;
    const auto of = telemetry::job_run{j.workflow.value, j.job.value, run->second};
    if (!keeps(of))
      continue;
    auto& n = notes_.emplace_back();
    n.of = of;
    n.at_us = matched_us_;
  }
}

void job_notes::note(const core::launch& l) {
  for (const auto& o : l.orders) {
    remember(o.open.workflow.value, o.open.run);
    if (auto* n = add(kind::granted, o.open, matched_us_))
      n->text = o.text.name;
  }
}

void job_notes::pass_on() {
  const auto now = wall_us();
  for (auto& n : notes_)
    n.disk_us = now;
  to_->hear(std::exchange(notes_, {}));
}

} // namespace torc::actors
