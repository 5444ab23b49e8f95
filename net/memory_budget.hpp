#pragma once

#include <cstdint>

namespace torc::net {

/// What all request bodies and replies in memory may take together. Socket thread only.
class memory_budget {
public:
  explicit memory_budget(uint64_t limit) : limit_(limit) {}

  /// False, and nothing taken, when it would be too much.
  bool take(uint64_t bytes) {
    if (bytes > limit_ - used_)
      return false;
    used_ += bytes;
    return true;
  }
  void give_back(uint64_t bytes) { used_ -= bytes; }
  uint64_t used() const { return used_; }

private:
  uint64_t limit_;
  uint64_t used_ = 0;
};

/// A part of the budget that is given back at the end of its life.
class memory_share {
public:
  explicit memory_share(memory_budget& of) : of_(of) {}
  ~memory_share() { clear(); }
  memory_share(const memory_share&) = delete;
  memory_share& operator=(const memory_share&) = delete;

  bool take(uint64_t bytes) {
    const bool has = of_.take(bytes);
    held_ += has ? bytes : 0;
    return has;
  }
  void clear() {
    of_.give_back(held_);
    held_ = 0;
  }

private:
  memory_budget& of_;
  uint64_t held_ = 0;
};

} // namespace torc::net
