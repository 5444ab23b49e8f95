#pragma once

#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace torc::cli {

/// Cuts the text of an event stream into events, whatever pieces it comes in.
class event_reader {
public:
  struct event {
    std::string id, type, data;
  };
  /// @param last_id of what was heard before
  explicit event_reader(std::string last_id = {}) : last_id_(std::move(last_id)) {}
  /// The events that are whole now.
  std::vector<event> read(std::string_view text);
  /// Of the last one that had an id.
  const std::string& last_id() const { return last_id_; }

private:
  std::string rest_;
  std::string last_id_;
};

} // namespace torc::cli
