#pragma once

#include "cli/client/api.hpp"
#include "cli/tui/talk.hpp"

#include <functional>
#include <memory>
#include <string>

namespace torc::cli::tui {

/// Carries the browser's questions to the server and its streams back, on threads of its own: one
/// that asks, one that hears the counters, one that hears events. What they bring is taken out on
/// the caller's thread.
class courier {
public:
  /// What came, in the order in which it came. Only one member is filled.
  struct letter {
    std::unique_ptr<reply> answer;
    std::string event_type; ///< of a stream's event
    json::value event;
    bool is_line = false; ///< the feed is there (`trouble` empty), or is not
    std::string trouble;
  };

  /// @param wake any thread: there is something to take
  courier(const api& server, std::function<void()> wake);
  ~courier();
  courier(const courier&) = delete;
  courier& operator=(const courier&) = delete;

  void send(ask question);
  /// Which streams to follow from now on, by their paths; empty: none. Nothing happens where it is
  /// the same as before.
  void follow_feed(const std::string& path);
  void follow_events(const std::string& path);
  std::vector<letter> take();

private:
  struct state;
  struct asker;
  struct listener;
  std::shared_ptr<state> state_;
  std::unique_ptr<asker> asker_;
  std::unique_ptr<listener> feed_, events_;
};

} // namespace torc::cli::tui
