#include "core/ready_queue.hpp"

#include <algorithm>
#include <numeric>
#include <tuple>

namespace torc::core {

namespace {

/// Smaller comes first. Requests sort descending, so their sign is turned.
auto key(const job_class& c, sort_order by) {
  const auto& n = c.need;
  switch (by) {
  case sort_order::gpus_runtime_memory:
    return std::tuple(-c.priority, -int64_t{n.num_gpus}, -n.runtime_s, -n.memory_bytes);
  case sort_order::gpus_memory_runtime:
    return std::tuple(-c.priority, -int64_t{n.num_gpus}, -n.memory_bytes, -n.runtime_s);
  default:
    return std::tuple(-c.priority, int64_t{0}, int64_t{0}, int64_t{0});
  }
}

} // namespace

sort_order sort_order_from(std::string_view method) {
  if (method == "gpus_runtime_memory")
    return sort_order::gpus_runtime_memory;
  if (method == "gpus_memory_runtime")
    return sort_order::gpus_memory_runtime;
  return sort_order::released;
}

ready_queue::ready_queue(std::vector<job_class> classes, sort_order order)
    : classes_(std::move(classes)), queues_(classes_.size()), order_(order) {
  rank();
}

void ready_queue::rank() {
  rank_.resize(classes_.size());
  by_rank_.resize(classes_.size());
  std::iota(by_rank_.begin(), by_rank_.end(), 0u);
  std::stable_sort(by_rank_.begin(), by_rank_.end(), [&](uint32_t a, uint32_t b) {
    return key(classes_[a], order_) < key(classes_[b], order_);
  });
  for (uint32_t r = 0; r < by_rank_.size(); ++r)
    rank_[by_rank_[r]] = r;
  waiting_.clear();
  for (uint32_t c = 0; c < queues_.size(); ++c)
    if (!queues_[c].empty())
      waiting_.insert(rank_[c]);
}

void ready_queue::set_class(uint32_t index, const job_class& kind) {
  if (index >= classes_.size()) {
    classes_.resize(index + 1);
    queues_.resize(index + 1);
  }
  if (classes_[index] == kind && rank_.size() == classes_.size())
    return;
  classes_[index] = kind;
  rank();
}

void ready_queue::amend(const amended_needs& what) {
  for (auto& c : classes_)
    if (c.requirement == what.requirement)
      c.need = changed(c.need, what.need);
  rank();
}

void ready_queue::move_to(uint32_t index, job_id j) {
  for (uint32_t c = 0; c < queues_.size(); ++c) {
    const auto at = std::find_if(queues_[c].begin(), queues_[c].end(),
                                 [&](const entry& e) { return e.job == j; });
    if (at == queues_[c].end())
      continue;
    const auto moved = *at;
    queues_[c].erase(at);
    auto& to = queues_[index];
    to.insert(std::upper_bound(to.begin(), to.end(), moved.turn,
                               [](uint32_t turn, const entry& e) { return turn < e.turn; }),
              moved);
    return rank();
  }
}

std::vector<ready_job> ready_queue::contents(workflow_id w) const {
  std::vector<ready_job> all;
  all.reserve(size_);
  for (uint32_t c = 0; c < queues_.size(); ++c)
    for (const auto& e : queues_[c])
      all.push_back({w, e.job, c, e.attempt});
  return all;
}

void ready_queue::push_back(const ready_job& j) {
  queues_[j.job_class].push_back({j.job, j.attempt, next_turn_});
  // Only the order matters; at the end of the numbers all later jobs share one place.
  next_turn_ += next_turn_ < UINT32_MAX;
  waiting_.insert(rank_[j.job_class]);
  ++size_;
}

void ready_queue::push_front(const ready_job& j) {
  queues_[j.job_class].push_front({j.job, j.attempt, 0});
  waiting_.insert(rank_[j.job_class]);
  ++size_;
}

bool ready_queue::before(uint32_t a, uint32_t b, sort_order by) const {
  auto of = [&](uint32_t c) {
    return std::tuple(key(classes_[c], by), queues_[c].front().turn, c);
  };
  return of(a) < of(b);
}

uint32_t ready_queue::pick(sort_order by, const std::function<bool(const job_class&)>& fits) const {
  auto best = no_class;
  for (auto r : waiting_) {
    auto c = by_rank_[r];
    if (best != no_class && classes_[c].priority < classes_[best].priority)
      break;
    if (!fits(classes_[c]) || (best != no_class && !before(c, best, by)))
      continue;
    best = c;
    if (by == order_ && by != sort_order::released)
      break; // Ranks are in this very order.
  }
  return best;
}

ready_job ready_queue::pop(workflow_id w, uint32_t index) {
  auto& queue = queues_[index];
  auto e = queue.front();
  queue.pop_front();
  --size_;
  if (queue.empty())
    waiting_.erase(rank_[index]);
  return {w, e.job, index, e.attempt};
}

void ready_queue::withdraw(std::unordered_set<job_id>& jobs) {
  for (uint32_t c = 0; c < queues_.size() && !jobs.empty(); ++c) {
    auto& queue = queues_[c];
    auto last = std::remove_if(queue.begin(), queue.end(),
                               [&](const entry& e) { return jobs.erase(e.job) > 0; });
    size_ -= static_cast<size_t>(queue.end() - last);
    queue.erase(last, queue.end());
    if (queue.empty())
      waiting_.erase(rank_[c]);
  }
}

void ready_queue::sanity_check() const {
  size_t n = 0;
  auto seen = std::unordered_set<job_id>();
  for (uint32_t c = 0; c < queues_.size(); ++c) {
    n += queues_[c].size();
    if (queues_[c].empty() == waiting_.contains(rank_[c]))
      fault("ready queue: the list of waiting classes is wrong");
    for (const auto& e : queues_[c])
      if (!seen.insert(e.job).second)
        fault("ready queue: a job waits twice");
  }
  if (n != size_)
    fault("ready queue: the count of jobs is wrong");
}

} // namespace torc::core
