#pragma once

#include "actors/ring.hpp"
#include "core/read_model.hpp"
#include "storage/reader.hpp"

#include <boost/test/unit_test.hpp>
#include <caf/all.hpp>
#include <caf/scheduler/test_coordinator.hpp>

#include <filesystem>
#include <map>
#include <memory>
#include <ostream>
#include <string>
#include <vector>

namespace torc::core {

inline std::ostream& operator<<(std::ostream& out, job_status s) {
  return out << to_string(s);
}

} // namespace torc::core

namespace torc::test {

/// What a runner was told, in order of arrival.
struct inbox {
  std::map<int64_t, core::wire::order> orders; ///< by grant, until taken
  std::vector<core::wire::revoke> revokes;
  std::vector<int64_t> acks;
  std::vector<core::wire::finished> finished;
  core::wire::trace_seed trace; ///< of the last orders
};

/// A runner in the world: its handle, what it was told, and who it is.
struct guest {
  actors::runner_actor handle;
  std::shared_ptr<inbox> heard = std::make_shared<inbox>();
  core::wire::welcome welcome;
  core::wire::attach card;
  int64_t next_seq = 1;
};

class test_config : public caf::actor_system_config {
public:
  test_config() {
    set("scheduler.policy", caf::atom("testing"));
    actors::add_wire_types(*this);
  }
};

/// The ring on CAF's test coordinator and a database in a fresh folder: no thread, no port, no
/// clock but the one that `advance` turns.
class world {
public:
  explicit world(std::shared_ptr<telemetry::trace_sink> traces = {},
                 core::ledger::settings ledger = {});
  ~world();

  /// Runs messages until nobody has any.
  void run();
  void advance(caf::timespan d);
  /// Ends the rooms wherever they are and builds them again from the disk, as after kill -9.
  void reboot();

  /// @param edges pairs of 0-based (blocker, job)
  core::workflow_id must_create(int jobs, const std::vector<std::pair<int, int>>& edges,
                                const std::string& user = "ann");
  void must_initialize(core::workflow_id w);
  core::edited must_edit(core::edit e);
  core::answer control(core::control c);

  guest must_attach(int slots, int prefill = 0, core::workflow_id w = {},
                    const std::string& user = "ann", std::vector<std::string> labels = {});
  /// A runner that says this of itself.
  guest must_attach_as(core::wire::attach card);
  /// The same runner process again, with what it holds.
  void must_reattach(guest& g, std::vector<core::wire::attempt> held,
                     std::vector<core::wire::ended> unacked);
  void lose(guest& g);
  /// Sends, without running anything.
  void report(guest& g, core::wire::report r);
  /// Ends an order with this return code, and runs.
  void must_finish(guest& g, int64_t grant, int return_code = 0);
  /// Takes and finishes orders until none comes any more. @returns how many
  int work_off(guest& g);

  core::job_status status(int64_t job);
  void verify_statuses(core::workflow_id w, const std::map<core::job_status, int64_t>& expected);
  core::read_model& reads() { return *reader_; }
  std::string path() const { return (folder_ / "torc.db").string(); }
  uint64_t turns() const { return store_->progress()->turn; }
  uint64_t commits() const { return static_cast<uint64_t>(store_->progress()->commits); }

  test_config cfg;
  caf::actor_system sys{cfg};
  caf::scheduler::test_coordinator& sched =
      dynamic_cast<caf::scheduler::test_coordinator&>(sys.scheduler());
  caf::scoped_actor self{sys, true};
  actors::ring rooms;
  std::vector<std::string> log; ///< of the collector

private:
  void open();

  std::shared_ptr<telemetry::trace_sink> traces_;
  core::ledger::settings ledger_;
  std::filesystem::path folder_;
  std::shared_ptr<storage::store> store_;
  std::unique_ptr<core::read_model> reader_;
  core::instant wall_{1'800'000'000'000'000};
};

} // namespace torc::test
