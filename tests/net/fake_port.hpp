#pragma once

#include "net/port.hpp"

#include <functional>
#include <memory>
#include <vector>

namespace fakes {

using namespace torc;

/// Remembers what it was asked and answers at once, or when the test says so.
class fake_port final : public torc::net::port {
public:
  std::vector<core::edit> edits;
  std::vector<core::control> controls;
  std::vector<core::offer> offers;
  std::vector<core::result_row> completed;
  std::string completed_by;
  int admissions = 0;
  int outdated = 0;
  core::admission admission;
  std::vector<uint32_t> stages;
  core::result<core::edited> edited = core::edited{{41}, 1};
  core::result<core::done> outcome = core::done{1};
  std::vector<int64_t> claims;
  news watching;
  std::function<void()> committed;
  std::vector<core::runner_view> runners_seen;
  std::vector<int64_t> gone;
  std::vector<core::once> keys; ///< of the changes that had one
  bool hold = false;
  std::vector<std::function<void()>> held;
  std::shared_ptr<core::progress> counters = std::make_shared<core::progress>();

  void edit(core::edit what, then<core::edited> tell, core::once_ptr once = {}) override {
    remember(once);
    edits.push_back(std::move(what));
    answer([this, tell = std::move(tell)] { tell(edited); });
  }
  void control(core::control what, then<core::done> tell, core::once_ptr once = {}) override {
    remember(once);
    controls.push_back(std::move(what));
    answer([this, tell = std::move(tell)] { tell(outcome); });
  }
  void admit(core::admission what, std::vector<core::job_id>, std::vector<uint32_t> each,
             then<core::receipt> tell, core::once_ptr once = {}) override {
    remember(once);
    ++admissions;
    admission = std::move(what);
    stages = std::move(each);
    // The first ones may have been outdated when they came.
    const auto turn = outdated-- > 0 ? uint64_t{0} : uint64_t{1};
    answer([tell = std::move(tell), turn] { tell(core::receipt{turn}); });
  }
  void claim(core::offer what, then<std::vector<core::launch::placed>> tell,
             core::once_ptr once = {}) override {
    remember(once);
    offers.push_back(std::move(what));
    std::vector<core::launch::placed> placed;
    for (const auto id : claims)
      placed.emplace_back().open.job.value = id;
    answer([tell = std::move(tell), placed] { tell(placed); });
  }
  void start_job(core::job_id, core::workflow_id, int64_t, core::node_id, then<core::done> tell,
                 core::once_ptr once = {}) override {
    remember(once);
    answer([this, tell = std::move(tell)] { tell(outcome); });
  }
  void complete_job(core::result_row what, std::string user, then<core::done> tell,
                    core::once_ptr once = {}) override {
    remember(once);
    completed_by = std::move(user);
    completed.push_back(std::move(what));
    answer([this, tell = std::move(tell)] { tell(outcome); });
  }
  void listen(news tell) override { watching = std::move(tell); }
  void on_commit(std::function<void()> tell) override { committed = std::move(tell); }
  void runner_gone(int64_t instance, then<core::done> tell, core::once_ptr once = {}) override {
    remember(once);
    gone.push_back(instance);
    answer([this, tell = std::move(tell)] { tell(outcome); });
  }
  runner_door door() const override { return {"127.0.0.1", 4711, "token", "PEM"}; }
  core::result<std::string> sign(const std::string& csr) override {
    if (csr == "bad")
      return core::refuse(core::refusal::malformed, "csr_pem: no request");
    return std::string("SIGNED " + csr);
  }
  std::shared_ptr<const core::progress> progress() const override { return counters; }
  std::shared_ptr<const std::vector<core::runner_view>> runners() const override {
    return std::make_shared<const std::vector<core::runner_view>>(runners_seen);
  }

private:
  void remember(const core::once_ptr& once) {
    if (once)
      keys.push_back(*once);
  }
  void answer(std::function<void()> tell) {
    if (hold)
      held.push_back(std::move(tell));
    else
      tell();
  }
};

} // namespace fakes
