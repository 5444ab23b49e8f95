#pragma once

#include "core/wire.hpp"

#include <cstdint>
#include <optional>
#include <set>
#include <vector>

namespace torc::core::test {

/// A runner process. Messages to it and from it are delivered at once or, where the connection
/// breaks, never; what it learnt it keeps.
struct fake_runner {
  int64_t instance = 0;
  int64_t id = 0;
  int64_t workflow = 0;
  int32_t slots = 2;
  int32_t prefill = 2;
  bool connected = false;
  std::vector<wire::order> waiting;
  std::vector<wire::attempt> running;
  std::vector<wire::ended> unacked; ///< ends that no ack has covered
  std::set<int64_t> known;          ///< grants it ever had: an order that comes twice is one order
  wire::report next;                ///< gathers until the last report is acknowledged
  std::optional<wire::report> sent; ///< the unacknowledged one
  int64_t seq = 0;
};

} // namespace torc::core::test
