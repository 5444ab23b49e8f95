#pragma once

#include "actors/asio_unit.hpp"
#include "actors/interfaces.hpp"
#include "net/port.hpp"
#include "storage/store.hpp"

#include <caf/event_based_actor.hpp>

#include <functional>
#include <memory>
#include <string>
#include <vector>

namespace torc::actors {

/// What the ingress is given.
struct ingress_settings {
  writer_actor writer;
  unblocker_actor unblocker;
  collector_actor collector;
  std::shared_ptr<storage::store> store; ///< for the published counters alone
  net::port::runner_door door;
  std::function<core::result<std::string>(const std::string& csr_pem)> sign;
  std::function<std::shared_ptr<const std::vector<core::runner_view>>()> runners; ///< any thread
};

/// The first room of the ring: what people and HTTP runners say comes in here.
///
/// Owns     the mutations in flight. Pinned to the socket thread, so that handlers call it as an
/// object. Hears    the HTTP handlers, through net::port. Tells    `edit` to the writer,
/// `admission` to the unblocker, offers, calls and controls to the
///          collector.
/// Promises to call back once, on the socket thread, after the commit; and to refuse a mutation
/// with
///          `unavailable` while 1,024 are unanswered, or another process has locked the database. A
///          control that was under way when the lock was found is answered so, too, though it will
///          be made; a runner's call waits.
/// After a crash it starts empty: a caller without an answer asks again.
class ingress final : public pinned<caf::event_based_actor>, public net::port {
public:
  ingress(caf::actor_config& cfg, asio_unit* unit, ingress_settings settings);

  void edit(core::edit what, then<core::edited> tell, core::once_ptr once) override;
  void control(core::control what, then<core::done> tell, core::once_ptr once) override;
  void admit(core::admission what, std::vector<core::job_id> all_jobs, std::vector<uint32_t> stages,
             then<core::receipt> tell, core::once_ptr once) override;
  void claim(core::offer what, then<std::vector<core::launch::placed>> tell,
             core::once_ptr once) override;
  void start_job(core::job_id job, core::workflow_id workflow, int64_t run, core::node_id node,
                 then<core::done> tell, core::once_ptr once) override;
  void complete_job(core::result_row what, std::string user, then<core::done> tell,
                    core::once_ptr once) override;
  void runner_gone(int64_t instance, then<core::done> tell, core::once_ptr once) override;
  runner_door door() const override { return settings_.door; }
  void listen(news tell) override;
  void on_commit(std::function<void()> tell) override;
  /// The writer's news, brought to the socket thread.
  void hear(std::vector<core::happening> what);
  core::result<std::string> sign(const std::string& csr_pem) override {
    return settings_.sign(csr_pem);
  }
  std::shared_ptr<const core::progress> progress() const override {
    return settings_.store->progress();
  }
  std::shared_ptr<const std::vector<core::runner_view>> runners() const override {
    return settings_.runners();
  }

  caf::behavior make_behavior() override;
  const char* name() const override { return "ingress"; }
  void on_exit() override;

private:
  /// Sends `what` and calls `tell` with what `pick` makes of the reply, unless it was answered
  /// before. @returns what answers it before
  template <class Reply, class T, class Room, class Message, class Pick>
  std::shared_ptr<then<T>> pass(const Room& room, Message what, then<T> tell, Pick pick);
  void hear(const foreign_lock& lock);

  ingress_settings settings_;
  int unanswered_ = 0;
  news tell_news_;
  std::function<void()> tell_commit_;
  std::string locked_by_;                                 ///< empty: nobody
  std::vector<std::weak_ptr<then<core::done>>> controls_; ///< under way, some answered already
};

} // namespace torc::actors
