#include "net/request_log.hpp"

#include "telemetry/clock.hpp"
#include "telemetry/deeds.hpp"
#include "telemetry/lines.hpp"

namespace torc::net {

using telemetry::deed;

void request_log::begin(std::string_view method, std::string_view target) {
  if (!telemetry::is_told(deed::request))
    return;
  what_.assign(method).append(" ").append(target.substr(0, target.find('?')));
  from_ns_ = telemetry::now_ns();
}

void request_log::answered(int status) {
  if (!telemetry::is_told(deed::request))
    return;
  auto line = what_.empty() ? std::string("unreadable request") : std::move(what_);
  line += " " + std::to_string(status);
  if (from_ns_ != 0)
    line += " " + telemetry::in_ms(telemetry::now_ns() - from_ns_);
  telemetry::tell(deed::request, line);
  what_.clear();
  from_ns_ = 0;
}

} // namespace torc::net
