#include "actors/claim_broker.hpp"

#include "actors/handling.hpp"

namespace torc::actors {

broker_actor::behavior_type claim_broker(broker_actor::stateful_pointer<claim_broker_state> self,
                                         std::shared_ptr<core::matcher> matcher,
                                         writer_actor writer) {
  self->state.matcher = std::make_unique<core::matcher>(std::move(*matcher));
  return {
      [self, writer](core::releases& heard) -> caf::result<core::receipt> {
        handling at_work(self, telemetry::message::releases);
        auto placed = self->state.matcher->apply(heard);
        auto& cost = heard.cause.cost;
        cost.matched_at_ns = at_work.begin_ns();
        cost.matching_ns = at_work.stop();
        return self->delegate(writer, core::turn{std::move(heard), std::move(placed.grants),
                                                 std::move(placed.recalls)});
      },
  };
}

} // namespace torc::actors
