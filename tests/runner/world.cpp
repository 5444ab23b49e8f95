#include "tests/runner/world.hpp"

#include <utility>

namespace torc::actors {

namespace {

struct door_state {
  door_state() = default;
};

door_actor::behavior_type scripted_door(door_actor::stateful_pointer<door_state> self,
                                        std::shared_ptr<script> server) {
  return {
      [self, server](const core::sealed& envelope,
                     const runner_actor& runner) -> caf::result<core::sealed> {
        server->attached.push_back(core::open_sealed<core::wire::attach>(envelope).value());
        server->runner = runner;
        auto promise = self->make_response_promise<core::sealed>();
        if (!server->mute)
          promise.deliver(core::seal(server->welcome));
        return promise;
      },
      [server](const core::sealed& envelope) {
        server->reports.push_back(core::open_sealed<core::wire::report>(envelope).value());
      },
  };
}

} // namespace

world::world(int32_t slots, core::label_set labels) {
  server->welcome.runner = 7;
  server->welcome.lease_ms = 60'000;
  door = system.spawn(scripted_door, server);
  auto parts = runner_parts{};
  parts.settings.slots = slots;
  parts.settings.room.labels = std::move(labels);
  parts.settings.workflow = 42;
  parts.settings.token = "secret";
  parts.settings.prefill = 2;
  parts.settings.log = [this](const std::string& line) { log.push_back(line); };
  parts.instance = 99;
  parts.make_hands = [this](std::function<void(hands_news)> t) {
    tell = std::move(t);
    return std::make_unique<scripted_hands>(launched, killed, retired);
  };
  parts.dial = [this](runner_pointer, std::function<void(core::result<door_actor>)> then) {
    ++dials;
    if (reachable)
      then(door);
    else
      then(core::refuse(why_not, "nobody there"));
  };
  parts.now_us = [this] {
    return std::chrono::duration_cast<std::chrono::microseconds>(
               sched.clock().now().time_since_epoch())
               .count() +
           1'000'000;
  };
  parts.done = [this](core::result<runner_report> what) { outcome = std::move(what); };
  room = system.spawn(runner, std::move(parts));
}

world::~world() {
  run();
  sched.clock().cancel_all();
  tell = {};
  caf::anon_send_exit(room, caf::exit_reason::kill);
  caf::anon_send_exit(door, caf::exit_reason::kill);
  server->runner = runner_actor{};
  run();
  system.await_actors_before_shutdown(false);
}

void world::run() {
  while (sched.try_run_once()) {
  }
}

void world::advance(caf::timespan d) {
  sched.clock().advance_time(d);
  run();
}

void world::must_give(const std::vector<int64_t>& grants) {
  auto r = core::wire::run_jobs{};
  for (auto g : grants) {
    auto o = core::wire::order{};
    o.what = {g, g * 10, 1, 1};
    o.command = "true";
    r.orders.push_back(std::move(o));
  }
  say(r);
}

void world::end(int64_t grant, int32_t return_code) {
  auto news = hands_news{};
  news.ended.emplace_back();
  news.ended.back().what.grant = grant;
  news.ended.back().return_code = return_code;
  tell(std::move(news));
  run();
}

core::wire::report world::must_report() {
  BOOST_REQUIRE(!server->reports.empty());
  auto r = std::move(server->reports.front());
  server->reports.pop_front();
  return r;
}

void world::break_line() {
  caf::anon_send_exit(door, caf::exit_reason::kill);
  run();
}

void world::new_server() {
  server->attached.clear();
  door = system.spawn(scripted_door, server);
}

} // namespace torc::actors
