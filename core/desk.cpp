#include "core/desk.hpp"

#include "core/job.hpp"
#include "core/result.hpp"

#include <algorithm>
#include <cassert>
#include <limits>
#include <utility>

namespace torc::core {

namespace {

constexpr int64_t never = std::numeric_limits<int64_t>::max();

template <class T>
void append(std::vector<T>& to, const std::vector<T>& from) {
  to.insert(to.end(), from.begin(), from.end());
}

} // namespace

desk::desk(settings s) : settings_(std::move(s)), host_(settings_.slots, settings_.room) {}

void desk::introduce(wire::attach& a, int64_t now_us) {
  introduced_us_ = now_us;
  attached_ = false;
  if (counted_us_ == 0)
    counted_us_ = empty_since_us_ = now_us;
  if (in_flight_) {
    // Whether it was heard is not known. The server forgives an end that it has judged before; an
    // order that it does not find in `held` it sends again, so `returned` must not be repeated.
    in_flight_->done.insert(in_flight_->done.end(), ended_.begin(), ended_.end());
    ended_ = std::move(in_flight_->done);
    ended_since_us_ = 0;
    for (auto& s : in_flight_->started)
      if (auto at = running_.find(s.grant); at != running_.end())
        tell_start_now(at->second);
    in_flight_.reset();
  }
  returned_.clear();
  a.runner = runner_;
  a.unacked = ended_;
  a.held.clear();
  for (auto& [grant, r] : running_)
    if (!r.dropped)
      a.held.push_back(r.what.what);
  for (auto& q : waiting_)
    a.held.push_back(q.what.what);
  for (auto& u : broken_off_)
    a.held.push_back(u.what);
}

void desk::hear(const wire::welcome& w, int64_t now_us) {
  assert(w.runner != 0);
  count_idle(now_us);
  runner_ = w.runner;
  attached_ = true;
  lease_us_ = w.lease_ms * 1000;
  lease_from_us_ = introduced_us_;
  sent_us_ = introduced_us_;
  if (empty_since_us_ != 0)
    empty_since_us_ = now_us; // Whoever was cut off was not idle.
  hear(wire::revoke{w.revoked, true});
}

void desk::hear(wire::run_jobs r, int64_t now_us) {
  count_idle(now_us);
  for (auto& o : r.orders) {
    const auto grant = o.what.grant;
    if (holds(grant) || (in_flight_ && in_flight_->leaving))
      continue;
    if (draining_ || gone_) {
      returned_.push_back(grant);
      continue;
    }
    // The workflow has been taken up again.
    finished_ = false;
    waiting_.push_back({std::move(o), 0, ends_heard_});
  }
}

void desk::hear(const wire::revoke& r) {
  for (auto grant : r.grants) {
    auto q = std::find_if(waiting_.begin(), waiting_.end(),
                          [&](auto& w) { return w.what.what.grant == grant; });
    if (q != waiting_.end()) {
      waiting_.erase(q);
      // A killed grant is closed already; a question wants an answer.
      if (!r.kill)
        returned_.push_back(grant);
      continue;
    }
    auto at = running_.find(grant);
    if (at == running_.end())
      continue;
    if (r.kill) {
      at->second.dropped = true;
      end_process(grant, at->second);
    } else if (!at->second.told) {
      tell_start_now(at->second);
    }
  }
}

void desk::hear(const wire::ack& a) {
  if (!in_flight_ || in_flight_->seq != a.seq)
    return;
  lease_from_us_ = std::max(lease_from_us_, sent_us_);
  said_goodbye_ = in_flight_->leaving;
  acknowledged_ = true;
  in_flight_.reset();
}

void desk::hear(const wire::finished& f) {
  if (settings_.workflow == 0 || f.workflow != settings_.workflow)
    return;
  finished_ = true;
  counts_.canceled = f.canceled;
}

void desk::cut_off(int64_t now_us) {
  count_idle(now_us);
  attached_ = false;
}

void desk::started(int64_t grant, int64_t start_us, int64_t now_us) {
  auto at = running_.find(grant);
  if (at == running_.end() || at->second.alive)
    return;
  note_start(at->second, start_us);
  if (at->second.asked)
    tell_start_now(at->second);
  else
    starts_.push_back({grant, now_us + moment_us});
}

void desk::ended(wire::ended e, int64_t now_us) {
  count_idle(now_us);
  auto at = running_.find(e.what.grant);
  if (at == running_.end())
    return;
  auto& r = at->second;
  note_start(r, e.start_us);
  if (r.broken_off && e.return_code != 0) {
    if (!r.dropped)
      broken_off_.push_back({r.what.what, r.start_us});
    host_.give(r.what);
    running_.erase(at);
    return;
  }
  ++ends_heard_;
  last_end_us_ = e.end_us;
  e.what = r.what.what;
  auto status = e.return_code == 0 ? job_status::completed
                : r.terminated     ? job_status::terminated
                                   : job_status::failed;
  e.status = static_cast<int8_t>(status);
  if (!r.dropped) {
    ++(status == job_status::completed ? counts_.completed : counts_.failed);
    todo_.ended.push_back(e);
    if (ended_.empty())
      ended_since_us_ = now_us;
    ended_.push_back(e);
  }
  host_.give(r.what);
  running_.erase(at);
}

void desk::drain() {
  draining_ = counts_.drained = true;
  give_back_waiting();
}

void desk::kill() {
  drain();
  killed_ = true;
  end_all_processes();
}

void desk::break_off() {
  for (auto& [grant, r] : running_)
    r.broken_off = true;
  kill();
}

desk::todo desk::settle(int64_t now_us) {
  count_idle(now_us);
  check_lease(now_us);
  if (std::exchange(acknowledged_, false))
    round_trip_us_ = now_us - sent_us_;
  if (!draining_ && !gone_)
    start_fitting();
  consider_leaving(now_us);
  forget_told_starts();
  if (attached_ && !in_flight_ && !said_goodbye_ && report_due(now_us)) {
    in_flight_ = make_report(now_us);
    sent_us_ = now_us;
    todo_.send = in_flight_;
  }
  return std::exchange(todo_, {});
}

int64_t desk::wake_at() const {
  auto at = never;
  if (attached_ && !in_flight_) {
    at = std::min({at, sent_us_ + heartbeat_interval(), ends_due_at()});
    if (!starts_.empty())
      at = std::min(at, starts_.front().at_us);
  }
  if (lease_us_ > 0 && !gone_)
    at = std::min(at, lease_from_us_ + lease_us_);
  if (leave_since_us_ != 0 && nobody_waits_for_an_end())
    at = std::min(at, leave_since_us_ + farewell_us);
  else if (leave_since_us_ == 0 && may_leave_idle())
    at = std::min(at, empty_since_us_ + settings_.idle_exit_us);
  return at;
}

bool desk::over(int64_t now_us) const {
  if (said_goodbye_)
    return true;
  return leave_since_us_ != 0 && nobody_waits_for_an_end() &&
         now_us - leave_since_us_ >= farewell_us;
}

bool desk::nobody_waits_for_an_end() const {
  return unacked() == 0 || killed_ || gone_;
}

void desk::sanity_check() const {
  if (settings_.slots > 0)
    assert(running_.size() <= static_cast<size_t>(settings_.slots));
  assert(static_cast<size_t>(host_.jobs()) == running_.size());
  int32_t num_cpus = 0;
  for (auto& [grant, r] : running_) {
    assert(grant == r.what.what.grant);
    num_cpus += r.what.num_cpus * std::max(1, r.what.num_nodes);
  }
  assert(num_cpus == host_.num_cpus());
  for (auto& q : waiting_)
    assert(!running_.contains(q.what.what.grant));
  for (auto& e : ended_)
    assert(!running_.contains(e.what.grant));
  for (auto& u : broken_off_)
    assert(!running_.contains(u.what.grant));
  assert(!draining_ || waiting_.empty());
}

bool desk::holds(int64_t grant) const {
  auto is = [&](auto& e) { return e.what.grant == grant; };
  return running_.contains(grant) ||
         std::any_of(waiting_.begin(), waiting_.end(),
                     [&](auto& q) { return q.what.what.grant == grant; }) ||
         std::any_of(ended_.begin(), ended_.end(), is) ||
         std::any_of(broken_off_.begin(), broken_off_.end(), is) ||
         (in_flight_ && std::any_of(in_flight_->done.begin(), in_flight_->done.end(), is));
}

/// In the order given; what does not fit is passed by later ones, but not for ever.
void desk::start_fitting() {
  for (size_t i = 0; i < waiting_.size();) {
    if (host_.has_room(waiting_[i].what)) {
      for (size_t before = 0; before < i; ++before)
        ++waiting_[before].passed;
      auto q = std::move(waiting_[i]);
      waiting_.erase(waiting_.begin() + static_cast<std::ptrdiff_t>(i));
      launch(std::move(q));
    } else if (host_.by_slots() || waiting_[i].passed >= most_passes) {
      return;
    } else {
      ++i;
    }
  }
}

void desk::launch(queued q) {
  auto grant = q.what.what.grant;
  host_.take(q.what);
  ++counts_.started;
  auto a = active{};
  a.hop_from_us = q.ends_before == ends_heard_ ? last_end_us_ : 0;
  // Only the hands need the command.
  auto command = std::exchange(q.what.command, {});
  a.what = q.what;
  q.what.command = std::move(command);
  todo_.start.push_back(std::move(q.what));
  running_.emplace(grant, std::move(a));
}

/// The hands may not have confirmed the start yet; then it is told as soon as they have.
void desk::tell_start_now(active& a) {
  a.told = false;
  a.asked = true;
  if (a.alive)
    starts_.push_front({a.what.what.grant, 0});
}

void desk::note_start(active& a, int64_t start_us) {
  if (std::exchange(a.alive, true))
    return;
  a.start_us = start_us;
  if (a.hop_from_us != 0 && counts_.hops_us.size() < most_hops)
    counts_.hops_us.push_back(start_us - a.hop_from_us);
}

void desk::end_process(int64_t grant, active& a) {
  if (!std::exchange(a.killing, true))
    todo_.kill.push_back(grant);
}

void desk::end_all_processes() {
  for (auto& [grant, r] : running_) {
    r.terminated = true;
    end_process(grant, r);
  }
}

void desk::give_back_waiting() {
  for (auto& q : waiting_)
    returned_.push_back(q.what.what.grant);
  waiting_.clear();
}

void desk::count_idle(int64_t now_us) {
  if (attached_ && counted_us_ != 0)
    counts_.idle_seconds += static_cast<double>(now_us - counted_us_) / 1e6 * host_.idle_share();
  counted_us_ = now_us;
}

void desk::check_lease(int64_t now_us) {
  if (gone_ || lease_us_ == 0 || now_us < lease_from_us_ + lease_us_)
    return;
  // From here on the server may give the jobs to somebody else.
  gone_ = counts_.lost = true;
  give_back_waiting();
  end_all_processes();
}

/// Nobody could send an order while the line is down, and the lease ends that.
bool desk::may_leave_idle() const {
  return settings_.idle_exit_us > 0 && empty_since_us_ != 0 && (attached_ || lease_us_ == 0);
}

void desk::consider_leaving(int64_t now_us) {
  if (!running_.empty() || !waiting_.empty()) {
    empty_since_us_ = leave_since_us_ = 0;
    return;
  }
  if (empty_since_us_ == 0)
    empty_since_us_ = now_us;
  const auto idle = may_leave_idle() && now_us - empty_since_us_ >= settings_.idle_exit_us;
  if (!finished_ && !draining_ && !gone_ && !idle)
    leave_since_us_ = 0;
  else if (leave_since_us_ == 0)
    leave_since_us_ = now_us;
}

int64_t desk::heartbeat_interval() const {
  return lease_us_ > 0 ? std::min(heartbeat_us, lease_us_ / 4) : heartbeat_us;
}

/// A start whose end is known by now is told as the end alone.
void desk::forget_told_starts() {
  while (!starts_.empty()) {
    auto at = running_.find(starts_.front().grant);
    if (at != running_.end() && !at->second.told && !at->second.dropped)
      return;
    starts_.pop_front();
  }
}

int64_t desk::ends_due_at() const {
  if (ended_.empty())
    return never;
  return ended_.size() < waiting_.size() ? ended_since_us_ + gather_us : ended_since_us_;
}

bool desk::report_due(int64_t now_us) const {
  return ends_due_at() <= now_us || !returned_.empty() || leave_since_us_ != 0 ||
         (!starts_.empty() && starts_.front().at_us <= now_us) ||
         now_us - sent_us_ >= heartbeat_interval();
}

wire::report desk::make_report(int64_t now_us) {
  auto r = wire::report{};
  r.runner = runner_;
  r.seq = ++seq_;
  r.done = std::exchange(ended_, {});
  r.returned = std::exchange(returned_, {});
  for (forget_told_starts(); !starts_.empty() && starts_.front().at_us <= now_us;
       forget_told_starts()) {
    auto& a = running_.at(starts_.front().grant);
    r.started.push_back(a.what.what);
    r.started_us.push_back(a.start_us);
    a.told = true;
  }
  r.leaving = leave_since_us_ != 0;
  for (size_t i = 0; r.leaving && i < broken_off_.size(); ++i) {
    r.started.push_back(broken_off_[i].what);
    r.started_us.push_back(broken_off_[i].start_us);
    r.returned.push_back(broken_off_[i].what.grant);
  }
  r.round_trip_us = round_trip_us_;
  return r;
}

} // namespace torc::core
