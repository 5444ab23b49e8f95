#pragma once

#include "net/api/services.hpp"
#include "net/keyed_house.hpp"

#include <deque>
#include <functional>
#include <memory>
#include <string>
#include <unordered_map>
#include <utility>

namespace torc::net::api {

/// Lets a call with an `Idempotency-Key` take effect once and gives its repetitions the same
/// answer. Calls under one key go one after another. What a call changes is written with its key,
/// and its answer before it is told. Refusals are not kept: they have changed nothing. Socket
/// thread only.
class once_keeper : public std::enable_shared_from_this<once_keeper> {
public:
  static constexpr size_t longest_key = 128;

  /// @param house behind all keys: the answers are written there
  once_keeper(const services& s, port& house) : services_(s), house_(house) {}

  using route = std::function<void(const call&)>;
  /// Makes the call by `to`, or answers as it was answered before.
  /// @pre it changes something, and it has a key
  void make(const call& c, route to);
  /// Lets all calls go, unanswered: nobody listens any more.
  void close() { std::exchange(lines_, {}); }

private:
  struct waiting {
    call asked;
    route to;
  };
  struct found;

  void begin(const std::string& line);
  void go_on(const std::string& line, found what);
  void answered(const std::string& line, const std::shared_ptr<keyed_call>& key, reply r);
  void end(const std::string& line, reply r);

  const services& services_;
  port& house_;
  std::unordered_map<std::string, std::deque<waiting>> lines_; ///< the first of each is under way
};

} // namespace torc::net::api
