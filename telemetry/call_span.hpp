#pragma once

#include "telemetry/clock.hpp"
#include "telemetry/lines.hpp"

#include <atomic>
#include <memory>
#include <string>
#include <string_view>
#include <utility>

namespace torc::telemetry {

/// A call from its arrival to its answer. Who works on it says so with `working_on`; the rest of
/// its time is idle.
class call_span {
public:
  /// @param what `none` where the call is no span: then it is timed, and not recorded
  explicit call_span(span what) : what_(what), begin_ns_(now_ns()) {}
  /// A part of `parent`.
  call_span(span what, const call_span& parent, fields with);
  call_span(const call_span&) = delete;
  call_span& operator=(const call_span&) = delete;

  void describe(fields with) { fields_ = std::move(with); }
  /// Adds to what its line says of it.
  void note(std::string_view name, int64_t value);
  /// What belongs to the call and travels with it, and with its parts; for whoever put it there.
  void carry(std::shared_ptr<void> what) { carried_ = std::move(what); }
  const std::shared_ptr<void>& carried() const { return carried_; }
  /// Any thread.
  void add_busy(int64_t ns) { busy_ns_.fetch_add(ns, std::memory_order_relaxed); }
  int64_t busy_ns() const { return busy_ns_.load(std::memory_order_relaxed); }
  /// Once, by whoever works on it. @returns nanoseconds from its begin to now
  int64_t close();

private:
  span what_;
  int64_t begin_ns_;
  std::atomic<int64_t> busy_ns_ = 0;
  std::string parent_; ///< with its fields, as lines have it
  fields fields_;
  std::shared_ptr<void> carried_;
};

/// What a thread works on.
struct work {
  std::shared_ptr<call_span> call;
  int64_t since_ns = 0;
};
work& current_work();

/// The call that this thread works on; empty between calls.
inline const std::shared_ptr<call_span>& current_call() {
  return current_work().call;
}

/// Works on a call while it lives. What is passed on meanwhile, to a worker or a room, comes back
/// to the same call.
class working_on {
public:
  explicit working_on(std::shared_ptr<call_span> call);
  ~working_on();
  working_on(const working_on&) = delete;
  working_on& operator=(const working_on&) = delete;

private:
  work before_;
};

} // namespace torc::telemetry
