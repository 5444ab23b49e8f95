#pragma once

#include "net/exchange.hpp"
#include "telemetry/instruments.hpp"

#include <deque>
#include <functional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

namespace torc::net {

using handler = std::function<void(const call&)>;

/// Finds the handler of a method and a path.
///   router.on("GET", "/workflows/{id}/status", ...)      c->number(0)
///   router.on("PUT", "/jobs/{id}/x/{=status}", ...)      c->number(0), c->text(0)
/// Patterns lie below `base_path`. Unknown path: 404; known path, other method: 405 with `Allow`;
/// both empty. A {parameter} that is no integer: 400.
class router {
public:
  void on(std::string_view method, std::string_view pattern, handler h);
  void route(const call& c);
  /// How often each route was called, and all that no route took.
  const std::deque<route_count>& counts() const { return counts_; }

private:
  struct method_entry {
    std::string name;
    handler handle;
    telemetry::span what;
    route_count* count;
  };
  struct route_entry {
    std::vector<std::string> segments;
    std::vector<method_entry> methods;
  };
  void take(const route_entry& entry, const method_entry& method, std::vector<std::string> path,
            const call& c);
  void decline(const call& c, int status, std::string allowed = {});

  std::unordered_map<std::string, std::vector<route_entry>>
      by_first_;                      ///< the pattern's first segment
  std::deque<route_count> counts_{1}; ///< the first: what no route took
};

} // namespace torc::net
