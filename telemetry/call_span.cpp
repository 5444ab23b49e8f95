#include "telemetry/call_span.hpp"

#include <algorithm>

namespace torc::telemetry {

call_span::call_span(span what, const call_span& parent, fields with)
    : what_(what), begin_ns_(now_ns()), carried_(parent.carried_) {
  if (!lines_wanted())
    return;
  parent_ = name_with(parent.what_, parent.fields_, parent.parent_);
  fields_ = std::move(with);
}

void call_span::note(std::string_view name, int64_t value) {
  if (lines_wanted())
    fields_.add(name, value);
}

int64_t call_span::close() {
  const auto now = now_ns();
  const auto whole = now - begin_ns_;
  auto& here = current_work();
  if (here.call.get() == this) {
    add_busy(now - here.since_ns);
    here.since_ns = now;
  }
  if (what_ == span::none)
    return whole;
  const auto busy = std::min(busy_ns(), whole); // two threads may have been at it for a moment
  record(what_, busy, whole - busy);
  if (lines_wanted())
    print_close(name_with(what_, fields_, parent_), busy, whole - busy);
  return whole;
}

work& current_work() {
  thread_local work here;
  return here;
}

working_on::working_on(std::shared_ptr<call_span> call)
    : before_(std::exchange(current_work(), {std::move(call), 0})) {
  auto& here = current_work();
  // Work on the same call is not counted twice.
  if (here.call)
    here.since_ns = here.call == before_.call ? before_.since_ns : now_ns();
}

working_on::~working_on() {
  auto& here = current_work();
  if (here.call && here.call != before_.call)
    here.call->add_busy(now_ns() - here.since_ns);
  else
    before_.since_ns = here.since_ns;
  here = std::move(before_);
}

} // namespace torc::telemetry
