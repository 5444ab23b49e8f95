#pragma once

#include "actors/runner_room.hpp"

#include <boost/test/unit_test.hpp>
#include <caf/all.hpp>
#include <caf/scheduler/test_coordinator.hpp>

#include <deque>
#include <memory>
#include <optional>
#include <vector>

namespace torc::actors {

/// What a scripted server has heard, and what it says to `attach`.
struct script {
  core::wire::welcome welcome;
  bool mute = false; ///< never answers
  std::vector<core::wire::attach> attached;
  std::deque<core::wire::report> reports;
  runner_actor runner;
};

/// Hands without processes: the test says what they did.
struct scripted_hands final : hands {
  explicit scripted_hands(std::vector<core::wire::order>& l, std::vector<int64_t>& k, bool& r)
      : launched(l), killed(k), retired(r) {}
  void launch(core::wire::order what) override { launched.push_back(std::move(what)); }
  void kill(int64_t grant) override { killed.push_back(grant); }
  void retire() override { retired = true; }
  std::vector<core::wire::order>& launched;
  std::vector<int64_t>& killed;
  bool& retired;
};

class test_config : public caf::actor_system_config {
public:
  test_config() {
    set("scheduler.policy", caf::atom("testing"));
    set("logger.file-verbosity", caf::atom("quiet"));
  }
};

/// A runner on a virtual clock, a server that says what the test wants, and no network.
struct world {
  explicit world(int32_t slots = 1, core::label_set labels = {});
  ~world();

  /// Runs messages only, no timeouts.
  void run();
  void advance(caf::timespan d);

  template <class T>
  void say(const T& message) {
    caf::anon_send(server->runner, core::seal(message));
    run();
  }
  void must_give(const std::vector<int64_t>& grants);
  void end(int64_t grant, int32_t return_code = 0);
  /// The oldest report that no `must_report` has returned.
  core::wire::report must_report();
  void ack(const core::wire::report& r) { say(core::wire::ack{r.seq}); }
  /// Ends the scripted server's actor, as a broken connection would.
  void break_line();
  /// And a new one, that will be found at the next try.
  void new_server();

  std::shared_ptr<script> server = std::make_shared<script>();
  bool reachable = true;
  core::refusal why_not = core::refusal::unavailable;
  int dials = 0;
  std::vector<core::wire::order> launched;
  std::vector<int64_t> killed;
  bool retired = false;
  std::vector<std::string> log;
  std::optional<core::result<runner_report>> outcome;

  test_config config;
  caf::actor_system system{config};
  caf::scheduler::test_coordinator& sched =
      dynamic_cast<caf::scheduler::test_coordinator&>(system.scheduler());
  door_actor door;
  runner_room room;
  std::function<void(hands_news)> tell;
};

} // namespace torc::actors
