#include "actors/claim_broker.hpp"

namespace torc::actors {

broker_actor::behavior_type claim_broker(broker_actor::stateful_pointer<claim_broker_state> self,
                                         std::shared_ptr<core::matcher> matcher,
                                         writer_actor writer) {
  self->state.matcher = std::make_unique<core::matcher>(std::move(*matcher));
  return {
      [self, writer](core::releases& heard) -> caf::result<core::receipt> {
        auto placed = self->state.matcher->apply(heard);
        return self->delegate(writer, core::turn{std::move(heard), std::move(placed.grants),
                                                 std::move(placed.recalls)});
      },
  };
}

} // namespace torc::actors
