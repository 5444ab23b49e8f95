#include "actors/db_writer.hpp"

#include "actors/handling.hpp"

#include <algorithm>
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
  const auto rows = s.store->group_rows();
  const auto begin_ns = telemetry::now_ns();
  s.store->commit();
  record(telemetry::quantity::commit_ns, telemetry::now_ns() - begin_ns);
  record(telemetry::quantity::group_rows, rows);
  record(telemetry::quantity::group_writes, static_cast<int64_t>(s.turns.size() + s.edits.size()));
  if (auto news = s.store->take_news(); !news.empty() && s.watchers)
    self->send(s.watchers, news_of_turn{std::move(news)});
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

/// Parts that a turn's writing is shared out among.
int64_t items_of(const core::turn& t) {
  const auto& v = t.cause.cause;
  const auto admitted = t.cause.admitted ? t.cause.admitted->all_jobs.size() : 0;
  const auto items = v.started.size() + v.ended.size() + v.retried.size() + v.controls.size() +
                     t.grants.size() + admitted;
  return std::max<int64_t>(static_cast<int64_t>(items), 1);
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
        handling at_work(self, telemetry::message::turn);
        const auto items = items_of(t);
        auto cost = t.cause.cause.cost;
        open_group(self);
        auto launch = write(*self->state.store, t);
        cost.writing_ns = at_work.stop() / items;
        launch.cost = cost;
        self->state.turns.push_back({promise, core::receipt{launch.turn, cost}});
        self->state.launches.push_back(std::move(launch));
        commit_if_large(self);
        return promise;
      },
      [self](const core::edit& e) -> caf::result<edit_reply> {
        auto promise = self->make_response_promise<edit_reply>();
        handling at_work(self, telemetry::message::edit);
        open_group(self);
        self->state.edits.push_back({promise, edit_reply{self->state.store->apply(e)}});
        self->state.edits.back().reply.busy_ns = at_work.stop();
        commit_if_large(self);
        return promise;
      },
      [self](flush_atom) {
        const handling at_work(self, telemetry::message::flush);
        self->state.flush_queued = false;
        commit(self);
      },
      [self](idle_atom) {
        const handling at_work(self, telemetry::message::idle);
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
      [self](const news_actor& watchers) { self->state.watchers = watchers; },
  };
}

} // namespace torc::actors
