#pragma once

#include "actors/interfaces.hpp"
#include "core/image.hpp"
#include "core/ledger.hpp"
#include "storage/store.hpp"
#include "telemetry/job_traces.hpp"

#include <caf/actor_system.hpp>

#include <functional>
#include <memory>
#include <string>

namespace torc::actors {

/// The four rooms that messages go round. The ingress stands in front of them.
struct ring {
  writer_actor writer;
  broker_actor broker;
  unblocker_actor unblocker;
  collector_actor collector;
};

struct ring_settings {
  std::string token;
  core::ledger::settings ledger;
  core::instant now;
  std::function<void(const std::string& line)> log; ///< any thread
  bool detach_writer = true; ///< a thread of its own; tests say no, to step through it
  std::shared_ptr<telemetry::trace_sink> traces = {}; ///< who hears what jobs go through, or nobody
  std::function<void(std::vector<core::runner_view>)> show_runners = {}; ///< any thread
};

/// Furnishes the rooms from the disk and ties them. Recovery takes the same path as life, and sends
/// nothing: what a step of it would tell is on disk already.
ring tie_ring(caf::actor_system& system, std::shared_ptr<storage::store> store,
              const core::image& image, ring_settings settings);

/// Ends the rooms; they hold each other, so letting go of the handles is not enough. What was not
/// on disk is gone, as after a crash: drain the collector first with close_atom.
void untie(ring& r);

} // namespace torc::actors
