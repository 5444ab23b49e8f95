#include "core/explain.hpp"

#include "core/explain_words.hpp"

#include <algorithm>
#include <map>
#include <set>
#include <unordered_map>
#include <utility>

namespace torc::core {

namespace {

using std::to_string;

/// A few siblings say nothing, and a job is slow when it took twice as long as usual.
constexpr int64_t enough_siblings = 5;
constexpr double slow_factor = 2;

bool is_unfinished(job_status s) {
  return !is_done(s);
}

/// One workflow, with what is looked up in it again and again.
class view {
public:
  explicit view(const explain_input& in) : in_(in), edges_(in.workflow.edges) {
    for (auto& [blocker, job] : edges_)
      std::swap(blocker, job); // (job, blocker), so that a job's blockers are neighbours
    std::sort(edges_.begin(), edges_.end());
  }

  const job_facts* find(job_id id) const {
    const auto& all = in_.workflow.jobs;
    const auto at = std::lower_bound(all.begin(), all.end(), id,
                                     [](const job_facts& j, job_id i) { return j.job < i; });
    return at != all.end() && at->job == id ? &*at : nullptr;
  }
  template <class Each>
  void blockers(job_id of, Each each) const {
    for (auto at = std::lower_bound(edges_.begin(), edges_.end(), std::pair{of, job_id{}});
         at != edges_.end() && at->first == of; ++at)
      if (const auto* j = find(at->second))
        each(*j);
  }
  const job_class& class_of(const job_facts& j) const {
    return in_.workflow.classes.at(j.job_class);
  }
  int64_t fitting(const needs& n) const {
    return std::count_if(in_.runners.begin(), in_.runners.end(),
                         [&](const auto& r) { return r.serves && fits(n, r.room); });
  }
  std::string named(job_id j) const {
    return "job " + to_string(j.value) + " (" + in_.name(j) + ")";
  }
  std::string named(const std::vector<job_id>& jobs, int64_t count) const {
    constexpr size_t enough = 3;
    std::string out;
    for (size_t i = 0; i < jobs.size() && i < enough; ++i)
      out += (i == 0 ? "" : ", ") + named(jobs[i]);
    const auto left = count - static_cast<int64_t>(std::min(jobs.size(), enough));
    return left > 0 ? out + " and " + to_string(left) + " more" : out;
  }
  /// By requirement, sorted, of the jobs that succeeded.
  std::map<requirement_id, std::vector<double>> times() const {
    std::map<requirement_id, std::vector<double>> all;
    for (const auto& a : in_.attempts)
      if (const auto* j = a.status == job_status::completed ? find(a.job) : nullptr)
        all[class_of(*j).requirement].push_back(a.minutes);
    for (auto& [id, minutes] : all)
      std::sort(minutes.begin(), minutes.end());
    return all;
  }
  const explain_input& in() const { return in_; }

private:
  const explain_input& in_;
  std::vector<std::pair<job_id, job_id>> edges_;
};

double share(const std::vector<double>& sorted, double of) {
  return sorted[std::min(sorted.size() - 1,
                         static_cast<size_t>(of * static_cast<double>(sorted.size())))];
}

/// The same of all but one. @pre `own` is among them, and another is
double share_of_others(const std::vector<double>& sorted, double own, double of) {
  const auto others = sorted.size() - 1;
  const auto at = std::min(others - 1, static_cast<size_t>(of * static_cast<double>(others)));
  const auto mine = std::lower_bound(sorted.begin(), sorted.end(), own) - sorted.begin();
  return sorted[at < static_cast<size_t>(mine) ? at : at + 1];
}

/// Goes up from a job, over those blockers that `goes_on`, and shows each once.
template <class Wanted, class See>
void climb(const view& v, job_id from, Wanted wanted, See see) {
  std::unordered_map<job_id, bool> seen;
  std::vector<job_id> open{from};
  while (!open.empty()) {
    const auto at = open.back();
    open.pop_back();
    bool is_first = true;
    v.blockers(at, [&](const job_facts& b) {
      if (!wanted(b))
        return;
      is_first = false;
      if (!std::exchange(seen[b.job], true))
        open.push_back(b.job);
    });
    if (at != from)
      see(*v.find(at), is_first);
  }
}

void name_some(std::vector<job_id>& to, job_id j) {
  to.push_back(j);
  std::sort(to.begin(), to.end());
  if (to.size() > most_named)
    to.pop_back();
}

waiting_for unfinished_before(const view& v, job_id job) {
  waiting_for w;
  v.blockers(job, [&](const job_facts& b) { w.direct += is_unfinished(b.status); });
  climb(
      v, job, [](const job_facts& b) { return is_unfinished(b.status); },
      [&](const job_facts& b, bool is_first) {
        ++w.all;
        ++w.by_status[static_cast<size_t>(b.status)];
        if (!is_first)
          return;
        ++w.first_count;
        name_some(w.first, b.job);
      });
  return w;
}

std::string runners_text(const view& v, const needs& n) {
  return lack_of_runners(v.in().runners, n, v.in().workflow.workflow);
}

void explain_wait(const view& v, const job_facts& j, job_explanation& e) {
  e.blockers = unfinished_before(v, j.job);
  const auto& b = e.blockers;
  if (b.direct == 0)
    e.reasons.emplace_back("all that it waited for has ended; it is about to be ready");
  else
    e.reasons.emplace_back(
        "it waits for " + counted(b.direct, "unfinished job", "unfinished jobs") +
        (b.all > b.direct ? ", " + to_string(b.all) + " with those before" : "") +
        "; first to end: " + v.named(b.first, b.first_count));
  std::set<uint32_t> said; // what jobs of one class lack is said once
  for (const auto& f : b.first) {
    const auto* first = v.find(f);
    if (first->status == job_status::uninitialized || first->status == job_status::pending_failed)
      e.reasons.emplace_back(v.named(f) + " is " + std::string(to_string(first->status)) +
                             " and goes on only when it is told to");
    else if (first->status == job_status::ready && !v.in().workflow.canceled &&
             said.insert(first->job_class).second)
      e.reasons.emplace_back(v.named(f) + " is ready: " + runners_text(v, v.class_of(*first).need));
  }
}

void explain_cancel(const view& v, const job_facts& j, job_explanation& e) {
  if (v.in().job_canceled) {
    e.canceled = v.in().job_canceled;
    return e.reasons.push_back("canceled" + by_whom(e.canceled));
  }
  int64_t count = 0;
  climb(
      v, j.job, [](const job_facts& b) { return is_failure(b.status); },
      [&](const job_facts& b, bool is_first) {
        if (!is_first || b.status == job_status::canceled)
          return;
        ++count;
        name_some(e.failed_blockers, b.job);
      });
  if (count > 0)
    e.reasons.emplace_back("canceled by the server, since it depends on " +
                           v.named(e.failed_blockers, count) + ", which did not succeed");
  else if (v.in().workflow.canceled) {
    e.canceled = v.in().canceled;
    e.reasons.emplace_back("canceled with its workflow" + by_whom(e.canceled));
  } else
    e.reasons.emplace_back("canceled by a user, or by the cancellation of its workflow before");
}

void explain_end(const view& v, const job_facts& j, job_explanation& e) {
  const auto& all = v.in().attempts;
  const auto at = std::find_if(all.begin(), all.end(), [&](auto& a) { return a.job == j.job; });
  if (at == all.end())
    return;
  e.last = *at;
  e.end = explain_ending(*at, e.asked);
  if (is_done(j.status))
    e.reasons.emplace_back("attempt " + to_string(j.attempt) + " took " +
                           duration_words(at->minutes) + " and " + e.end->why);
  else
    e.reasons.emplace_back("its attempt before took " + duration_words(at->minutes) + " and " +
                           e.end->why);
}

void compare(const view& v, const job_facts& j, job_explanation& e) {
  const auto all = v.times();
  const auto at = all.find(v.class_of(j).requirement);
  if (at == all.end())
    return;
  auto others = at->second;
  if (e.last && e.last->status == job_status::completed)
    if (const auto own = std::lower_bound(others.begin(), others.end(), e.last->minutes);
        own != others.end())
      others.erase(own);
  if (others.empty())
    return;
  e.siblings = {static_cast<int64_t>(others.size()), share(others, 0.5), share(others, 0.9),
                others.back()};
  const auto& s = e.siblings;
  const auto usual = counted(s.count, "job", "jobs") + " of the same requirements took " +
                     duration_words(s.median_minutes) + " (median), nine of ten at most " +
                     duration_words(s.p90_minutes);
  if (j.status == job_status::running)
    e.reasons.emplace_back(usual);
  else if (e.last && s.count >= enough_siblings &&
           e.last->minutes > slow_factor * s.median_minutes && e.last->minutes > s.p90_minutes)
    e.reasons.emplace_back("it was slow: " + usual);
}

} // namespace

result<job_explanation> explain_job(const explain_input& in, job_id job) {
  const view v(in);
  const auto* j = v.find(job);
  if (!j)
    return refuse(refusal::not_found, "there is no job " + to_string(job.value));
  job_explanation e;
  e.job = job;
  e.status = j->status;
  e.name = in.name(job);
  e.asked = v.class_of(*j).need;
  e.fitting_runners = v.fitting(e.asked);
  if (in.workflow.canceled && is_unfinished(j->status))
    e.reasons.emplace_back("its workflow was canceled" + by_whom(in.canceled) +
                           ": nothing of it is started");
  switch (j->status) {
  case job_status::uninitialized:
    e.reasons.emplace_back("it was never initialized; do that with: torc workflows start " +
                           to_string(in.workflow.workflow.value));
    break;
  case job_status::disabled:
    e.reasons.emplace_back("it is disabled");
    break;
  case job_status::blocked:
    explain_wait(v, *j, e);
    break;
  case job_status::ready:
    if (!in.workflow.canceled)
      e.reasons.emplace_back("it is ready: " + runners_text(v, e.asked));
    break;
  case job_status::pending:
    e.reasons.emplace_back("a runner has it and will start it as soon as a slot is free there");
    break;
  case job_status::running:
    e.reasons.emplace_back("it is running");
    break;
  case job_status::canceled:
    explain_cancel(v, *j, e);
    break;
  case job_status::pending_failed:
    e.reasons.emplace_back("it failed, and waits for somebody to say what to do about that");
    break;
  default:
    break;
  }
  explain_end(v, *j, e);
  compare(v, *j, e);
  return e;
}

namespace {

void sort_and_cut(auto& list, auto value_of) {
  std::stable_sort(list.begin(), list.end(),
                   [&](const auto& a, const auto& b) { return value_of(a) > value_of(b); });
  if (list.size() > most_named)
    list.resize(most_named);
}

void find_holding(const view& v, workflow_explanation& e) {
  std::unordered_map<job_id, int64_t> waiting;
  for (const auto& [blocker, job] : v.in().workflow.edges)
    if (const auto* j = v.find(job); j && j->status == job_status::blocked)
      ++waiting[blocker];
  for (const auto& j : v.in().workflow.jobs)
    if (is_unfinished(j.status) && j.status != job_status::blocked && waiting.contains(j.job))
      e.holding.emplace_back(j.job, waiting.at(j.job));
  sort_and_cut(e.holding, [](const auto& h) { return h.second; });
}

void group_ready(const view& v, workflow_explanation& e) {
  std::map<uint32_t, int64_t> by_class;
  for (const auto& j : v.in().workflow.jobs)
    if (j.status == job_status::ready)
      ++by_class[j.job_class];
  for (const auto& [index, count] : by_class) {
    const auto& need = v.in().workflow.classes.at(index).need;
    e.ready.push_back({need, count, v.fitting(need)});
    if (!v.in().workflow.canceled)
      e.reasons.emplace_back(counted(count, "job is", "jobs are") +
                             " ready: " + runners_text(v, need));
  }
}

void group_failures(const view& v, workflow_explanation& e) {
  std::map<std::pair<std::string_view, int64_t>, failure_group> groups;
  for (const auto& a : v.in().attempts) {
    const auto* j = v.find(a.job);
    if (!j || (j->status != job_status::failed && j->status != job_status::terminated &&
               j->status != job_status::pending_failed))
      continue;
    auto end = explain_ending(a, v.class_of(*j).need);
    auto& g = groups[{end.kind, a.return_code}];
    if (g.count++ == 0) {
      g.end = std::move(end);
      g.return_code = a.return_code;
    }
    if (g.jobs.size() < most_named)
      g.jobs.push_back(a.job);
  }
  for (auto& [key, g] : groups)
    e.failures.push_back(std::move(g));
  sort_and_cut(e.failures, [](const auto& g) { return g.count; });
  for (const auto& g : e.failures)
    e.reasons.emplace_back(v.named(g.jobs, g.count) + " " + g.end.why);
}

void find_slow(const view& v, workflow_explanation& e) {
  const auto times = v.times();
  for (const auto& a : v.in().attempts) {
    const auto* j = a.status == job_status::completed ? v.find(a.job) : nullptr;
    if (!j)
      continue;
    const auto& all = times.at(v.class_of(*j).requirement);
    if (static_cast<int64_t>(all.size()) <= enough_siblings)
      continue;
    const auto median = share_of_others(all, a.minutes, 0.5);
    if (a.minutes > slow_factor * median && a.minutes > share_of_others(all, a.minutes, 0.9))
      e.slow.push_back({a.job, a.minutes, median});
  }
  sort_and_cut(e.slow, [](const auto& s) { return s.minutes / std::max(s.median_minutes, 1e-9); });
  if (!e.slow.empty())
    e.reasons.emplace_back(v.named(e.slow.front().job) + " was the slowest against its siblings: " +
                           duration_words(e.slow.front().minutes) + ", they " +
                           duration_words(e.slow.front().median_minutes) + " (median)");
}

} // namespace

workflow_explanation explain_workflow(const explain_input& in) {
  const view v(in);
  workflow_explanation e;
  for (const auto& j : in.workflow.jobs)
    ++e.by_status[static_cast<size_t>(j.status)];
  const auto count = [&](job_status s) { return e.by_status[static_cast<size_t>(s)]; };
  const auto total = static_cast<int64_t>(in.workflow.jobs.size());
  const auto done = std::count_if(in.workflow.jobs.begin(), in.workflow.jobs.end(),
                                  [](const auto& j) { return is_done(j.status); });
  if (in.workflow.canceled)
    e.reasons.emplace_back("it was canceled" + by_whom(in.canceled) + ": nothing of it is started");
  if (total > 0 && count(job_status::uninitialized) + count(job_status::disabled) == total)
    e.reasons.emplace_back("it was never initialized; do that with: torc workflows start " +
                           to_string(in.workflow.workflow.value));
  else
    e.reasons.emplace_back(to_string(done) + " of " + to_string(total) + " jobs have ended");
  if (const auto n = count(job_status::running) + count(job_status::pending); n > 0)
    e.reasons.emplace_back(counted(n, "job is", "jobs are") + " with runners");
  group_ready(v, e);
  find_holding(v, e);
  if (count(job_status::blocked) > 0 && !e.holding.empty())
    e.reasons.emplace_back(counted(count(job_status::blocked), "job is", "jobs are") +
                           " blocked; the most, " + to_string(e.holding.front().second) +
                           ", directly by " + v.named(e.holding.front().first));
  group_failures(v, e);
  if (const auto n = count(job_status::canceled); n > 0)
    e.reasons.emplace_back(counted(n, "job was", "jobs were") +
                           " canceled; torc explain job ID says why");
  find_slow(v, e);
  return e;
}

} // namespace torc::core
