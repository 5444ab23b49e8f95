#pragma once

#include "core/happening.hpp"
#include "net/port.hpp"

#include <deque>
#include <memory>
#include <set>
#include <string>
#include <string_view>
#include <vector>

namespace torc::net {

class body_stream;

/// Passes on what happens to those who watch. Socket thread only. Each watcher has a queue with a
/// limit: one that reads too slowly misses events and is told how many, and nobody waits for it.
class event_hub : public std::enable_shared_from_this<event_hub> {
public:
  enum class severity { debug, info, warning, error };
  static constexpr size_t kept = 4096;        ///< events that can be replayed
  static constexpr size_t queue_limit = 1024; ///< events that a watcher may be behind
  static constexpr size_t most_watchers = 256;

  /// @param first names this run of the server in the events' ids
  event_hub(port& house, int64_t first) : house_(house), name_(first) {}

  /// Everything of the workflow that is at least so severe. @param last_id replays what came after
  /// that event; empty: begins now. What cannot be replayed any more is told as missed.
  std::unique_ptr<body_stream> watch(core::workflow_id workflow, severity least,
                                     std::string_view last_id);
  /// Something that happened in HTTP handlers. @param data a JSON object
  void publish(core::workflow_id workflow, std::string_view type, severity how,
               const std::string& data);
  size_t watchers() const { return watchers_.size(); }

private:
  struct event {
    uint64_t number = 0;
    core::workflow_id workflow;
    severity how = severity::info;
    std::string frame;
  };
  class watcher;
  void hear(const std::vector<core::happening>& news);
  void publish(const core::happening& h);
  void publish(core::workflow_id workflow, core::instant at, std::string_view type, severity how,
               const std::string& data);
  void leave(watcher* w);

  port& house_;
  int64_t name_;
  uint64_t last_ = 0;
  bool listening_ = false;
  core::instant alone_since_;
  std::deque<std::shared_ptr<const event>> past_;
  std::set<watcher*> watchers_;
};

} // namespace torc::net
