#include "wire.hpp"

#include <algorithm>
#include <utility>

namespace torc::simulation {

namespace {

/// CAF's middleman finds a peer that is silent after so long.
constexpr int64_t connection_timeout_us = 10'000'000;

struct near_state {
  near_state() = default;
};

near_door_actor::behavior_type near_door(near_door_actor::stateful_pointer<near_state> self,
                                         std::shared_ptr<link> l) {
  return {
      [self, l](const core::sealed& envelope,
                const actors::runner_actor& runner) -> caf::result<core::sealed> {
        l->runner = runner;
        l->welcome = self->make_response_promise<core::sealed>();
        if (l->carries_up)
          l->up.push_back(envelope);
        return l->welcome;
      },
      [l](const core::sealed& envelope) {
        if (l->carries_up)
          l->up.push_back(envelope);
      },
      [self, l](arrived& a) {
        if (a.what.kind == core::kind_of<core::wire::welcome>)
          l->welcome.deliver(std::move(a.what));
        else if (l->runner)
          self->send(l->runner, std::move(a.what));
      },
  };
}

std::string_view kind_name(const core::sealed& s) {
  constexpr std::array<std::string_view, 8> names = {"?",      "attach", "welcome",  "run_jobs",
                                                     "revoke", "ack",    "finished", "report"};
  return names.at(s.kind < names.size() ? s.kind : 0);
}

} // namespace

wire::wire(environment& env, server& s, committed_rows& rows, bool is_harsh)
    : env_(env), server_(s), rows_(rows), is_harsh_(is_harsh) {
  board_ = env_.system.spawn([this](board_actor::pointer) -> board_actor::behavior_type {
    return {[this](const dialing& d) -> caf::result<actors::door_actor> {
      // The server takes no second connection of a process whose first it believes in.
      if (!server_.is_up() || find(d.instance) || unreachable_until_us_[d.instance] > env_.now_us())
        return caf::sec::cannot_connect_to_node;
      return caf::actor_cast<actors::door_actor>(make_link(d.instance)->near_door);
    }};
  });
}

wire::~wire() {
  server_gone();
  for (auto& l : links_)
    drop_near(*l);
  env_.kill(std::exchange(board_, {}));
}

void wire::dial(actors::runner_pointer self, int64_t instance,
                const std::function<void(core::result<actors::door_actor>)>& then) {
  self->request(board_, caf::infinite, dialing{instance})
      .then([then](const actors::door_actor& door) { then(door); },
            [then](const caf::error&) {
              then(core::refuse(core::refusal::unavailable, "nobody there"));
            });
}

std::shared_ptr<link> wire::find(int64_t instance) {
  const auto at = std::find_if(links_.begin(), links_.end(), [&](const auto& l) {
    return l->instance == instance && l->far_runner && !l->is_closed;
  });
  return at == links_.end() ? nullptr : *at;
}

std::shared_ptr<link> wire::make_link(int64_t instance) {
  auto l = std::make_shared<link>();
  l->number = ++last_number_;
  l->instance = instance;
  l->near_door = env_.system.spawn(near_door, l);
  l->far_runner = env_.system.spawn(
      [this, l](actors::runner_actor::pointer) -> actors::runner_actor::behavior_type {
        return {[this, l](const core::sealed& envelope) { told(*l, envelope); }};
      });
  links_.push_back(l);
  env_.found.note("link ", l->number, " of runner process ", instance, " opens");
  return l;
}

bool wire::is_busy() const {
  return std::any_of(links_.begin(), links_.end(), [](const auto& l) {
    return (l->far_runner && !l->up.empty()) || (l->near_door && !l->down.empty());
  });
}

bool wire::deliver_one() {
  auto possible = std::vector<std::pair<link*, bool>>();
  for (auto& l : links_) {
    if (l->far_runner && !l->up.empty())
      possible.emplace_back(l.get(), true);
    if (l->near_door && !l->down.empty())
      possible.emplace_back(l.get(), false);
  }
  if (possible.empty())
    return false;
  prefer_questions(possible);
  auto [l, goes_up] =
      possible[static_cast<size_t>(env_.chance.roll(static_cast<int64_t>(possible.size())))];
  if (goes_up) {
    send_up(*l);
    return true;
  }
  auto next = std::move(l->down.front());
  l->down.pop_front();
  env_.found.note("link ", l->number, " down: ", kind_name(next));
  const bool asks_back = is_harsh_ && next.kind == core::kind_of<core::wire::revoke>;
  caf::anon_send(l->near_door, arrived{std::move(next)});
  // The answer may stay with the runner.
  if (asks_back && l->runner_notices_us == 0 && env_.chance.once_in(2))
    break_link(*l);
  return true;
}

/// An order is asked back while the report before is under way: the answer has to wait for it.
void wire::prefer_questions(std::vector<std::pair<link*, bool>>& possible) {
  const auto crosses = [](const auto& p) {
    const auto& [l, goes_up] = p;
    return !goes_up && !l->up.empty() && l->down.front().kind == core::kind_of<core::wire::revoke>;
  };
  if (is_harsh_ && std::any_of(possible.begin(), possible.end(), crosses))
    std::erase_if(possible, [&](const auto& p) { return !crosses(p); });
}

void wire::send_up(link& l) {
  auto next = std::move(l.up.front());
  l.up.pop_front();
  env_.found.note("link ", l.number, " up: ", kind_name(next));
  if (next.kind == core::kind_of<core::wire::attach>)
    return send_attach(l, std::move(next));
  note_report(l, next);
  // What was given back is given back once, and whether it was heard is known to nobody.
  const bool gives_back = is_harsh_ && l.runner_notices_us == 0 &&
                          !core::open_sealed<core::wire::report>(next).value().returned.empty();
  if (gives_back && env_.chance.once_in(2)) {
    break_link(l);
    if (env_.chance.once_in(2))
      return;
  }
  if (is_harsh_ && env_.chance.once_in(8))
    caf::send_as(l.far_runner, server_.door(), next);
  caf::send_as(l.far_runner, server_.door(), std::move(next));
}

/// The answer comes back to the sender like any other message, if the link holds for so long.
void wire::send_attach(link& l, core::sealed envelope) {
  const bool breaks = is_harsh_ && l.runner_notices_us == 0 && env_.chance.once_in(4);
  if (breaks) {
    break_link(l);
    if (env_.chance.once_in(3))
      return;
    if (env_.chance.once_in(2)) // Longer than some leases, and shorter than others.
      unreachable_until_us_[l.instance] =
          env_.now_us() + env_.chance.between(short_lease_ms, 2 * lease_ms) * 1000;
  }
  caf::send_as(l.far_runner, server_.door(), std::move(envelope), l.far_runner);
}

void wire::note_report(link& l, const core::sealed& envelope) {
  const auto report = core::open_sealed<core::wire::report>(envelope);
  if (!report)
    return env_.found.wrong("a runner sends what cannot be read: " + report.why().message);
  env_.found.note("  report ", report->seq, ": ", report->started.size(), " started, ",
                  report->done.size(), " ended, ", report->returned.size(), " returned",
                  report->leaving ? ", leaving" : "");
  auto& settles = l.settles[report->seq];
  for (const auto& e : report->done)
    settles.push_back(e.what);
}

/// The server lets go of a message: what it says must be on the disk.
void wire::told(link& l, const core::sealed& envelope) {
  env_.found.note("link ", l.number, " is told: ", kind_name(envelope));
  if (envelope.kind == core::kind_of<core::wire::welcome>)
    l.runner_id = core::open_sealed<core::wire::welcome>(envelope).value().runner;
  const bool is_order = envelope.kind == core::kind_of<core::wire::run_jobs>;
  if (is_order)
    check_orders(envelope);
  if (envelope.kind == core::kind_of<core::wire::ack>)
    check_ack(l, envelope);
  if (l.carries_down)
    l.down.push_back(envelope);
  if (l.carries_down && is_order && is_harsh_ && env_.chance.once_in(8))
    l.down.push_back(envelope);
}

void wire::check_orders(const core::sealed& envelope) {
  const auto run = core::open_sealed<core::wire::run_jobs>(envelope);
  for (const auto& o : run.value().orders) {
    const auto* row = rows_.find(o.what.job);
    rows_.note_sent(o.what.grant);
    env_.found.note("  order: job ", o.what.job, " grant ", o.what.grant);
    if (!rows_.was_granted(o.what.grant))
      env_.found.wrong("an order of grant " + std::to_string(o.what.grant) +
                       " leaves, but on the disk is " + (row ? text_of(*row) : "no such job"));
    else if (row && row->grant == o.what.grant && row->attempt != o.what.attempt_id)
      env_.found.wrong("an order of attempt " + std::to_string(o.what.attempt_id) +
                       " leaves, but on the disk is " + text_of(*row));
  }
}

void wire::check_ack(link& l, const core::sealed& envelope) {
  const auto seq = core::open_sealed<core::wire::ack>(envelope).value().seq;
  for (const auto& a : l.settles[seq])
    if (rows_.is_open_as(a.job, a.grant))
      env_.found.wrong("report " + std::to_string(seq) + " is acknowledged, but on the disk is " +
                       text_of(*rows_.find(a.job)));
  l.settles.erase(seq);
}

void wire::break_one() {
  auto whole = std::vector<std::shared_ptr<link>>();
  for (auto& l : links_)
    if (l->far_runner && l->runner_notices_us == 0 && l->server_notices_us == 0)
      whole.push_back(l);
  if (whole.empty())
    return;
  auto& d = env_.chance;
  // More often than not where something is lost by it.
  const auto is_quiet = [](const auto& l) { return l->up.empty() && l->down.empty(); };
  if (d.once_in(2) && !std::all_of(whole.begin(), whole.end(), is_quiet))
    std::erase_if(whole, is_quiet);
  break_link(*whole[static_cast<size_t>(d.roll(static_cast<int64_t>(whole.size())))]);
}

void wire::break_link(link& l) {
  auto& d = env_.chance;
  const auto now = env_.now_us();
  const auto some_time = [&] {
    return d.once_in(2) ? d.roll(1'000'000) : d.roll(connection_timeout_us);
  };
  l.runner_notices_us = now + 1 + some_time();
  l.server_notices_us = now + 1 + some_time();
  l.carries_up = l.carries_down = false;
  l.ends_unheard = is_harsh_ && d.once_in(4);
  l.down.clear();
  if (d.once_in(2)) // else what was sent before comes through
    l.up.clear();
  const auto outage = d.once_in(3)   ? d.between(lease_ms / 2, 3 * lease_ms) * 1000
                      : d.once_in(2) ? d.roll(5'000'000)
                                     : 0;
  unreachable_until_us_[l.instance] = now + outage;
  env_.found.note("link ", l.number, " breaks, for ", outage / 1000, " ms");
}

void wire::runner_gone(int64_t instance, bool silently) {
  const auto l = find(instance);
  for (auto& each : links_)
    if (each->instance == instance)
      drop_near(*each);
  if (!l)
    return;
  l->carries_down = false;
  l->down.clear();
  l->ends_unheard = l->ends_unheard || (is_harsh_ && env_.chance.once_in(3));
  if (l->server_notices_us == 0)
    l->server_notices_us =
        env_.now_us() + 1 + env_.chance.roll(silently ? connection_timeout_us : 50'000);
}

void wire::lie() {
  auto liars = std::vector<link*>();
  for (auto& l : links_)
    if (l->far_runner && !l->is_closed && l->runner_id != 0)
      liars.push_back(l.get());
  if (liars.empty())
    return;
  auto& d = env_.chance;
  auto& liar = *liars[static_cast<size_t>(d.roll(static_cast<int64_t>(liars.size())))];
  auto victims = std::vector<job_now>();
  for (const auto& [id, j] : rows_.jobs())
    if (core::is_open(j.status) && j.runner != liar.runner_id)
      victims.push_back(j);
  if (victims.empty())
    return;
  const auto& j = victims[static_cast<size_t>(d.roll(static_cast<int64_t>(victims.size())))];
  auto report = core::wire::report{};
  report.runner = liar.runner_id;
  report.seq = 1 << 30;
  if (d.once_in(2)) {
    report.returned.push_back(j.grant);
  } else {
    auto e = core::wire::ended{};
    e.what = {j.grant, j.job, j.run, static_cast<int32_t>(j.attempt)};
    e.return_code = 99;
    report.done.push_back(e);
  }
  env_.found.note("link ", liar.number, " lies of ", text_of(j));
  caf::send_as(liar.far_runner, server_.door(), core::seal(report));
}

int64_t wire::attached_as(int64_t instance) const {
  const auto at = std::find_if(links_.begin(), links_.end(), [&](const auto& l) {
    return l->instance == instance && l->far_runner && l->near_door && l->runner_id != 0 &&
           l->runner_notices_us == 0 && l->server_notices_us == 0 && !l->is_closed;
  });
  return at == links_.end() ? 0 : (*at)->runner_id;
}

void wire::server_gone() {
  const auto now = env_.now_us();
  for (auto& l : links_) {
    drop_far(*l);
    if (l->runner_notices_us == 0)
      l->runner_notices_us = now + 1 + env_.chance.roll(20'000);
    // The network may have gone with it, and stay away for longer.
    if (is_harsh_ && l->near_door && env_.chance.once_in(2))
      unreachable_until_us_[l->instance] =
          now + env_.chance.between(short_lease_ms, 2 * lease_ms) * 1000;
  }
}

void wire::drop_near(link& l) {
  if (!l.near_door)
    return;
  env_.kill(std::exchange(l.near_door, {}));
  l.runner = actors::runner_actor{};
  l.welcome = {};
  l.down.clear();
  l.carries_up = l.carries_down = false;
}

void wire::drop_far(link& l) {
  l.up.clear();
  l.carries_up = l.carries_down = false;
  if (l.far_runner)
    env_.kill(std::exchange(l.far_runner, {}));
}

void wire::tick(bool heals) {
  const auto now = env_.now_us();
  if (heals && !is_harsh_) // else when its time has come
    unreachable_until_us_.clear();
  for (auto& l : links_) {
    if (l->near_door && l->runner_notices_us != 0 && l->runner_notices_us <= now)
      drop_near(*l);
    // What came before the end of the stream is read before it.
    if (!l->far_runner || l->server_notices_us == 0 || l->server_notices_us > now || !l->up.empty())
      continue;
    l->is_closed = true;
    if (!l->ends_unheard)
      drop_far(*l);
  }
  std::erase_if(links_, [](const auto& l) { return !l->near_door && !l->far_runner; });
}

} // namespace torc::simulation
