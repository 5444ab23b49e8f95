#include "core/standing_offer.hpp"

#include <algorithm>

namespace torc::core {

standing_offer::standing_offer(const runner_joined& j) : id_(j.runner), room_(j.room) {
  change(j);
  for (const auto& g : j.open)
    give(g);
}

void standing_offer::change(const runner_joined& j) {
  user_ = j.user;
  workflow_ = j.workflow;
  slots_ = std::max(j.slots, 0);
  prefill_ = std::max(j.prefill, 0);
  time_limit_s_ = j.room.time_limit_s;
  labels_ = j.room.labels;
  room_ = packing{j.room};
  for (auto& [id, r] : running_)
    if (slots_ == 0) {
      auto at = room_.take(r.need);
      r.counted = at.has_value();
      r.at = at.value_or(packing::spot{});
    } else {
      r.counted = false;
    }
  advance();
}

bool standing_offer::could_run(const needs& n) const {
  if (time_limit_s_ && n.runtime_s > *time_limit_s_)
    return false;
  return slots_ > 0 ? core::serves(labels_, n.labels) : room_.could(n);
}

bool standing_offer::has_room(const needs& n) const {
  if (!queued_.empty() || !could_run(n))
    return false;
  if (slots_ > 0)
    return running_.size() < static_cast<size_t>(slots_);
  return running_.size() < most_orders && room_.has_room(n);
}

int64_t standing_offer::free_room() const {
  if (!queued_.empty())
    return 0;
  if (slots_ > 0)
    return std::max<int64_t>(0, slots_ - static_cast<int64_t>(running_.size()));
  return running_.size() < most_orders ? std::max<int64_t>(room_.free_cpus(), 1) : 0;
}

int64_t standing_offer::free_prefill() const {
  if (open() >= most_orders)
    return 0;
  auto wanted = int64_t{prefill_};
  if (job_us_ > 0) {
    const auto at_once = static_cast<int64_t>(running_.size());
    wanted = std::clamp(at_once * ahead_us / job_us_, wanted, most_times * wanted);
  }
  return wanted - static_cast<int64_t>(queued_.size());
}

void standing_offer::took(int64_t us) {
  if (us > 0)
    job_us_ = job_us_ == 0 ? us : std::max<int64_t>(1, job_us_ + (us - job_us_) / 8);
}

bool standing_offer::start(const grant& g, bool force) {
  auto r = running{g.need, {}, false};
  if (slots_ > 0) {
    if (!force && running_.size() >= static_cast<size_t>(slots_))
      return false;
  } else {
    auto at = room_.take(g.need);
    if (!at && !force)
      return false;
    r.counted = at.has_value();
    r.at = std::move(at).value_or(packing::spot{});
  }
  running_.insert_or_assign(g.id, std::move(r));
  return true;
}

void standing_offer::give(const grant& g) {
  if (!queued_.empty() || !start(g, false))
    queued_.push_back({g, false});
}

void standing_offer::advance() {
  while (!queued_.empty() && start(queued_.front().what, false)) {
    queued_.pop_front();
  }
}

bool standing_offer::take_back(grant_id g) {
  if (auto at = running_.find(g); at != running_.end()) {
    if (at->second.counted)
      room_.give(at->second.need, at->second.at);
    running_.erase(at);
    advance();
    return true;
  }
  auto at =
      std::find_if(queued_.begin(), queued_.end(), [&](const queued& q) { return q.what.id == g; });
  if (at == queued_.end())
    return false;
  queued_.erase(at);
  advance();
  return true;
}

void standing_offer::started(grant_id g) {
  auto at =
      std::find_if(queued_.begin(), queued_.end(), [&](const queued& q) { return q.what.id == g; });
  if (at == queued_.end())
    return;
  auto what = at->what;
  queued_.erase(at);
  start(what, true);
}

int64_t standing_offer::recalled_cost(const standing_offer& other) const {
  int64_t n = 0;
  for (const auto& q : queued_)
    n += q.recalled ? other.cost_of(q.what.need) : 0;
  return n;
}

void standing_offer::sanity_check() const {
  room_.sanity_check();
  for (const auto& q : queued_)
    if (running_.contains(q.what.id))
      fault("standing offer: an order both waits and runs");
  if (!queued_.empty() && slots_ > 0 && running_.size() < static_cast<size_t>(slots_))
    fault("standing offer: an order waits although a slot is free");
}

} // namespace torc::core
