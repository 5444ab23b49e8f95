#include "core/result.hpp"

#include <cstdio>
#include <cstdlib>

namespace torc::core {

namespace {
void (*log_fault)(std::string_view) = nullptr;
} // namespace

void on_fault(void (*log)(std::string_view)) {
  log_fault = log;
}

void fault(std::string_view what) {
  if (log_fault)
    log_fault(what);
  else
    std::fprintf(stderr, "fault: %.*s\n", static_cast<int>(what.size()), what.data());
  std::_Exit(70); // EX_SOFTWARE; no destructor may touch a state that is already wrong.
}

} // namespace torc::core
