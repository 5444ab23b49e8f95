#pragma once

#include "core/progress.hpp"
#include "net/port.hpp"

#include <cstdint>
#include <memory>
#include <set>
#include <vector>

namespace boost::asio {
class io_context;
}

namespace torc::net {

class body_stream;

/// Pushes the counters of workflows to those who watch them. Socket thread only. A watcher is told
/// after a commit, ten times a second at most, and always the newest counters: one that reads
/// slowly skips states, and nothing queues up for it.
class progress_feed : public std::enable_shared_from_this<progress_feed> {
public:
  static constexpr size_t most_watchers = 256;
  static constexpr size_t most_workflows = 200; ///< of one watcher
  using known = std::shared_ptr<const core::workflow_progress>;

  progress_feed(boost::asio::io_context& sockets, port& house);
  ~progress_feed();

  /// One workflow with its stages, told when they change. @param first what there is now
  std::unique_ptr<body_stream> watch(known first);
  /// The sums of several workflows, told after commits whether they changed or not: whoever shows a
  /// list learns that it may look different now.
  std::unique_ptr<body_stream> watch(std::vector<known> first);
  size_t watchers() const { return watchers_.size(); }

private:
  class watcher;
  std::unique_ptr<body_stream> add(std::vector<known> first, bool is_list);
  void committed();
  void push();
  void leave(watcher* w);

  struct clock;
  std::unique_ptr<clock> clock_;
  port& house_;
  std::set<watcher*> watchers_;
};

} // namespace torc::net
