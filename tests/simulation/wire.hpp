#pragma once

#include "rows.hpp"
#include "server.hpp"

#include "actors/runner_room.hpp"
#include "actors/wire.hpp"

#include <deque>
#include <functional>
#include <map>
#include <memory>
#include <utility>
#include <vector>

namespace torc::simulation {

/// A message that has come over the wire, on its way into the runner.
struct arrived {
  core::sealed what;
};
/// A runner looks for the server.
struct dialing {
  int64_t instance = 0;
};
using near_door_actor = actors::door_actor::extend<caf::reacts_to<arrived>>;
using board_actor = caf::typed_actor<caf::replies_to<dialing>::with<actors::door_actor>>;

/// One connection. What is sent into one of its ends comes out of the other in the same order,
/// some time later or, where it breaks, never.
struct link {
  int64_t number = 0, instance = 0;
  int64_t runner_id = 0;           ///< as the welcome said
  near_door_actor near_door;       ///< the server, as the runner sees it
  actors::runner_actor far_runner; ///< the runner, as the server sees it
  actors::runner_actor runner;     ///< itself, since its attach
  caf::typed_response_promise<core::sealed> welcome;
  std::deque<core::sealed> up, down; ///< under way
  bool carries_up = true, carries_down = true;
  int64_t runner_notices_us = 0, server_notices_us = 0; ///< that it broke; 0: it holds
  /// The server never hears of its end, as where an attach is read after the connection is closed.
  bool ends_unheard = false;
  bool is_closed = false; ///< at the server's end
  /// What a report would settle: nothing of it may be open on the disk when it is acknowledged.
  std::map<int64_t, std::vector<core::wire::attempt>> settles;
};

/// The network between the server and its runners.
class wire {
public:
  wire(environment& env, server& s, committed_rows& rows, bool is_harsh);
  ~wire();
  wire(const wire&) = delete;
  wire& operator=(const wire&) = delete;

  /// For a runner's parts.
  void dial(actors::runner_pointer self, int64_t instance,
            const std::function<void(core::result<actors::door_actor>)>& then);
  bool is_busy() const;
  /// Takes one message further, on a connection that is drawn.
  bool deliver_one();
  /// Breaks a connection that is drawn, for a time that is drawn, too.
  void break_one();
  /// The process at the runner's end is gone. @param silently the host is, so that nobody says so
  void runner_gone(int64_t instance, bool silently);
  void server_gone();
  /// Some runner, or who has stolen its connection, says that a job of another one has ended or was
  /// not started.
  void lie();
  /// The id of an attached runner process, where nothing is lost between it and the server.
  int64_t attached_as(int64_t instance) const;
  bool is_attached(int64_t instance) const { return attached_as(instance) != 0; }
  /// Lets those notice who are due. @param heals every network is whole again
  void tick(bool heals);

private:
  std::shared_ptr<link> make_link(int64_t instance);
  std::shared_ptr<link> find(int64_t instance);
  void prefer_questions(std::vector<std::pair<link*, bool>>& possible);
  void send_up(link& l);
  void send_attach(link& l, core::sealed envelope);
  void break_link(link& l);
  void note_report(link& l, const core::sealed& envelope);
  void told(link& l, const core::sealed& envelope);
  void check_orders(const core::sealed& envelope);
  void check_ack(link& l, const core::sealed& envelope);
  void drop_near(link& l);
  void drop_far(link& l);

  environment& env_;
  server& server_;
  committed_rows& rows_;
  bool is_harsh_;
  board_actor board_;
  std::vector<std::shared_ptr<link>> links_;
  std::map<int64_t, int64_t> unreachable_until_us_; ///< by instance
  int64_t last_number_ = 0;
};

} // namespace torc::simulation

CAF_ALLOW_UNSAFE_MESSAGE_TYPE(torc::simulation::arrived)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(torc::simulation::dialing)
