#include "actors/collector.hpp"

#include "actors/handling.hpp"
#include "core/environment.hpp"
#include "core/secret.hpp"

#include <algorithm>
#include <chrono>
#include <utility>

namespace torc::actors {

namespace {

using collector_pointer = collector_actor::stateful_pointer<collector_state>;

constexpr int window = 2;
constexpr auto tick_interval = std::chrono::seconds{1};

core::instant now(collector_pointer self) {
  auto& s = self->state;
  auto run = self->clock().now() - s.started;
  return {s.settings.now.us + std::chrono::duration_cast<std::chrono::microseconds>(run).count()};
}

core::ticket_id draw_ticket(collector_pointer self) {
  return core::ticket_id{self->state.next_ticket++};
}

/// A handler that judges: what it takes is part of the next batch's cost.
class judging {
public:
  judging(collector_pointer self, telemetry::message m) : self_(self), at_work_(self, m) {
    self_->state.spans.began(at_work_.begin_ns());
  }
  ~judging() {
    auto& s = self_->state;
    s.spans.ended(at_work_.begin_ns() + at_work_.stop());
    telemetry::set_level(telemetry::level::runners, s.runners.size());
    telemetry::set_level(telemetry::level::open_grants, s.ledger->open_grants());
    telemetry::set_level(telemetry::level::turns_in_flight, static_cast<size_t>(s.in_flight));
  }
  judging(const judging&) = delete;
  judging& operator=(const judging&) = delete;

private:
  collector_pointer self_;
  handling<std::remove_pointer_t<collector_pointer>> at_work_;
};

void answer(collector_pointer self, core::ledger::reply& r, const charge& each) {
  auto& s = self->state;
  if (auto at = s.claims.find(r.ticket); at != s.claims.end()) {
    const auto& what = at->second.what;
    const auto busy = record_match(each, what.workflow, what.limit, r.orders.size(), &what);
    at->second.promise.deliver(claimed{std::move(r.orders), busy});
    s.claims.erase(at);
  } else if (auto call = s.calls.find(r.ticket); call != s.calls.end()) {
    call->second.deliver(call_reply{std::move(r.outcome), each.call_ns});
    s.calls.erase(call);
  }
}

/// A runner of an earlier version would skip them.
void put_environments_into_commands(core::wire::run_jobs& all) {
  for (auto& order : all.orders)
    if (!order.env.empty())
      order.command = core::with_exports(std::exchange(order.env, {}), order.command);
}

void tell(collector_pointer self, core::ledger::told told, const charge& each = {}) {
  auto& s = self->state;
  for (auto& p : told.parcels) {
    auto* run = std::get_if<core::wire::run_jobs>(&p.what);
    if (run)
      run->trace = {s.settings.trace.high, s.settings.trace.low, s.settings.trace.bound};
    if (run && each.matched_at_ns > 0)
      record_match(each, core::workflow_id{run->orders.front().workflow},
                   static_cast<int64_t>(run->orders.size()), run->orders.size(), nullptr);
    if (auto at = s.runners.find(p.to); at != s.runners.end()) {
      if (run && at->second.protocol < core::wire::protocol_of_labels)
        put_environments_into_commands(*run);
      self->send(at->second.handle,
                 std::visit([as = at->second.protocol](auto& what) { return core::seal(what, as); },
                            p.what));
    }
  }
  for (auto& r : told.replies)
    answer(self, r, each);
}

/// The writer's news of a turn: orders, and the answers to claims and controls.
void on_launch(collector_pointer self, const core::launch& l) {
  auto& s = self->state;
  auto told = s.ledger->hear(l);
  const auto orders = std::count_if(told.parcels.begin(), told.parcels.end(), [](const auto& p) {
    return std::holds_alternative<core::wire::run_jobs>(p.what);
  });
  const auto offers = static_cast<size_t>(orders) + l.offers.size();
  tell(self, std::move(told), s.spans.share(l.batch, l.cost, offers));
}

/// Sends what has been judged, unless two batches are under way: their receipts send the rest.
void pump(collector_pointer self, const unblocker_actor& unblocker) {
  auto& s = self->state;
  s.spans.heard(s.ledger->judged());
  while (!s.abandoned && s.in_flight < window && s.ledger->has_verdicts()) {
    auto batch = s.ledger->take_batch();
    s.spans.leaves(batch);
    auto number = batch.batch;
    ++s.in_flight;
    self->request(unblocker, caf::infinite, std::move(batch))
        .then(
            [self, unblocker, number](const core::receipt& r) {
              const judging at_work(self, telemetry::message::receipt);
              auto& spans = self->state.spans;
              const auto each = spans.share(number, r.cost, 0);
              spans.on_disk(number, each);
              --self->state.in_flight;
              tell(self, self->state.ledger->on_disk(number), {each.call_ns, 0, 0, 0});
              pump(self, unblocker);
            },
            [self, unblocker](const caf::error& e) {
              // A house that closes over a foreign lock gives up what nobody was told of.
              if (e != caf::exit_reason::user_shutdown && !self->state.closing)
                core::fault("the ring is broken: " + self->system().render(e));
              self->state.abandoned = true;
              --self->state.in_flight;
              pump(self, unblocker);
            });
  }
  if (s.closing && s.in_flight == 0)
    s.closing->deliver(core::receipt{});
}

/// Names the runner that the current message comes from; none when it never attached.
core::runner_id sender(collector_pointer self) {
  auto& known = self->state.addresses;
  auto at = known.find(caf::actor_cast<caf::actor_addr>(self->current_sender()));
  return at == known.end() ? core::runner_id{} : at->second;
}

core::wire::welcome refuse(std::string why) {
  auto w = core::wire::welcome{};
  w.refused = std::move(why);
  return w;
}

void forget(collector_pointer self, core::runner_id runner) {
  auto& s = self->state;
  if (auto at = s.runners.find(runner); at != s.runners.end()) {
    s.addresses.erase(at->second.handle.address());
    self->demonitor(at->second.handle.address());
    s.runners.erase(at);
  }
}

/// Which runners are still of an earlier version, for whoever upgrades.
std::string program_of(const core::wire::attach& a) {
  return (a.version.empty() ? "" : ", version " + a.version) + ", protocol " +
         std::to_string(a.newest_protocol);
}

/// Once for each runner: who lies goes on lying.
void note_lie(collector_pointer self, core::runner_id runner, const std::string& lie) {
  auto& s = self->state;
  const auto at = s.runners.find(runner);
  if (lie.empty() || at == s.runners.end() || std::exchange(at->second.is_known_to_lie, true))
    return;
  s.settings.log("runner " + std::to_string(runner.value) +
                 " says what cannot be, which is refused: " + lie);
}

core::wire::welcome welcome_of(collector_pointer self, const core::sealed& envelope,
                               const runner_actor& runner, core::ledger::told& told) {
  auto& s = self->state;
  if (s.closing)
    return refuse("the server is shutting down");
  auto heard = core::open_sealed<core::wire::attach>(envelope);
  if (!heard)
    return refuse(heard.why().message);
  if (!core::same_secret(heard->token, s.settings.token))
    return refuse("the token is not this server's; attach again with a fresh certificate");
  auto welcome = s.ledger->attach(*heard, now(self), told);
  auto id = core::runner_id{welcome.runner};
  if (!id)
    return welcome;
  forget(self, id);
  s.runners.emplace(id, collector_state::guest{runner, welcome.chosen_protocol});
  s.addresses.emplace(runner.address(), id);
  self->monitor(runner);
  s.settings.log("runner " + std::to_string(id.value) + " of " + heard->user + " attached from " +
                 heard->hostname + " pid " + std::to_string(heard->pid) + program_of(*heard));
  return welcome;
}

caf::result<core::sealed> on_attach(collector_pointer self, const unblocker_actor& unblocker,
                                    const core::sealed& envelope, const runner_actor& runner) {
  auto promise = self->make_response_promise<core::sealed>();
  if (!runner) {
    promise.deliver(core::seal(refuse("attach without a handle")));
    return promise;
  }
  auto told = core::ledger::told{};
  // The welcome goes out first: orders are for runners that know their id.
  const auto welcome = welcome_of(self, envelope, runner, told);
  promise.deliver(core::seal(welcome, std::min(welcome.chosen_protocol, core::wire::protocol)));
  note_lie(self, core::runner_id{welcome.runner}, told.lie);
  tell(self, std::move(told));
  pump(self, unblocker);
  return promise;
}

void on_report(collector_pointer self, const unblocker_actor& unblocker,
               const core::sealed& envelope) {
  auto& s = self->state;
  auto from = sender(self);
  if (!from)
    return; // Never attached, or attached again from elsewhere: its reports are nobody's.
  auto heard = core::open_sealed<core::wire::report>(envelope);
  if (!heard || heard->runner != from.value) {
    s.settings.log("runner " + std::to_string(from.value) + " sent a report that cannot be read");
    return;
  }
  auto told = core::ledger::told{};
  s.ledger->hear(*heard, now(self), told);
  note_lie(self, from, told.lie);
  tell(self, std::move(told));
  pump(self, unblocker);
}

void on_down(collector_pointer self, const caf::down_msg& down) {
  auto& s = self->state;
  auto at = s.addresses.find(down.source);
  if (at == s.addresses.end())
    return;
  auto runner = at->second;
  s.addresses.erase(at);
  s.runners.erase(runner);
  s.ledger->disconnected(runner);
  s.settings.log("runner " + std::to_string(runner.value) + " disconnected");
}

/// Looks at the leases. The handle of a lost runner is nobody's: it may never be reported down.
void on_tick(collector_pointer self) {
  auto& s = self->state;
  for (auto lost : s.ledger->tick(now(self))) {
    forget(self, lost);
    s.settings.log("runner " + std::to_string(lost.value) +
                   " is lost: nothing was heard of it for longer than its lease");
  }
  if (s.settings.show_runners)
    s.settings.show_runners(s.ledger->runners());
}

/// Registers a caller before the ledger judges, because a refusal comes back at once.
template <class Judge>
caf::result<call_reply> on_call(collector_pointer self, const unblocker_actor& unblocker,
                                const core::once_ptr& once, Judge judge) {
  auto ticket = draw_ticket(self);
  auto told = core::ledger::told{};
  auto verdict = judge(*self->state.ledger, ticket, told);
  auto promise = self->make_response_promise<call_reply>();
  if (verdict && once)
    self->state.ledger->remember(ticket, once);
  if (verdict)
    self->state.calls.emplace(ticket, promise);
  else
    promise.deliver(call_reply{std::move(verdict)});
  tell(self, std::move(told));
  pump(self, unblocker);
  return promise;
}

} // namespace

collector_actor::behavior_type collector(collector_pointer self,
                                         std::shared_ptr<core::ledger> ledger,
                                         unblocker_actor unblocker, collector_settings settings) {
  auto& s = self->state;
  s.ledger = std::make_unique<core::ledger>(std::move(*ledger));
  s.settings = std::move(settings);
  s.started = self->clock().now();
  telemetry::set_level(telemetry::level::turn_window, window);
  self->set_down_handler([self](const caf::down_msg& d) { on_down(self, d); });
  self->set_default_handler(caf::drop);
  self->delayed_send(self, tick_interval, tick_atom::value);
  return {
      [self, unblocker](const core::sealed& envelope, const runner_actor& runner) {
        const judging at_work(self, telemetry::message::attach);
        return on_attach(self, unblocker, envelope, runner);
      },
      [self, unblocker](const core::sealed& envelope) {
        const judging at_work(self, telemetry::message::report);
        on_report(self, unblocker, envelope);
      },
      [self, unblocker](core::offer& o) -> caf::result<claimed> {
        const judging at_work(self, telemetry::message::offer);
        auto promise = self->make_response_promise<claimed>();
        o.ticket = draw_ticket(self);
        self->state.claims.emplace(
            o.ticket, collector_state::waiting_claim{promise, {o.workflow, o.by_count, o.limit}});
        self->state.ledger->claim(std::move(o));
        pump(self, unblocker);
        return promise;
      },
      [self, unblocker](const start_call& c) {
        const judging at_work(self, telemetry::message::start_call);
        return on_call(self, unblocker, c.once, [&](auto& l, auto ticket, auto&) {
          return l.start(c.job, c.workflow, c.run, c.node, now(self), ticket);
        });
      },
      [self, unblocker](const complete_call& c) {
        const judging at_work(self, telemetry::message::complete_call);
        return on_call(self, unblocker, c.once, [&](auto& l, auto ticket, auto&) {
          return l.complete(c.row, now(self), ticket, c.user);
        });
      },
      [self, unblocker](const gone_call& g) {
        return on_call(self, unblocker, g.once, [&](auto& l, auto ticket, auto&) {
          return l.gone(g.instance, now(self), ticket);
        });
      },
      [self, unblocker](core::control& c) {
        const judging at_work(self, telemetry::message::control);
        return on_call(self, unblocker, nullptr, [&](auto& l, auto ticket, auto& told) {
          return l.control_of(c, now(self), ticket, told);
        });
      },
      [self, unblocker](const keyed_control& c) {
        const judging at_work(self, telemetry::message::control);
        return on_call(self, unblocker, c.once, [&](auto& l, auto ticket, auto& told) {
          return l.control_of(c.what, now(self), ticket, told);
        });
      },
      [self, unblocker](const core::launch& l) {
        const judging at_work(self, telemetry::message::launch);
        on_launch(self, l);
        pump(self, unblocker);
      },
      [self, unblocker](tick_atom) {
        const judging at_work(self, telemetry::message::tick);
        self->delayed_send(self, tick_interval, tick_atom::value);
        on_tick(self);
        pump(self, unblocker);
      },
      [self, unblocker](close_atom) -> caf::result<core::receipt> {
        self->state.closing = self->make_response_promise<core::receipt>();
        auto promise = *self->state.closing;
        pump(self, unblocker);
        return promise;
      },
  };
}

} // namespace torc::actors
