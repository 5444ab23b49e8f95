#include "actors/db_writer.hpp"

#include "actors/handling.hpp"
#include "telemetry/deeds.hpp"
#include "telemetry/lines.hpp"

#include <algorithm>
#include <chrono>
#include <utility>

namespace torc::actors {

namespace {

using writer_pointer = writer_actor::stateful_pointer<db_writer_state>;

constexpr int64_t max_group_rows = 4096;
constexpr auto quiet_time = std::chrono::milliseconds{500};
constexpr auto look_interval = std::chrono::milliseconds{10};

void note_open(writer_pointer self) {
  auto& s = self->state;
  s.busy_since_idle = true;
  if (!std::exchange(s.flush_queued, true))
    self->send(self, flush_atom::value);
}

/// Tells the watch what has changed about the foreign lock.
void tell_watch(writer_pointer self) {
  auto& s = self->state;
  if (s.locked_by == s.store->locked_by())
    return;
  s.locked_by = s.store->locked_by();
  if (s.watch)
    self->send(s.watch, foreign_lock{s.locked_by});
}

/// @returns false when somebody else has the database
bool open_group(writer_pointer self) {
  auto& s = self->state;
  const bool open = s.store->in_group() || s.store->try_begin();
  tell_watch(self);
  if (open)
    note_open(self);
  return open;
}

void tell_commit(const db_writer_state& s, int64_t rows, int64_t ns) {
  std::string line = "commit " + std::to_string(s.store->progress()->commits);
  if (!s.turns.empty())
    line += ": turn " + std::to_string(s.turns.back().receipt.turn);
  line += ": " + std::to_string(s.turns.size()) + " turns, " + std::to_string(s.edits.size()) +
          " edits, " + std::to_string(rows) + " rows in " + telemetry::in_ms(ns);
  telemetry::tell(telemetry::deed::commit, line);
}

void commit(writer_pointer self) {
  auto& s = self->state;
  if (!s.store->in_group())
    return;
  const auto rows = s.store->group_rows();
  const auto begin_ns = telemetry::now_ns();
  s.store->commit();
  const auto commit_ns = telemetry::now_ns() - begin_ns;
  record(telemetry::quantity::commit_ns, commit_ns);
  record(telemetry::quantity::group_rows, rows);
  record(telemetry::quantity::group_writes, static_cast<int64_t>(s.turns.size() + s.edits.size()));
  if (telemetry::is_told(telemetry::deed::commit))
    tell_commit(s, rows, commit_ns);
  s.notes.on_disk();
  if (s.watchers && s.store->collects_news())
    self->send(s.watchers, news_of_turn{s.store->take_news()});
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
  s.store->tend_log();
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

void take(writer_pointer self, db_writer_state::held_turn& t) {
  auto& s = self->state;
  handling at_work(self, telemetry::message::turn);
  const auto items = items_of(t.what);
  auto cost = t.what.cause.cause.cost;
  s.notes.take(t.what);
  auto launch = write(*s.store, t.what);
  s.notes.take(launch);
  cost.writing_ns = at_work.stop() / items;
  launch.cost = cost;
  s.turns.push_back({t.promise, core::receipt{launch.turn, cost}});
  s.launches.push_back(std::move(launch));
  commit_if_large(self);
}

void take(writer_pointer self, db_writer_state::held_edit& e) {
  auto& s = self->state;
  handling at_work(self, telemetry::message::edit);
  s.edits.push_back({e.promise, edit_reply{s.store->apply(e.what)}});
  if (const auto& done = s.edits.back().reply.outcome; e.once && done)
    s.store->remember(*e.once, {done->ids, done->count});
  s.edits.back().reply.busy_ns = at_work.stop();
  commit_if_large(self);
}

void look_later(writer_pointer self) {
  if (!std::exchange(self->state.look_queued, true))
    self->delayed_send(self, look_interval, look_atom::value);
}

/// Writes what it is given, or holds it until the database is free.
template <class Held>
void write_or_hold(writer_pointer self, Held what) {
  auto& s = self->state;
  if (s.held.empty() && open_group(self))
    return take(self, what);
  s.held.emplace_back(std::move(what));
  look_later(self);
}

/// A turn waits as long as it takes, since memory runs ahead of the disk already. An edit need not.
void refuse_held_edits(writer_pointer self) {
  auto& s = self->state;
  std::erase_if(s.held, [&](auto& h) {
    auto* e = std::get_if<db_writer_state::held_edit>(&h);
    if (e)
      e->promise.deliver(edit_reply{foreign_lock{s.locked_by}.refusal()});
    return e != nullptr;
  });
}

/// Nobody was told anything of these turns: a crash would have lost no more.
void abandon_held_turns(writer_pointer self) {
  for (auto& h : std::exchange(self->state.held, {}))
    std::get<db_writer_state::held_turn>(h).promise.deliver(
        caf::make_error(caf::exit_reason::user_shutdown));
}

void look(writer_pointer self) {
  auto& s = self->state;
  s.look_queued = false;
  while (open_group(self) && !s.held.empty()) {
    auto next = std::move(s.held.front());
    s.held.pop_front();
    std::visit([&](auto& h) { take(self, h); }, next);
  }
  if (!s.locked_by.empty()) {
    refuse_held_edits(self);
    if (s.closing)
      abandon_held_turns(self);
  }
  if (!s.held.empty() || !s.locked_by.empty())
    look_later(self);
}

} // namespace

writer_actor::behavior_type db_writer(writer_pointer self, std::shared_ptr<storage::store> store,
                                      std::shared_ptr<telemetry::trace_sink> traces) {
  self->state.store = std::move(store);
  self->state.notes = job_notes(std::move(traces));
  return {
      [self](core::turn& t) -> caf::result<core::receipt> {
        auto promise = self->make_response_promise<core::receipt>();
        write_or_hold(self, db_writer_state::held_turn{promise, std::move(t)});
        return promise;
      },
      [self](core::edit& e) -> caf::result<edit_reply> {
        auto promise = self->make_response_promise<edit_reply>();
        write_or_hold(self, db_writer_state::held_edit{promise, std::move(e), nullptr});
        return promise;
      },
      [self](keyed_edit& e) -> caf::result<edit_reply> {
        auto promise = self->make_response_promise<edit_reply>();
        write_or_hold(self, db_writer_state::held_edit{promise, std::move(e.what), e.once});
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
      [self](look_atom) { look(self); },
      [self](const launch_actor& collector) { self->state.collector = collector; },
      [self](const news_actor& watchers) { self->state.watchers = watchers; },
      [self](const lock_watch_actor& watch) { self->state.watch = watch; },
      [self](close_atom) { self->state.closing = true; },
  };
}

} // namespace torc::actors
