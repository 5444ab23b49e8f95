#pragma once

#include <functional>
#include <memory>
#include <string>
#include <string_view>

namespace torc::core {

/// A hash of all texts that it was given, one after another. net/sha256 makes them.
class digest {
public:
  virtual ~digest() = default;
  virtual void add(std::string_view text) = 0;
  /// In hexadecimal digits. The last call.
  virtual std::string end() = 0;
};

using new_digest = std::function<std::unique_ptr<digest>()>;

} // namespace torc::core
