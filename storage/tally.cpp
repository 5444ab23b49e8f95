#include "storage/tally.hpp"

#include <algorithm>

namespace torc::storage {

namespace {

void earlier(core::instant& first, core::instant at) {
  if (at.us > 0 && (first.us == 0 || at < first))
    first = at;
}

bool has_unfinished(const core::workflow_progress& w) {
  using core::job_status;
  for (const auto& s : w.stages)
    for (int i = 1; i < core::job_status_count; ++i)
      if (!core::is_done(static_cast<job_status>(i)) && s.by_status[static_cast<size_t>(i)] > 0)
        return true;
  return false;
}

} // namespace

tally::tally(database& db)
    : db_(db),
      count_(db,
             "SELECT min(s.stage, 1023), s.status, count(*), count(s.result_id) FROM job_run AS r "
             "JOIN job_state AS s ON s.job_id BETWEEN r.first_job AND r.last_job "
             "WHERE r.workflow_id = ?1 GROUP BY 1, 2"),
      status_(db, "SELECT run_id, is_canceled FROM workflow_status WHERE id = ?1"),
      times_(db, "SELECT stage, first_start_us, last_end_us FROM stage_time "
                 "WHERE workflow_id = ?1 ORDER BY stage"),
      save_time_(db, "INSERT INTO stage_time (workflow_id, stage, first_start_us, last_end_us) "
                     "VALUES (?1, ?2, ?3, ?4) ON CONFLICT (workflow_id, stage) DO UPDATE "
                     "SET first_start_us = excluded.first_start_us, "
                     "last_end_us = excluded.last_end_us"),
      drop_times_(db, "DELETE FROM stage_time WHERE workflow_id = ?1") {}

core::stage_progress& tally::stage_of(entry& e, uint32_t stage) {
  const size_t at = std::min(stage, max_stages - 1);
  if (e.now.stages.size() <= at)
    e.now.stages.resize(at + 1);
  return e.now.stages[at];
}

tally::entry& tally::of(core::workflow_id w) {
  if (auto it = all_.find(w); it != all_.end())
    return it->second;
  auto& e = all_[w];
  e.now.workflow = w;
  count(e);
  for (auto r = times_.query(w); r.next();) {
    auto& s = stage_of(e, r.get<uint32_t>(0));
    s.first_start = core::instant{r.get<int64_t>(1)};
    s.last_end = core::instant{r.get<int64_t>(2)};
  }
  read_status(e);
  return e;
}

void tally::count(entry& e) {
  for (auto& s : e.now.stages)
    s.by_status.fill(0);
  e.now.results = 0;
  for (auto r = count_.query(e.now.workflow); r.next();) {
    stage_of(e, r.get<uint32_t>(0)).by_status.at(r.get<size_t>(1)) = r.get<int64_t>(2);
    e.now.results += r.get<int64_t>(3);
  }
  // A workflow that was planned anew may have fewer stages than before.
  auto& stages = e.now.stages;
  while (!stages.empty() && stages.back().first_start.us == 0 &&
         std::all_of(stages.back().by_status.begin(), stages.back().by_status.end(),
                     [](int64_t n) { return n == 0; }))
    stages.pop_back();
  e.changed = true;
}

void tally::read_status(entry& e) {
  if (auto r = status_.query(e.now.workflow); r.next()) {
    e.now.run = r.get<int64_t>(0);
    e.now.canceled = r.get<bool>(1);
  }
  e.changed = true;
}

void tally::moved(const job_slot& from, core::job_status to, int64_t jobs) {
  auto& e = of(from.workflow);
  auto& s = stage_of(e, from.stage);
  s.by_status[static_cast<size_t>(from.status)] -= jobs;
  s.by_status[static_cast<size_t>(to)] += jobs;
  e.changed = true;
}

void tally::added(core::workflow_id w, int64_t uninitialized) {
  auto& e = of(w);
  stage_of(e, 0).by_status[0] += uninitialized;
  e.changed = true;
}

void tally::started(core::workflow_id w, uint32_t stage, core::instant at) {
  auto& e = of(w);
  auto& s = stage_of(e, stage);
  const auto before = s.first_start;
  earlier(s.first_start, at);
  if (s.first_start != before) {
    e.moved_times.insert(std::min(stage, max_stages - 1));
    e.changed = true;
  }
}

void tally::ended(core::workflow_id w, uint32_t stage, core::instant start, core::instant end) {
  started(w, stage, start);
  auto& e = of(w);
  auto& s = stage_of(e, stage);
  s.last_end = std::max(s.last_end, end);
  e.moved_times.insert(std::min(stage, max_stages - 1));
  e.changed = true;
  ++completions_;
}

void tally::gained_results(core::workflow_id w, int64_t jobs) {
  auto& e = of(w);
  e.now.results += jobs;
  e.changed = true;
}

void tally::recount(core::workflow_id w) {
  count(of(w));
}

void tally::reread_status(core::workflow_id w) {
  read_status(of(w));
}

void tally::forget_times(core::workflow_id w) {
  drop_times_.run(w);
  auto& e = of(w);
  for (auto& s : e.now.stages)
    s.first_start = s.last_end = {};
  e.changed = true;
  e.moved_times.clear();
}

void tally::forget(core::workflow_id w) {
  all_.erase(w);
  published_.erase(w);
}

void tally::save() {
  for (auto& [id, e] : all_) {
    for (auto stage : e.moved_times)
      if (stage < e.now.stages.size())
        save_time_.run(id, stage, e.now.stages[stage].first_start.us,
                       e.now.stages[stage].last_end.us);
    e.moved_times.clear();
  }
}

void tally::forget_idle() {
  if (all_.size() <= sweep_above_)
    return;
  auto idle = static_cast<size_t>(std::count_if(
      all_.begin(), all_.end(), [](const auto& e) { return !has_unfinished(e.second.now); }));
  for (auto it = all_.begin(); it != all_.end() && idle > max_idle;) {
    if (has_unfinished(it->second.now)) {
      ++it;
      continue;
    }
    published_.erase(it->first);
    it = all_.erase(it);
    --idle;
  }
  sweep_above_ = all_.size() + max_idle;
}

std::shared_ptr<const core::progress> tally::publish(uint64_t turn, int64_t commits,
                                                     int64_t busy_retries) {
  forget_idle();
  for (auto& [id, e] : all_)
    if (std::exchange(e.changed, false))
      published_[id] = std::make_shared<const core::workflow_progress>(e.now);
  auto p = std::make_shared<core::progress>();
  p->turn = turn;
  p->workflows = published_;
  p->completions = completions_;
  p->commits = commits;
  p->busy_retries = busy_retries;
  return p;
}

} // namespace torc::storage
