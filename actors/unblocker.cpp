#include "actors/unblocker.hpp"

#include "actors/handling.hpp"
#include "core/find_job.hpp"

namespace torc::actors {

namespace {

core::releases as_releases(core::graph::step step) {
  auto out = core::releases{};
  out.ready = std::move(step.ready);
  out.withheld = std::move(step.withheld);
  out.canceled = std::move(step.canceled);
  out.withdrawn = std::move(step.withdrawn);
  out.dropped = std::move(step.dropped);
  out.completed = std::move(step.completed);
  out.amended = std::move(step.amended);
  out.unheld = std::move(step.unheld);
  return out;
}

/// Whoever asked plans anew when the disk says who has been granted one of them.
caf::result<core::receipt> withhold(unblocker_actor::stateful_pointer<unblocker_state> self,
                                    const broker_actor& broker, core::releases&& what) {
  auto promise = self->make_response_promise<core::receipt>();
  self->request(broker, caf::infinite, std::move(what))
      .then(
          [promise](const core::receipt& r) mutable {
            promise.deliver(core::receipt{0, r.cost});
          },
          [promise](caf::error& e) mutable { promise.deliver(std::move(e)); });
  return promise;
}

} // namespace

unblocker_actor::behavior_type unblocker(unblocker_actor::stateful_pointer<unblocker_state> self,
                                         std::shared_ptr<core::graph> graph, broker_actor broker) {
  self->state.graph = std::move(*graph);
  return {
      [self, broker](core::verdicts& heard) -> caf::result<core::receipt> {
        handling at_work(self, telemetry::message::verdicts);
        auto out = as_releases(self->state.graph.apply(heard));
        out.cause = std::move(heard);
        out.cause.cost.judging_ns += at_work.stop();
        return self->delegate(broker, std::move(out));
      },
      [self, broker](core::admission& heard) -> caf::result<core::receipt> {
        handling at_work(self, telemetry::message::admission);
        if (self->state.graph.is_outdated(heard))
          return core::receipt{};
        auto step = self->state.graph.admit(heard);
        if (!step.withheld.empty())
          return withhold(self, broker, as_releases(std::move(step)));
        // As of those that were open when they were read: their rows are right already.
        for (auto job : step.ended_since)
          heard.jobs[core::find_job(heard.jobs, job)].status = core::job_status::running;
        auto out = as_releases(std::move(step));
        out.admitted = std::move(heard);
        out.cause.cost.judging_ns = at_work.stop();
        return self->delegate(broker, std::move(out));
      },
  };
}

} // namespace torc::actors
