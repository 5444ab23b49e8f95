#include "net/keyed_house.hpp"

#include "telemetry/call_span.hpp"

#include <optional>

namespace torc::net {

namespace {

/// A change of the call that this thread works on.
struct change {
  core::once_ptr once;              ///< none: the call has no key
  std::optional<core::effect> made; ///< by an earlier try
};

change next_change() {
  const auto& span = telemetry::current_call();
  const auto call = span ? std::static_pointer_cast<keyed_call>(span->carried()) : nullptr;
  if (!call)
    return {};
  change c;
  c.once = std::make_shared<const core::once>(call->what);
  if (const auto at = call->made.find(call->what.step); at != call->made.end())
    c.made = at->second;
  ++call->what.step;
  return c;
}

core::done done_of(const core::effect& e) {
  return {e.count, false};
}

} // namespace

void foretell(const call& c, const reply& r) {
  if (!c->carried() || r.body.size() > core::most_kept_bytes)
    return;
  static_cast<keyed_call*>(c->carried().get())->what.foretold = {r.status, std::string(r.type),
                                                                 r.body};
}

void keyed_house::edit(core::edit what, then<core::edited> tell, core::once_ptr) {
  auto next = next_change();
  if (next.made)
    return tell(core::edited{std::move(next.made->ids), next.made->count});
  behind_.edit(std::move(what), std::move(tell), std::move(next.once));
}

void keyed_house::control(core::control what, then<core::done> tell, core::once_ptr) {
  auto next = next_change();
  if (next.made)
    return tell(done_of(*next.made));
  behind_.control(std::move(what), std::move(tell), std::move(next.once));
}

void keyed_house::admit(core::admission what, std::vector<core::job_id> all_jobs,
                        std::vector<uint32_t> stages, then<core::receipt> tell, core::once_ptr) {
  auto next = next_change();
  if (next.made)
    return tell(core::receipt{});
  behind_.admit(std::move(what), std::move(all_jobs), std::move(stages), std::move(tell),
                std::move(next.once));
}

void keyed_house::claim(core::offer what, then<std::vector<core::launch::placed>> tell,
                        core::once_ptr) {
  auto next = next_change();
  if (!next.made)
    return behind_.claim(std::move(what), std::move(tell), std::move(next.once));
  std::vector<core::launch::placed> placed;
  for (const auto id : next.made->ids)
    placed.emplace_back().open.job.value = id;
  tell(std::move(placed));
}

void keyed_house::start_job(core::job_id job, core::workflow_id workflow, int64_t run,
                            core::node_id node, then<core::done> tell, core::once_ptr) {
  auto next = next_change();
  if (next.made)
    return tell(done_of(*next.made));
  behind_.start_job(job, workflow, run, node, std::move(tell), std::move(next.once));
}

void keyed_house::complete_job(core::result_row what, std::string user, then<core::done> tell,
                               core::once_ptr) {
  auto next = next_change();
  if (next.made)
    return tell(done_of(*next.made));
  behind_.complete_job(std::move(what), std::move(user), std::move(tell), std::move(next.once));
}

void keyed_house::runner_gone(int64_t instance, then<core::done> tell, core::once_ptr) {
  auto next = next_change();
  if (next.made)
    return tell(done_of(*next.made));
  behind_.runner_gone(instance, std::move(tell), std::move(next.once));
}

} // namespace torc::net
