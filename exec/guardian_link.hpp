#pragma once

#include "exec/guardian.hpp"
#include "exec/job_process.hpp"
#include "exec/last_will.hpp"

#include <cstdint>
#include <functional>
#include <memory>
#include <vector>

namespace boost::asio {
class io_context;
}

namespace torc::exec {

/// What the runner hears from its guardian, on the thread of the io_context. One call per wake-up
/// carries all there is. A callback may call the link; it may not destroy it.
struct guardian_events {
  std::function<void(std::vector<job_started>)> on_started;
  /// After on_started of the same wake-up. Each launched tag comes here once, or in on_lost.
  std::function<void(std::vector<job_exit>)> on_exit;
  /// The guardian is gone (somebody killed it). Its jobs have been sent SIGKILL; their tags, the
  /// ones never started included, will not come in on_exit any more.
  std::function<void(std::vector<int64_t> open_tags)> on_lost;
  /// A sentence for the log about the way jobs are started. May be left empty.
  std::function<void(const std::string& text)> on_notice = {};
};

/// The runner's side of the guardian's socket. All calls on the thread of the io_context, or
/// before it runs. Commands of one turn of the io_context leave in one write; nothing blocks.
class guardian_link {
public:
  guardian_link(boost::asio::io_context& io, guardian_handle handle, guardian_events events);
  /// Closes, as close() does.
  ~guardian_link();
  guardian_link(const guardian_link&) = delete;
  guardian_link& operator=(const guardian_link&) = delete;

  /// @pre no running job has this tag
  /// After the guardian was lost the answer is a `spawn_failed`.
  void launch(job_command job);
  /// Sends `number` to the whole process group of a job; nothing happens if it has ended.
  void signal(int64_t tag, int number);
  /// Sends SIGKILL to the groups of all jobs.
  void kill_all();
  /// What the guardian tells the server should this process die; the latest counts. Sent at once.
  void bequeath(last_will will);
  /// Lets go of the guardian: it ends all jobs and itself; no callback comes any more.
  /// `await_guardian(pid(), ...)` says when that is done.
  void close();

  pid_t pid() const;
  /// Jobs launched whose exit has not been told.
  size_t open_jobs() const;

private:
  class state;
  std::shared_ptr<state> state_;
};

} // namespace torc::exec
