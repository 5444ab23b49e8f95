#pragma once

#include "net/exchange.hpp"

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
/// Patterns lie below `base_path`. Unknown path: 404; known path, other method: 405; both empty.
/// A {parameter} that is no integer: 400.
class router {
public:
  void on(std::string_view method, std::string_view pattern, handler h);
  void route(const call& c) const;

private:
  struct route_entry {
    std::vector<std::string> segments;
    std::vector<std::pair<std::string, handler>> methods;
  };
  std::unordered_map<std::string, std::vector<route_entry>>
      by_first_; ///< the pattern's first segment
};

} // namespace torc::net
