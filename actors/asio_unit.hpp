#pragma once

#include <boost/asio/io_context.hpp>
#include <boost/asio/post.hpp>
#include <caf/actor_system.hpp>
#include <caf/execution_unit.hpp>
#include <caf/mailbox_element.hpp>
#include <caf/resumable.hpp>
#include <caf/scheduler/abstract_coordinator.hpp>
#include <caf/stateful_actor.hpp>

#include <tuple>
#include <type_traits>
#include <utility>

/// Where CAF meets Asio: actors that run on an io_context's thread, between socket handlers and
/// without a lock, as CAF's own brokers run on its multiplexer. What they share with handlers is
/// theirs alone.
///
///   boost::asio::io_context io{1};
///   asio_unit unit{system, io};
///   auto room = spawn_pinned(unit, ingress, arguments...);   // ingress: the usual behaviour
///   function
///
/// Closing: end the pinned actors, wait for them, stop the io_context, then let go of the unit. A
/// unit must outlive its actors, and an io_context that stands still keeps them from ending.
namespace torc::actors {

class asio_unit final : public caf::execution_unit {
public:
  /// @param io run by exactly one thread
  asio_unit(caf::actor_system& system, boost::asio::io_context& io)
      : caf::execution_unit(&system), io_(io) {}

  /// Any thread. Pinned actors are posted to the io_context, all others go to CAF's scheduler.
  void exec_later(caf::resumable* job) override {
    if (job->subtype() == caf::resumable::io_actor)
      boost::asio::post(io_, [this, job] { run(job); });
    else
      system().scheduler().enqueue(job);
  }

private:
  /// Sockets wait while an actor runs, so that its turn ends after so many messages.
  static constexpr size_t messages_per_turn = 100;

  void run(caf::resumable* job) {
    switch (job->resume(this, messages_per_turn)) {
    case caf::resumable::resume_later:
      exec_later(job);
      break;
    case caf::resumable::done:
    case caf::resumable::awaiting_message:
      caf::intrusive_ptr_release(job);
      break;
    case caf::resumable::shutdown_execution_unit:
      break;
    }
  }

  boost::asio::io_context& io_;
};

/// An actor of class Super that stays on its unit, whoever sends to it.
template <class Super>
class pinned : public Super {
public:
  pinned(caf::actor_config& cfg, asio_unit* unit) : Super(cfg), unit_(unit) {}

  using Super::enqueue;
  void enqueue(caf::mailbox_element_ptr what, caf::execution_unit*) override {
    Super::enqueue(std::move(what), unit_);
  }
  caf::resumable::subtype_t subtype() const override { return caf::resumable::io_actor; }

private:
  asio_unit* unit_;
};

/// As `system.spawn(room, arguments...)`, but on the unit's thread. The room function takes a
/// `stateful_pointer`, so that a test can spawn the same function on its own coordinator.
/// @returns the room's handle
template <class Behavior, class State, class Base, class... Parameters, class... Arguments>
auto spawn_pinned(asio_unit& unit,
                  Behavior (*room)(caf::stateful_actor<State, Base>*, Parameters...),
                  Arguments&&... arguments) {
  using actor = pinned<caf::stateful_actor<State, Base>>;
  caf::actor_config cfg{&unit};
  // Called once, so the arguments are handed over and may be movable only.
  cfg.init_fun = caf::actor_config::init_fun_type{
      [room, kept = std::tuple<std::decay_t<Arguments>...>(std::forward<Arguments>(arguments)...)](
          caf::local_actor* self) mutable -> caf::behavior {
        auto first = std::apply(
            [&](auto&... each) {
              return room(static_cast<caf::stateful_actor<State, Base>*>(self), std::move(each)...);
            },
            kept);
        if constexpr (std::is_same_v<Behavior, caf::behavior>)
          return first;
        else
          return std::move(first.unbox());
      }};
  return unit.system().spawn_class<actor, caf::no_spawn_options>(cfg, &unit);
}

} // namespace torc::actors
