#include "actors/runner_room.hpp"

#include <unistd.h>

#include <algorithm>
#include <utility>
#include <vector>

namespace torc::actors {

namespace {

void act(runner_pointer self);
void dial(runner_pointer self);

int64_t now(runner_pointer self) {
  return self->state.parts.now_us();
}

void log(runner_pointer self, const std::string& line) {
  if (auto& l = self->state.parts.settings.log)
    l(line);
}

runner_report report_of(runner_pointer self) {
  auto& s = self->state;
  auto counts = s.desk->counts();
  auto out = runner_report{};
  out.started = counts.started;
  out.completed = counts.completed;
  out.failed = counts.failed;
  out.idle_seconds = counts.idle_seconds;
  out.wall_seconds = s.attached_us ? static_cast<double>(now(self) - s.attached_us) / 1e6 : 0;
  out.canceled = counts.canceled;
  out.drained = counts.drained;
  out.hops_us = std::move(counts.hops_us);
  return out;
}

/// The last act. Nothing of the room may be touched after it.
void finish(runner_pointer self, core::result<runner_report> outcome) {
  auto done = std::move(self->state.parts.done);
  self->quit();
  done(std::move(outcome));
}

core::wire::attach introduction(runner_pointer self) {
  auto& s = self->state;
  auto& set = s.parts.settings;
  auto a = core::wire::attach{};
  a.instance = s.parts.instance;
  a.token = set.token;
  a.user = set.user;
  a.workflow = set.workflow;
  a.hostname = set.hostname;
  a.pid = getpid();
  a.slots = set.slots;
  a.num_cpus = set.room.num_cpus;
  a.num_gpus = set.room.num_gpus;
  a.num_nodes = set.room.num_nodes;
  a.memory_bytes = set.room.memory_bytes;
  a.time_limit_s = set.room.time_limit_s.value_or(-1);
  a.prefill = set.prefill;
  a.version = set.version;
  a.labels = set.room.labels.names;
  if (!a.labels.empty()) // A server that knows none would send any job.
    a.oldest = core::wire::protocol_of_labels;
  s.desk->introduce(a, now(self));
  return a;
}

std::chrono::microseconds longest_pause_of(runner_pointer self, bool is_busy) {
  using std::chrono::microseconds;
  const microseconds most = is_busy ? longest_busy_pause : longest_pause;
  const auto lease = microseconds{self->state.desk->lease_us()};
  if (lease.count() == 0)
    return most;
  return std::clamp<microseconds>(lease / pauses_in_a_lease, first_pause, most);
}

void redial_later(runner_pointer self, const std::string& why, bool is_busy = false) {
  auto& s = self->state;
  ++s.try_number;
  ++s.failures;
  if (s.door)
    self->demonitor(s.door.address());
  s.door = door_actor{};
  if (!s.ever_attached && s.failures >= first_tries)
    return finish(self, core::refuse(core::refusal::unavailable, why));
  if (why != std::exchange(s.last_failure, why))
    log(self, why + "; trying again");
  auto pause = std::min<std::chrono::microseconds>(
      first_pause * (1 << std::min(s.failures - 1, 10)), longest_pause_of(self, is_busy));
  auto percent = std::uniform_int_distribution<int>{80, 120}(s.random);
  self->delayed_send(self, pause * percent / 100, redial_atom::value);
}

void lose_line(runner_pointer self, const std::string& why) {
  self->state.desk->cut_off(now(self));
  redial_later(self, why);
  if (self->state.parts.done)
    act(self);
}

void on_welcome(runner_pointer self, const core::sealed& envelope) {
  auto& s = self->state;
  auto w = core::open_sealed<core::wire::welcome>(envelope);
  if (!w || w->runner == 0) {
    auto why = "the server refuses this runner: " + (w ? w->refused : w.why().message);
    if (s.ever_attached)
      return lose_line(self, why);
    return finish(self, core::refuse(core::refusal::forbidden, std::move(why)));
  }
  s.protocol = std::min(w->chosen_protocol, core::wire::protocol);
  s.failures = 0;
  s.last_failure.clear();
  if (!std::exchange(s.ever_attached, true))
    s.attached_us = now(self);
  s.desk->hear(*w, now(self));
  log(self, "attached as runner " + std::to_string(w->runner) + " to " + s.parts.settings.host +
                ":" + std::to_string(s.parts.settings.port));
  act(self);
}

void attach(runner_pointer self, door_actor door) {
  auto& s = self->state;
  if (!door)
    return redial_later(self, "nobody answers at the runner port");
  s.door = std::move(door);
  self->monitor(s.door);
  auto me = caf::actor_cast<runner_actor>(self);
  auto number = ++s.try_number;
  self->request(s.door, attach_timeout, core::seal(introduction(self)), me)
      .then(
          [self, number](const core::sealed& welcome) {
            if (number == self->state.try_number)
              on_welcome(self, welcome);
          },
          [self, number](const caf::error& e) {
            if (number != self->state.try_number)
              return;
            auto& after = self->state;
            // A server that is there and does not answer will not answer the next try either.
            if (e == caf::sec::request_timeout)
              after.failures = std::max(after.failures, first_tries - 1);
            redial_later(self, "the server did not answer: " + self->system().render(e));
          });
}

void dial(runner_pointer self) {
  auto number = ++self->state.try_number;
  self->state.parts.dial(self, [self, number](core::result<door_actor> door) {
    if (number != self->state.try_number)
      return;
    if (door)
      attach(self, std::move(*door));
    else
      redial_later(self, door.why().message, door.why().why == core::refusal::conflict);
  });
}

void wake_at(runner_pointer self, int64_t at_us) {
  auto& s = self->state;
  if (at_us >= s.wake_us)
    return;
  s.wake_us = at_us;
  auto pause = std::chrono::microseconds{std::max<int64_t>(1'000, at_us - now(self))};
  self->delayed_send(self, pause, wake_atom::value, at_us);
}

/// Does what the desk says. Called at the end of every turn.
void act(runner_pointer self) {
  auto& s = self->state;
  auto todo = s.desk->settle(now(self));
  if (s.desk->counts().lost && !std::exchange(s.lost_is_logged, true))
    log(self, "nothing was heard of the server for the whole lease; the running jobs are ended, "
              "since it gives them to others, and so is the runner");
  for (auto& o : todo.start)
    s.the_hands->launch(std::move(o));
  for (auto grant : todo.kill)
    s.the_hands->kill(grant);
  if (todo.send)
    self->send(s.door, core::seal(*todo.send, s.protocol));
  if (s.parts.settings.on_end)
    for (auto& e : todo.ended)
      s.parts.settings.on_end(e);
  if (s.desk->over(now(self))) {
    if (s.desk->said_goodbye())
      s.the_hands->retire();
    return finish(self, report_of(self));
  }
  wake_at(self, s.desk->wake_at());
}

/// Messages of an unknown kind are a newer server's and no concern of ours.
void on_message(runner_pointer self, const core::sealed& envelope) {
  namespace wire = core::wire;
  auto& desk = *self->state.desk;
  auto hear = [&](auto message, auto... time) {
    if (message)
      desk.hear(std::move(*message), time...);
    else
      log(self, "a message of the server cannot be read: " + message.why().message);
  };
  switch (envelope.kind) {
  case core::kind_of<wire::run_jobs>: {
    auto orders = core::open_sealed<wire::run_jobs>(envelope);
    if (orders)
      self->state.the_hands->trace(orders->trace);
    hear(std::move(orders), now(self));
    break;
  }
  case core::kind_of<wire::revoke>:
    hear(core::open_sealed<wire::revoke>(envelope));
    break;
  case core::kind_of<wire::ack>:
    hear(core::open_sealed<wire::ack>(envelope));
    break;
  case core::kind_of<wire::finished>:
    hear(core::open_sealed<wire::finished>(envelope));
    break;
  default:
    return;
  }
  act(self);
}

void on_news(runner_pointer self, hands_news& news) {
  auto& desk = *self->state.desk;
  for (auto& s : news.started)
    desk.started(s.grant, s.start_us, now(self));
  for (auto& e : news.ended)
    desk.ended(std::move(e), now(self));
  if (news.lost) {
    log(self, "the process that starts the jobs is gone; the jobs are ended and so is the runner");
    desk.kill();
    auto at = std::chrono::duration_cast<std::chrono::microseconds>(
                  std::chrono::system_clock::now().time_since_epoch())
                  .count();
    for (auto grant : news.open) {
      auto e = core::wire::ended{};
      e.what.grant = grant;
      e.return_code = 137;
      e.start_us = e.end_us = at;
      desk.ended(std::move(e), now(self));
    }
  }
  act(self);
}

void on_stop(runner_pointer self, int level) {
  auto& s = self->state;
  if (level <= s.stop_level)
    return;
  s.stop_level = level;
  log(self, level == 1 ? "draining: no new job is started"
                       : "ending the running jobs; they are given back for another attempt");
  if (level == 1)
    s.desk->drain();
  else
    s.desk->break_off();
  if (!s.ever_attached)
    return finish(self, report_of(self));
  act(self);
}

core::desk::settings desk_settings(const runner_settings& s) {
  auto d = core::desk::settings{};
  d.slots = s.slots;
  d.room = s.room;
  d.workflow = s.workflow;
  d.idle_exit_us = s.idle_exit_s * 1'000'000;
  return d;
}

} // namespace

runner_room::behavior_type runner(runner_pointer self, runner_parts parts) {
  auto& s = self->state;
  s.parts = std::move(parts);
  s.random.seed(static_cast<uint32_t>(s.parts.instance));
  s.desk.emplace(desk_settings(s.parts.settings));
  s.the_hands = s.parts.make_hands([room = caf::actor_cast<runner_room>(self)](hands_news news) {
    caf::anon_send(room, std::move(news));
  });
  self->set_down_handler([self](const caf::down_msg& down) {
    if (self->state.door && down.source == self->state.door.address())
      lose_line(self, "the connection to the server is lost");
  });
  self->set_default_handler(caf::drop);
  dial(self);
  return {
      [self](const core::sealed& envelope) { on_message(self, envelope); },
      [self](hands_news& news) { on_news(self, news); },
      [self](stop_wish wish) { on_stop(self, wish.level); },
      [self](wake_atom, int64_t at_us) {
        if (at_us != self->state.wake_us)
          return;
        self->state.wake_us = std::numeric_limits<int64_t>::max();
        act(self);
      },
      [self](redial_atom) { dial(self); },
  };
}

} // namespace torc::actors
