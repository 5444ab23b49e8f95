#include "actors/runner.hpp"

#include "actors/asio_unit.hpp"
#include "actors/runner_line.hpp"
#include "actors/runner_room.hpp"
#include "exec/job_process.hpp"
#include "exec/last_will.hpp"

#include <boost/asio/executor_work_guard.hpp>
#include <boost/asio/steady_timer.hpp>
#include <caf/actor_system.hpp>
#include <caf/send.hpp>

#include <algorithm>
#include <ctime>
#include <optional>
#include <random>
#include <utility>

namespace torc::actors {

namespace {

/// A signal handler can set a number, but not send a message.
constexpr auto stop_check = std::chrono::milliseconds{50};

int64_t boot_time_us() {
  auto t = timespec{};
  clock_gettime(CLOCK_BOOTTIME, &t);
  return t.tv_sec * 1'000'000 + t.tv_nsec / 1000;
}

int64_t draw_instance() {
  auto seed = std::random_device{};
  auto random = std::mt19937_64{(static_cast<uint64_t>(seed()) << 32) | seed()};
  return std::uniform_int_distribution<int64_t>{1}(random);
}

/// Two jobs ahead at least, so that a slot that has become free need not wait for the server.
int32_t default_prefill(const runner_settings& s) {
  return std::max(2, s.slots > 0 ? s.slots : s.room.num_cpus);
}

class stop_watch {
public:
  stop_watch(boost::asio::io_context& io, stop_level& stop, runner_room room)
      : timer_(io), stop_(stop), room_(std::move(room)) {
    look();
  }

private:
  void look() {
    if (auto level = stop_.load(); level > told_) {
      told_ = level;
      caf::anon_send(room_, stop_wish{level});
    }
    timer_.expires_after(stop_check);
    timer_.async_wait([this](const boost::system::error_code& e) {
      if (!e)
        look();
    });
  }

  boost::asio::steady_timer timer_;
  stop_level& stop_;
  runner_room room_;
  int told_ = 0;
};

} // namespace

core::result<runner_report> run_runner(runner_settings settings, const make_hands& make,
                                       stop_level& stop) {
  if (settings.prefill < 0)
    settings.prefill = default_prefill(settings);
  auto config = line_config{settings};
  auto io = boost::asio::io_context{1};
  auto outcome = std::optional<core::result<runner_report>>{};
  {
    auto system = caf::actor_system{config};
    auto unit = asio_unit{system, io};
    auto parts = runner_parts{};
    parts.instance = settings.instance ? settings.instance : draw_instance();
    parts.settings = std::move(settings);
    parts.make_hands = [&](std::function<void(hands_news)> tell) {
      return make(io, std::move(tell));
    };
    parts.dial = dial_server;
    parts.now_us = boot_time_us;
    parts.done = [&](core::result<runner_report> what) { outcome = std::move(what); };
    auto room = spawn_pinned(unit, runner, std::move(parts));
    // An actor's last word comes after its state is gone, and the hands with it.
    caf::actor_cast<caf::abstract_actor*>(room)->attach_functor([&io] { io.stop(); });
    auto watch = stop_watch{io, stop, room};
    auto work = boost::asio::make_work_guard(io);
    io.run();
  }
  if (!outcome)
    return core::refuse(core::refusal::unavailable, "the runner ended by a fault of its own");
  return std::move(*outcome);
}

core::result<runner_report> run_runner(runner_settings settings, exec::guardian_handle& jobs,
                                       stop_level& stop) {
  if (auto ready = exec::prepare_output_dir(settings.output_dir); !ready)
    return ready.why();
  settings.instance = settings.instance ? settings.instance : draw_instance();
  auto unsaid = std::make_shared<exec::last_will>();
  auto make = hands_of(jobs, settings, unsaid);
  auto log = settings.log;
  auto outcome = run_runner(std::move(settings), make, stop);
  if (!unsaid->empty()) {
    if (log)
      log("the server has not heard that this runner ends, and is told now");
    exec::execute(*unsaid);
  }
  return outcome;
}

} // namespace torc::actors
