#include "actors/db_writer.hpp"

#include <chrono>
#include <utility>

namespace torc::actors {

namespace {

using writer_pointer = writer_actor::stateful_pointer<db_writer_state>;

constexpr int64_t max_group_rows = 4096;
constexpr auto quiet_time = std::chrono::milliseconds{500};

void open_group(writer_pointer self) {
  auto& s = self->state;
  if (!s.store->in_group())
    s.store->begin();
  s.busy_since_idle = true;
  if (!std::exchange(s.flush_queued, true))
    self->send(self, flush_atom::value);
}

void commit(writer_pointer self) {
  auto& s = self->state;
  if (!s.store->in_group())
    return;
  s.store->commit();
  for (auto& l : s.launches)
    if (s.collector)
      self->send(s.collector, std::move(l));
  for (auto& t : s.turns)
    t.promise.deliver(t.receipt);
  for (auto& e : s.edits)
    e.promise.deliver(std::move(e.reply));
  s.launches.clear();
  s.turns.clear();
  s.edits.clear();
  if (!std::exchange(s.idle_queued, true))
    self->delayed_send(self, quiet_time, idle_atom::value);
}

void commit_if_large(writer_pointer self) {
  if (self->state.store->group_rows() >= max_group_rows)
    commit(self);
}

core::launch write(storage::store& store, core::turn& t) {
  if (!t.cause.admitted)
    return store.apply(std::move(t));
  auto stages = storage::admitted_stages{std::move(t.cause.admitted->all_jobs),
                                         std::move(t.cause.admitted->all_stages)};
  return store.apply(std::move(t), stages);
}

} // namespace

writer_actor::behavior_type db_writer(writer_pointer self, std::shared_ptr<storage::store> store) {
  self->state.store = std::move(store);
  return {
      [self](core::turn& t) -> caf::result<core::receipt> {
        auto promise = self->make_response_promise<core::receipt>();
        open_group(self);
        auto launch = write(*self->state.store, t);
        self->state.turns.push_back({promise, core::receipt{launch.turn}});
        self->state.launches.push_back(std::move(launch));
        commit_if_large(self);
        return promise;
      },
      [self](const core::edit& e) -> caf::result<edit_reply> {
        auto promise = self->make_response_promise<edit_reply>();
        open_group(self);
        self->state.edits.push_back({promise, edit_reply{self->state.store->apply(e)}});
        commit_if_large(self);
        return promise;
      },
      [self](flush_atom) {
        self->state.flush_queued = false;
        commit(self);
      },
      [self](idle_atom) {
        auto& s = self->state;
        s.idle_queued = false;
        if (std::exchange(s.busy_since_idle, false)) {
          s.idle_queued = true;
          self->delayed_send(self, quiet_time, idle_atom::value);
        } else if (!s.store->in_group()) {
          s.store->checkpoint();
        }
      },
      [self](const launch_actor& collector) { self->state.collector = collector; },
  };
}

} // namespace torc::actors
