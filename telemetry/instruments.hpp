#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <string_view>

/// What is measured, always, and how it is noted down. Each thread has counts of its own, which
/// only it writes; whoever reads adds them up. Noting takes no lock and no memory.
namespace torc::telemetry {

/// The spans that torc's timing guide names.
enum class span : uint8_t {
  get_pending_actions,
  claim_action,
  get_ready_job_requirements,
  is_workflow_complete,
  claim_jobs_based_on_resources,
  claim_next_jobs,
  process_changed_job_inputs,
  manage_status_change,
  start_job,
  complete_job,
  prepare_ready_jobs,
  create_job,
  create_jobs,
  get_job,
  list_jobs,
  update_job_status,
  create_workflow,
  cancel_workflow,
  get_workflow_status,
  list_workflows,
  reset_workflow_status,
  none, ///< a call that is no span
};
inline constexpr auto span_count = static_cast<size_t>(span::none);

/// What a room hears.
enum class message : uint8_t {
  reply,  ///< the ingress: what came of an edit, a control, a call or a claim
  attach, ///< the collector
  report,
  offer,
  start_call,
  complete_call,
  control,
  launch,
  receipt,
  tick,
  verdicts, ///< the unblocker
  admission,
  releases, ///< the claim broker
  turn,     ///< the DB writer
  edit,
  flush,
  idle,
};
inline constexpr size_t message_count = 17;

enum class room : uint8_t { ingress, collector, unblocker, claim_broker, db_writer };
inline constexpr size_t room_count = 5;

enum class quantity : uint8_t {
  commit_ns,
  claim_ns,     ///< from the matching of an offer to its orders' leave
  group_writes, ///< turns and edits that share a commit
  group_rows,
  http_ns,
};
inline constexpr size_t quantity_count = 5;

std::string_view to_string(span s);
std::string_view to_string(message m);
std::string_view to_string(room r);
room room_of(message m);

/// `times` spans of the same length ended. busy: in handlers and in the database; idle: waiting in
/// mailboxes and for the commit. Nanoseconds.
void record(span s, int64_t busy_ns, int64_t idle_ns, uint64_t times = 1);
/// A handler took so long.
void record(message m, int64_t ns);
void record(quantity q, int64_t value, uint64_t times = 1);

/// How many messages wait in a room's mailbox, as far as the room saw.
void set_depth(room r, size_t messages);
size_t depth(room r);

/// What there is now, by its owner.
enum class level : uint8_t {
  runners,
  open_grants,
  turns_in_flight, ///< that the collector sent and the disk has not confirmed
  turn_window,     ///< how many of those there may be
};
inline constexpr size_t level_count = 4;
void set_level(level l, size_t now);
size_t level_of(level l);

} // namespace torc::telemetry
