#include "actors/ring.hpp"

#include "actors/claim_broker.hpp"
#include "actors/collector.hpp"
#include "actors/db_writer.hpp"
#include "actors/unblocker.hpp"

#include <caf/send.hpp>

namespace torc::actors {

ring tie_ring(caf::actor_system& system, std::shared_ptr<storage::store> store,
              const core::image& image, ring_settings settings) {
  settings.ledger.epoch = image.epoch;
  settings.ledger.promised_lease_ms = image.promised_lease_ms;
  auto graph = std::make_shared<core::graph>();
  auto matcher = std::make_shared<core::matcher>(core::first_id_of(image.epoch));
  auto ledger = std::make_shared<core::ledger>(settings.ledger);
  for (auto& a : image.workflows) {
    graph->restore(a);
    matcher->restore(a);
  }
  for (auto& o : image.open)
    ledger->restore(o.open, o.started, o.runner_instance, settings.now);
  auto out = ring{};
  out.writer = settings.detach_writer
                   ? system.spawn<caf::detached>(db_writer, std::move(store), settings.traces)
                   : system.spawn(db_writer, std::move(store), settings.traces);
  out.broker = system.spawn(claim_broker, std::move(matcher), out.writer);
  out.unblocker = system.spawn(unblocker, std::move(graph), out.broker);
  out.collector = system.spawn(
      collector, std::move(ledger), out.unblocker,
      collector_settings{std::move(settings.token), settings.now, std::move(settings.log),
                         settings.traces ? settings.traces->seed() : telemetry::trace_seed{},
                         std::move(settings.show_runners)});
  caf::anon_send(out.writer, caf::actor_cast<launch_actor>(out.collector));
  return out;
}

void untie(ring& r) {
  caf::anon_send_exit(r.collector, caf::exit_reason::user_shutdown);
  caf::anon_send_exit(r.unblocker, caf::exit_reason::user_shutdown);
  caf::anon_send_exit(r.broker, caf::exit_reason::user_shutdown);
  caf::anon_send_exit(r.writer, caf::exit_reason::user_shutdown);
  r = ring{};
}

} // namespace torc::actors
