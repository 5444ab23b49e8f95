#pragma once

#include "net/exchange.hpp"
#include "net/port.hpp"

#include <map>
#include <memory>

namespace torc::net {

/// A call that is to take effect once, while it is made: which change comes next, and what those
/// came to that an earlier try has made already.
struct keyed_call {
  core::once what; ///< `step`: of the next change
  std::map<int32_t, core::effect> made;
};

/// The reply that the call will have if the change that is asked for next is made: for a change
/// after which it could not be made any more.
void foretell(const call& c, const reply& r);

/// The house as handlers see it. What they ask for in a call with an Idempotency-Key goes on with
/// that key, unless an earlier try of the call has done it: then it is answered with what that came
/// to, and nothing is done. The call is known by what its span carries, so that no handler has to
/// know of keys. Socket thread only.
class keyed_house final : public port {
public:
  explicit keyed_house(port& behind) : behind_(behind) {}

  void edit(core::edit what, then<core::edited> tell, core::once_ptr once = {}) override;
  void control(core::control what, then<core::done> tell, core::once_ptr once = {}) override;
  void admit(core::admission what, std::vector<core::job_id> all_jobs, std::vector<uint32_t> stages,
             then<core::receipt> tell, core::once_ptr once = {}) override;
  void claim(core::offer what, then<std::vector<core::launch::placed>> tell,
             core::once_ptr once = {}) override;
  void start_job(core::job_id job, core::workflow_id workflow, int64_t run, core::node_id node,
                 then<core::done> tell, core::once_ptr once = {}) override;
  void complete_job(core::result_row what, std::string user, then<core::done> tell,
                    core::once_ptr once = {}) override;
  void runner_gone(int64_t instance, then<core::done> tell, core::once_ptr once = {}) override;

  runner_door door() const override { return behind_.door(); }
  void listen(news tell) override { behind_.listen(std::move(tell)); }
  void on_commit(std::function<void()> tell) override { behind_.on_commit(std::move(tell)); }
  core::result<std::string> sign(const std::string& csr_pem) override {
    return behind_.sign(csr_pem);
  }
  std::shared_ptr<const core::progress> progress() const override { return behind_.progress(); }
  std::shared_ptr<const std::vector<core::runner_view>> runners() const override {
    return behind_.runners();
  }

private:
  port& behind_;
};

} // namespace torc::net
