#pragma once

#include "core/runner_view.hpp"
#include "core/turn.hpp"
#include "core/wire.hpp"

#include <memory>
#include <optional>
#include <variant>

namespace torc::core {

/// Open attempts, who holds them, and what is due to whom. The collector's brain: it judges
/// reports, and nothing else does.
///
/// Memory runs ahead of the disk: what a call has judged lies in the next batch, and what may be
/// told comes back as `parcel`s when that batch's receipt or launch is heard.
class ledger {
public:
  /// Something that may be sent now.
  struct parcel {
    runner_id to;
    std::variant<wire::run_jobs, wire::revoke, wire::ack, wire::finished> what;
  };
  /// An HTTP caller's answer. A claim's answer carries its orders.
  struct reply {
    ticket_id ticket;
    answer outcome;
    std::vector<launch::placed> orders;
  };
  struct told {
    std::vector<parcel> parcels;
    std::vector<reply> replies;
    std::string lie; ///< what the runner said that cannot be, and that was refused; empty: nothing
  };
  struct settings {
    int64_t lease_ms = 15 * 60 * 1000; ///< 0: never
    /// What the servers before told runners that hold something; who has not heard this one yet
    /// still believes it. None: they told nobody.
    std::optional<int64_t> promised_lease_ms;
    int64_t lease_margin_ms = 5000;
    int64_t claim_timeout_ms = 10 * 60 * 1000; ///< for pending jobs of HTTP runners
    int64_t epoch = 1;
  };

  explicit ledger(settings s);

  /// After a restart: an attempt that was open on disk. Its runner may come back and adopt it.
  void restore(const grant& open, bool started, int64_t runner_instance, instant now);

  /// A runner attaches, for the first time or again. Held grants that are its own are adopted,
  /// grants of its own that it does not list are sent again (in `parcels`), foreign or closed ones
  /// revoked in the welcome, unacked ends judged. A second attach of a live instance replaces the
  /// first.
  /// @returns welcome.runner == 0 with a sentence when the protocol ranges do not meet.
  wire::welcome attach(const wire::attach& a, instant now, told& out);

  /// A report: open grants are judged into the next batch, closed ones just acknowledged, unknown
  /// ones revoked. A report that was heard before (seq) is acknowledged again when its batch is on
  /// disk.
  void hear(const wire::report& r, instant now, told& out);

  /// The connection broke: nothing is requeued, the lease runs since the runner was last heard.
  void disconnected(runner_id r);
  /// The guardian, or the runner itself, says that nothing of it lives any more.
  void gone(runner_id r, instant now);
  /// The same for the runner of this instance, on behalf of a caller who waits for the disk.
  /// not_found where there is none, which is no harm.
  answer gone(int64_t instance, instant now, ticket_id ticket);
  /// Requeues what leases and claim timeouts give up. Call it about once a second.
  /// @returns runners that were not heard of for so long that they are lost, also those whose
  /// connection seems whole: the news of its end may have been missed
  std::vector<runner_id> tick(instant now);

  // HTTP runners. Each either refuses at once or answers `ticket` when its batch is on disk.
  void claim(offer o);
  answer start(job_id job, workflow_id w, int64_t run, node_id node, instant now, ticket_id ticket);
  /// An attempt that is not open becomes a force_status control. @param user who says so, if known
  answer complete(const result_row& r, instant now, ticket_id ticket, const std::string& user = {});
  answer control_of(const control& c, instant now, ticket_id ticket, told& out);
  /// What was judged last for this ticket belongs to a call that is to take effect once.
  void remember(ticket_id ticket, once_ptr call);

  /// True when a batch is worth sending.
  bool has_verdicts() const;
  /// How much lies in the next batch.
  struct judged_count {
    size_t started = 0, ended = 0;
  };
  judged_count judged() const;
  /// Everything judged since the last call, with the next batch number.
  verdicts take_batch();

  /// The writer's news. Opens the grants, hands out what may be told.
  told hear(const launch& l);
  /// The batch is on disk: acks and answers that waited for it.
  told on_disk(uint64_t batch);

  std::vector<runner_view> runners() const;
  size_t open_grants() const;
  void sanity_check() const;

  ~ledger();
  ledger(ledger&&) noexcept;
  ledger& operator=(ledger&&) noexcept;

private:
  struct state;
  std::unique_ptr<state> state_;
};

} // namespace torc::core
