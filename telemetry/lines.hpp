#pragma once

#include "telemetry/instruments.hpp"

#include <atomic>
#include <string>
#include <string_view>

/// One line for each span that ended, where main() wants them; else nothing is formatted.
namespace torc::telemetry {

namespace detail {
inline std::atomic<bool> lines_wanted{false};
}

inline bool lines_wanted() {
  return detail::lines_wanted.load(std::memory_order_relaxed);
}

/// From now on `print` is given the lines; any thread may call it. nullptr: no lines any more.
void print_lines(void (*print)(std::string_view line));

/// "workflow_id=1 limit=10", as a span shows what it was called with.
class fields {
public:
  fields& add(std::string_view name, int64_t value);
  fields& add(std::string_view name, std::string_view value);
  const std::string& text() const { return text_; }

private:
  std::string text_;
};

/// "prepare_ready_jobs{workflow_id=1 limit=10}"; behind "parent:" where there is one.
std::string name_with(span s, const fields& f, std::string_view parent = {});

/// Prints "<name>: close time.busy=15.2ms time.idle=0.1ms". @pre lines_wanted()
void print_close(std::string_view name, int64_t busy_ns, int64_t idle_ns);

/// Milliseconds with four decimals, without the zeros at the end: "15.2ms".
std::string in_ms(int64_t ns);

} // namespace torc::telemetry
