#pragma once

#include <cstdint>
#include <string>
#include <string_view>

namespace torc::net {

/// Of one connection: the line of each request that was answered, where somebody wants those. It
/// has neither the query nor anything of headers and bodies, which may hold secrets.
class request_log {
public:
  /// @param target as the request has it, with its query
  void begin(std::string_view method, std::string_view target);
  /// Without a begin before, the request was none that could be read.
  void answered(int status);

private:
  std::string what_; ///< empty: nobody wants it
  int64_t from_ns_ = 0;
};

} // namespace torc::net
