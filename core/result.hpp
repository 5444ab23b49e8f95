#pragma once

#include <cassert>
#include <cstdint>
#include <string>
#include <string_view>
#include <utility>
#include <variant>

namespace torc::core {

/// Why a request is refused. The caller's fault, always: a bug or a broken disk is a `fault`.
enum class refusal : uint8_t {
  malformed,     ///< cannot be read: wrong type, missing field, not UTF-8 (HTTP 400)
  unauthorized,  ///< nobody known (401)
  forbidden,     ///< known, but not allowed (403)
  not_found,     ///< names something that does not exist (404)
  conflict,      ///< somebody else was first (409)
  too_large,     ///< over a named limit (413)
  unprocessable, ///< well-formed, but not possible in this state (422)
  unavailable,   ///< not now; try again later (503)
};

/// A refusal and one sentence that says what to do about it.
struct error {
  refusal why = refusal::malformed;
  std::string message;
};

/// Either a value or the reason why there is none.
template <class T>
class [[nodiscard]] result {
public:
  result(T value)
      : state_(std::in_place_index<0>, std::move(value)) {}         // NOLINT: implicit by intent
  result(error e) : state_(std::in_place_index<1>, std::move(e)) {} // NOLINT: implicit by intent

  explicit operator bool() const { return state_.index() == 0; }
  bool ok() const { return state_.index() == 0; }

  /// @pre ok()
  T& value() & {
    assert(ok());
    return std::get<0>(state_);
  }
  const T& value() const& {
    assert(ok());
    return std::get<0>(state_);
  }
  T&& value() && {
    assert(ok());
    return std::get<0>(std::move(state_));
  }
  T& operator*() & { return value(); }
  const T& operator*() const& { return value(); }
  T&& operator*() && { return std::move(*this).value(); }
  T* operator->() { return &value(); }
  const T* operator->() const { return &value(); }

  /// @pre !ok()
  const error& why() const {
    assert(!ok());
    return std::get<1>(state_);
  }

private:
  std::variant<T, error> state_;
};

/// The value of a result that has nothing to say but yes.
struct nothing {};

inline error refuse(refusal why, std::string message) {
  return {why, std::move(message)};
}

/// A bug or a broken disk: logs `what`, then ends the process. The next start recovers.
/// The logger is installed by main(); without one the sentence goes to stderr.
[[noreturn]] void fault(std::string_view what);
void on_fault(void (*log)(std::string_view));

} // namespace torc::core
