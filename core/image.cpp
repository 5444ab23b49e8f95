#include "core/image.hpp"

#include "core/find_job.hpp"

#include <algorithm>

namespace torc::core {

namespace {

/// The dependency graph of one workflow as arrays: successors of job i are
/// `next[first[i]] .. next[first[i + 1]]`, each once.
struct successors {
  std::vector<uint32_t> first;
  std::vector<uint32_t> next;
};

constexpr auto none = no_position;

/// How many jobs of a cycle its sentence names.
constexpr size_t longest_named_cycle = 20;

std::optional<error> check(const workflow_facts& facts) {
  if (facts.jobs.size() >= none || facts.edges.size() >= none)
    return refuse(refusal::too_large, "a workflow has fewer than 4294967295 jobs and edges");
  for (size_t i = 0; i < facts.jobs.size(); ++i) {
    const auto& f = facts.jobs[i];
    if (i > 0 && !(facts.jobs[i - 1].job < f.job))
      return refuse(refusal::unprocessable,
                    "job " + std::to_string(f.job.value) + " is listed twice or out of order");
    if (f.job_class >= facts.classes.size())
      return refuse(refusal::unprocessable,
                    "job " + std::to_string(f.job.value) + " names a class that does not exist");
  }
  return std::nullopt;
}

/// Counting sort of the edges by blocker, then one pass that drops repeated edges: a file and an
/// explicit dependency may say the same thing.
result<successors> arrange(const workflow_facts& facts) {
  auto find = [&](job_id j) { return find_job(facts.jobs, j); };
  auto n = facts.jobs.size();
  auto out = successors{std::vector<uint32_t>(n + 1, 0), {}};
  for (const auto& [blocker, job] : facts.edges) {
    auto from = find(blocker);
    if (from == none || find(job) == none)
      return refuse(refusal::unprocessable, "job " + std::to_string(job.value) + " waits for job " +
                                                std::to_string(blocker.value) +
                                                ", but one of them does not exist");
    ++out.first[from + 1];
  }
  for (size_t i = 0; i < n; ++i)
    out.first[i + 1] += out.first[i];
  out.next.resize(facts.edges.size());
  {
    auto at = out.first;
    for (const auto& [blocker, job] : facts.edges)
      out.next[at[find(blocker)]++] = find(job);
  }
  auto seen_from = std::vector<uint32_t>(n, none);
  uint32_t kept = 0;
  for (uint32_t i = 0; i < n; ++i) {
    auto begin = out.first[i];
    auto end = out.first[i + 1];
    out.first[i] = kept;
    // The next job's edges begin at `end`, which this loop never overtakes.
    for (auto e = begin; e < end; ++e)
      if (auto to = out.next[e]; seen_from[to] != i) {
        seen_from[to] = i;
        out.next[kept++] = to;
      }
  }
  out.first[n] = kept;
  out.next.resize(kept);
  return out;
}

std::string name_cycle(const workflow_facts& facts, const successors& graph,
                       const std::vector<uint32_t>& waits) {
  auto n = static_cast<uint32_t>(facts.jobs.size());
  auto blocker = std::vector<uint32_t>(n, none);
  for (uint32_t i = 0; i < n; ++i)
    if (waits[i] > 0)
      for (auto e = graph.first[i]; e < graph.first[i + 1]; ++e)
        if (waits[graph.next[e]] > 0)
          blocker[graph.next[e]] = i;
  // Every job left over waits for one that is left over, so going back must come round.
  auto at = static_cast<uint32_t>(
      std::find_if(waits.begin(), waits.end(), [](uint32_t w) { return w > 0; }) - waits.begin());
  auto been = std::vector<bool>(n, false);
  while (!been[at]) {
    been[at] = true;
    at = blocker[at];
  }
  auto text = "the dependencies form a cycle: job " + std::to_string(facts.jobs[at].job.value);
  size_t named = 1;
  for (auto i = blocker[at]; i != at; i = blocker[i], ++named)
    if (named < longest_named_cycle)
      text += " waits for " + std::to_string(facts.jobs[i].job.value);
  if (named > longest_named_cycle)
    text += " waits for " + std::to_string(named - longest_named_cycle) + " more";
  return text + " waits for " + std::to_string(facts.jobs[at].job.value);
}

/// Jobs in an order in which no blocker comes after its job; also fills the stages.
result<std::vector<uint32_t>> order_of(const workflow_facts& facts, const successors& graph,
                                       std::vector<uint32_t>& stages) {
  auto n = static_cast<uint32_t>(facts.jobs.size());
  stages.assign(n, 0);
  auto waits = std::vector<uint32_t>(n, 0);
  for (auto to : graph.next)
    ++waits[to];
  auto order = std::vector<uint32_t>();
  order.reserve(n);
  for (uint32_t i = 0; i < n; ++i)
    if (waits[i] == 0)
      order.push_back(i);
  for (size_t at = 0; at < order.size(); ++at)
    for (auto e = graph.first[order[at]]; e < graph.first[order[at] + 1]; ++e) {
      auto to = graph.next[e];
      stages[to] = std::max(stages[to], stages[order[at]] + 1);
      if (--waits[to] == 0)
        order.push_back(to);
    }
  if (order.size() < n)
    return refuse(refusal::unprocessable, name_cycle(facts, graph, waits));
  return order;
}

/// Which jobs get a new status, and what the others keep.
struct outlook {
  std::vector<job_status> status;
  std::vector<bool> judged;
  bool holds_blocked = false; ///< nothing that is blocked moves, whatever its blockers are
};

bool is_held_open(const job_facts& f) {
  return is_open(f.status) && f.is_open;
}

outlook look(const workflow_facts& facts, admit_mode mode, const successors& graph,
             const std::vector<uint32_t>& order) {
  auto n = facts.jobs.size();
  auto out = outlook{std::vector<job_status>(n), std::vector<bool>(n, false)};
  // A canceled workflow judges nobody until it is resumed, also across a restart.
  out.holds_blocked =
      (mode == admit_mode::recovery || mode == admit_mode::resumed) && facts.canceled;
  for (size_t i = 0; i < n; ++i) {
    const auto& f = facts.jobs[i];
    out.status[i] = f.status;
    if (mode == admit_mode::all)
      out.judged[i] = !is_done(f.status) && !is_held_open(f);
    else
      out.judged[i] = f.status == job_status::blocked ||
                      (mode != admit_mode::resumed && is_open(f.status) && !f.is_open);
  }
  if (mode != admit_mode::only_uninitialized)
    return out;
  // What comes after an uninitialized job runs again, however it ended before.
  auto anew = std::vector<bool>(n, false);
  for (auto i : order) {
    if (facts.jobs[i].status == job_status::uninitialized)
      anew[i] = true;
    if (!anew[i])
      continue;
    out.judged[i] = facts.jobs[i].status != job_status::disabled && !is_held_open(facts.jobs[i]);
    for (auto e = graph.first[i]; e < graph.first[i + 1]; ++e)
      anew[graph.next[e]] = true;
  }
  return out;
}

/// Gives every judged job its status, blockers first. @returns which jobs have a failed blocker
std::vector<bool> judge(const workflow_facts& facts, const successors& graph,
                        const std::vector<uint32_t>& order, outlook& view) {
  auto n = facts.jobs.size();
  auto waits = std::vector<bool>(n, false);
  auto failed = std::vector<bool>(n, false);
  for (auto i : order) {
    auto& status = view.status[i];
    if (view.judged[i]) {
      if (waits[i] || (view.holds_blocked && status == job_status::blocked))
        status = job_status::blocked;
      else if (failed[i] && facts.jobs[i].cancel_on_failure)
        status = job_status::canceled;
      else
        status = job_status::ready;
    }
    for (auto e = graph.first[i]; e < graph.first[i + 1]; ++e) {
      if (!is_done(status))
        waits[graph.next[e]] = true;
      else if (is_failure(status))
        failed[graph.next[e]] = true;
    }
  }
  return failed;
}

} // namespace

result<admission> plan_admission(const workflow_facts& facts, admit_mode mode,
                                 std::vector<uint32_t>& stages) {
  stages.clear();
  if (auto bad = check(facts))
    return *bad;
  auto graph = arrange(facts);
  if (!graph)
    return graph.why();
  auto order = order_of(facts, *graph, stages);
  if (!order)
    return order.why();
  auto view = look(facts, mode, *graph, *order);
  auto blocker_failed = judge(facts, *graph, *order, view);

  auto out = admission{};
  out.workflow = facts.workflow;
  out.user = facts.user;
  out.canceled = facts.canceled;
  out.run = facts.run;
  out.sort_method = facts.sort_method;
  out.classes = facts.classes;
  out.all_stages = stages;
  out.all_jobs.reserve(facts.jobs.size());
  auto place = std::vector<uint32_t>(facts.jobs.size(), none);
  for (uint32_t i = 0; i < facts.jobs.size(); ++i) {
    const auto& f = facts.jobs[i];
    out.all_jobs.push_back(f.job);
    if (stages[i] >= out.stage_totals.size())
      out.stage_totals.resize(stages[i] + 1);
    ++out.stage_totals[stages[i]];
    if (view.judged[i] && view.status[i] == job_status::canceled)
      out.canceled_jobs.push_back(f.job);
    if (is_done(view.status[i]))
      continue;
    place[i] = static_cast<uint32_t>(out.jobs.size());
    out.jobs.push_back({f.job, f.job_class, stages[i], f.attempt, view.status[i],
                        f.cancel_on_failure,
                        view.status[i] == job_status::blocked && blocker_failed[i]});
  }
  for (uint32_t i = 0; i < facts.jobs.size(); ++i)
    for (auto e = graph->first[i]; place[i] != none && e < graph->first[i + 1]; ++e)
      if (auto to = graph->next[e]; view.status[to] == job_status::blocked)
        out.edges.push_back({place[i], place[to]});
  return out;
}

} // namespace torc::core
