#pragma once

#include "actors/asio_unit.hpp"
#include "actors/wire.hpp"

#include <caf/all.hpp>
#include <caf/scheduler/test_coordinator.hpp>

#include <boost/asio/executor_work_guard.hpp>
#include <boost/asio/io_context.hpp>

#include <cstdint>
#include <iostream>
#include <random>
#include <sstream>
#include <string>

/// Everything that the simulated world shares. The whole of it is one thread; whatever is left to
/// chance is drawn from the seed.
namespace torc::simulation {

class dice {
public:
  explicit dice(uint64_t seed) : bits_(seed) {}
  /// 0 .. n - 1
  int64_t roll(int64_t n) {
    return static_cast<int64_t>(bits_() % static_cast<uint64_t>(n > 0 ? n : 1));
  }
  int64_t between(int64_t least, int64_t most) { return least + roll(most - least + 1); }
  bool once_in(int64_t n) { return roll(n) == 0; }

private:
  std::mt19937_64 bits_;
};

/// The first thing that went wrong; the walk ends there.
class findings {
public:
  explicit findings(bool tells) : tells_(tells) {}
  void wrong(std::string what) {
    note("WRONG: ", what);
    if (first_.empty())
      first_ = std::move(what);
  }
  const std::string& first() const { return first_; }
  /// Prints what happens, where it was asked for.
  template <class... T>
  void note(const T&... parts) {
    if (!tells_)
      return;
    (std::cout << ... << parts) << '\n';
  }
  bool tells() const { return tells_; }

private:
  std::string first_;
  bool tells_;
};

class test_config : public caf::actor_system_config {
public:
  test_config() {
    set("scheduler.policy", caf::atom("testing"));
    set("logger.file-verbosity", caf::atom("quiet"));
    actors::add_wire_types(*this);
  }
};

struct environment {
  environment(uint64_t seed, findings& f) : chance(seed), found(f) {}
  ~environment() {
    scheduler.clock().cancel_all();
    while (scheduler.try_run_once() || io.poll_one() > 0) {
    }
    system.await_actors_before_shutdown(false);
  }
  environment(const environment&) = delete;
  environment& operator=(const environment&) = delete;

  dice chance;
  findings& found;
  test_config config;
  caf::actor_system system{config};
  caf::scheduler::test_coordinator& scheduler =
      dynamic_cast<caf::scheduler::test_coordinator&>(system.scheduler());
  boost::asio::io_context io{1};
  boost::asio::executor_work_guard<boost::asio::io_context::executor_type> keeps_io{
      io.get_executor()};
  actors::asio_unit unit{system, io};

  /// The virtual clock, which begins a second after its zero.
  int64_t now_us() const {
    return std::chrono::duration_cast<std::chrono::microseconds>(
               scheduler.clock().now().time_since_epoch())
               .count() +
           1'000'000;
  }
  int64_t wall_us() const { return 1'800'000'000'000'000 + now_us(); }

  /// One message of an actor that is drawn. @returns false where nobody has one
  bool step() {
    auto& jobs = scheduler.jobs;
    if (jobs.empty())
      return false;
    const auto at = jobs.begin() + chance.roll(static_cast<int64_t>(jobs.size()));
    std::rotate(jobs.begin(), at, at + 1);
    return scheduler.try_run_once();
  }

  /// Ends an actor before it hears anything else, as a killed process does: CAF would let it hear
  /// first what lies in its mailbox.
  template <class Handle>
  void kill(const Handle& actor, caf::exit_reason why = caf::exit_reason::kill) {
    if (!actor)
      return;
    auto* raw = caf::actor_cast<caf::abstract_actor*>(actor);
    raw->enqueue(nullptr, caf::make_message_id(caf::message_priority::high),
                 caf::make_message(caf::exit_msg{raw->address(), why}), nullptr);
    // The first turn of one that has never run is its initialization.
    for (int turn = 0; turn < 3 && scheduler.prioritize(actor); ++turn)
      scheduler.run_once();
  }
};

} // namespace torc::simulation
