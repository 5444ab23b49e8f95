#pragma once

#include "core/edits.hpp"
#include "core/happening.hpp"
#include "core/progress.hpp"
#include "core/runner_view.hpp"
#include "core/turn.hpp"

#include <functional>
#include <memory>
#include <string>
#include <vector>

namespace torc::net {

/// What the house offers to HTTP handlers. The ingress room implements it. Every call is made on
/// the socket thread, and every callback comes back on the socket thread, after the commit. Where
/// `once` is set, the disk remembers in the same transaction what the change came to.
class port {
public:
  template <class T>
  using then = std::function<void(core::result<T>)>;

  virtual ~port() = default;

  /// A change to what no room holds. unavailable when 1,024 mutations are unanswered already, or
  /// when another process has locked the database.
  virtual void edit(core::edit what, then<core::edited> done, core::once_ptr once = {}) = 0;
  /// A change to jobs that a room may hold.
  virtual void control(core::control what, then<core::done> done, core::once_ptr once = {}) = 0;
  /// Hands an initialized workflow to the rooms. `stages` goes to the writer with it: one per job
  /// of the workflow, in id order. A receipt of turn 0: it was outdated, read and plan it anew.
  virtual void admit(core::admission what, std::vector<core::job_id> all_jobs,
                     std::vector<uint32_t> stages, then<core::receipt> done,
                     core::once_ptr once = {}) = 0;
  /// An HTTP runner's claim. The ticket is drawn by the ingress.
  virtual void claim(core::offer what, then<std::vector<core::launch::placed>> done,
                     core::once_ptr once = {}) = 0;
  virtual void start_job(core::job_id job, core::workflow_id workflow, int64_t run,
                         core::node_id node, then<core::done> done, core::once_ptr once = {}) = 0;
  /// @param user who says so; empty: unknown
  virtual void complete_job(core::result_row what, std::string user, then<core::done> done,
                            core::once_ptr once = {}) = 0;
  /// The runner of this instance is gone with all its processes: what it held is requeued.
  virtual void runner_gone(int64_t instance, then<core::done> done, core::once_ptr once = {}) = 0;

  /// Where runners attach, and what they must show.
  struct runner_door {
    std::string host;
    uint16_t port = 0; ///< 0: closed
    std::string token; ///< goes into `attach`
    std::string authority_pem;
  };
  virtual runner_door door() const = 0;
  using news = std::function<void(std::vector<core::happening>)>;
  /// From now on `tell` hears what happens to jobs and nodes; nullptr: nobody needs to know.
  virtual void listen(news tell) = 0;
  /// From now on `tell` is called after every commit; nullptr: nobody needs to know.
  virtual void on_commit(std::function<void()> tell) = 0;
  /// Signs a runner's certificate request. malformed when it is none.
  virtual core::result<std::string> sign(const std::string& csr_pem) = 0;
  /// The last published counters; any thread.
  virtual std::shared_ptr<const core::progress> progress() const = 0;
  /// The runners, as they were a second ago at most; any thread, never null.
  virtual std::shared_ptr<const std::vector<core::runner_view>> runners() const = 0;
};

} // namespace torc::net
