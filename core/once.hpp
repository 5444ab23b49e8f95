#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <string>
#include <vector>

/// Calls that take effect once, however often they are sent: what they did is written in the
/// transaction that does it.
namespace torc::core {

/// So long, and so many at a time, a call that was made under a key is remembered.
inline constexpr int64_t kept_for_us = int64_t{24} * 3600 * 1'000'000;
inline constexpr int64_t most_kept_calls = 100'000;
/// A longer answer is made anew from what the call did.
inline constexpr size_t most_kept_bytes = 16 * 1024;

/// What a call is answered with.
struct kept_answer {
  int64_t status = 0; ///< 0: not known
  std::string type, body;
};

/// A change that belongs to such a call.
struct once {
  std::string caller;        ///< the user; empty: anonymous
  std::string key;           ///< as the caller chose it
  std::string fingerprint;   ///< of the whole call
  int32_t step = 0;          ///< which of its changes
  kept_answer foretold = {}; ///< the answer, where it is known before the change is made
};
using once_ptr = std::shared_ptr<const once>;

/// What one change came to, as far as the answer depends on it.
struct effect {
  std::vector<int64_t> ids; ///< of created rows, or of claimed jobs
  int64_t count = 0;
  bool operator==(const effect&) const = default;
};

/// A message that carries the call it belongs to.
template <class T>
struct under_key {
  T what;
  once_ptr once;
};

/// What is kept of a call.
struct kept_call {
  std::string fingerprint;
  std::map<int32_t, effect> effects; ///< of its steps so far
  kept_answer answer;                ///< status 0: not answered, or too long to be kept
};

/// The answer of a call, told to the disk before it is told to the caller.
struct keep_answer {
  core::once call;
  kept_answer answer;
};

} // namespace torc::core
