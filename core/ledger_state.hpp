#pragma once

#include "core/ledger.hpp"

#include <deque>
#include <map>
#include <set>
#include <string>
#include <unordered_map>
#include <unordered_set>

namespace torc::core {

/// What the ledger holds, and the steps that its calls are made of.
struct ledger::state {
  struct attempt {
    grant what;
    bool started = false;
    bool sent = false;     ///< its runner was told, as far as we know
    bool recalled = false; ///< a revoke without kill is under way
    instant start;
    node_id node;
    std::unique_ptr<order_text> text; ///< until it has started; none after a restart
  };

  struct runner {
    runner_id id;
    int64_t instance = 0;
    std::string user;
    workflow_id workflow;
    capacity room;
    int32_t slots = 0;
    int32_t prefill = 0;
    std::string hostname;
    int64_t pid = 0;
    bool connected = false;
    bool known_to_broker = false;
    int64_t deadline_us = 0;   ///< lost if it is not heard before
    int64_t round_trip_us = 0; ///< as it told
    uint64_t last_batch = 0;   ///< the newest batch with a verdict on one of its attempts
    std::set<grant_id> held;
  };

  /// Grants that were under way from the broker when a control closed their jobs: they are closed
  /// when they arrive, up to the launch of the control's own batch.
  struct fence {
    uint64_t batch = 0;
    workflow_id workflow;
    bool all = false;
    std::unordered_set<job_id> jobs;
    std::optional<int64_t>
        run; ///< closes only grants of this run: for others the writer refuses it
    std::optional<int64_t> attempt = {}; ///< the same of an attempt, where a result names one
  };
  struct due_ack {
    uint64_t batch = 0;
    runner_id runner;
    int64_t seq = 0;
  };
  struct due_reply {
    uint64_t batch = 0;
    ticket_id ticket;
  };
  struct due_parcel {
    uint64_t batch = 0;
    parcel what;
  };
  /// What follows when the writer says yes to a control.
  struct consequence {
    workflow_id workflow;
    bool resumes = false;
    bool cancels = false;
  };
  struct pending_claim {
    grant_id grant;
    int64_t since_us = 0;
  };

  explicit state(settings s);

  settings set;
  std::unordered_map<grant_id, attempt> open;
  std::unordered_map<job_id, grant_id> by_job;
  std::map<runner_id, runner> runners;
  std::unordered_map<int64_t, runner_id> by_instance;
  /// Instances whose death was told; the word of one may still be under way. Oldest first.
  std::deque<int64_t> buried;
  int64_t next_runner = 1;
  grant_id newest; ///< of the grants that were ever heard of

  verdicts gathered;       ///< the batch that is being filled
  uint64_t last_taken = 0; ///< batch numbers
  uint64_t on_disk = 0;
  std::deque<fence> fences;
  std::deque<due_ack> acks;
  std::deque<due_reply> replies;
  std::deque<due_parcel> parcels;
  std::unordered_map<ticket_id, consequence> consequences;
  std::unordered_set<ticket_id> waits_for_rooms; ///< written, but told only when the rooms follow
  std::unordered_set<ticket_id> unheld;          ///< whose job is to run, and no room has it
  std::deque<pending_claim> claims;              ///< of HTTP runners, oldest first
  std::vector<grant_id> new_claims;              ///< not yet seen by a tick, which knows the time

  /// The number that `gathered` will have.
  uint64_t this_batch() const { return last_taken + 1; }
  attempt* find_open(grant_id g, runner_id owner);
  attempt* find_open(job_id j);
  /// Takes the attempt out; whoever calls it passes the verdict on.
  grant close(attempt& a);
  void note(runner_id r);
  void retry(attempt& a, ticket_id ticket = {});
  void give_back(attempt& a);
  /// Nobody will ever report on it again: closed for a control that writes the rest.
  void close_for_control(attempt& a, told& out);
  void judge(attempt& a, const wire::ended& e);
  /// The open attempt that a runner speaks of; none where it is closed, or not the runner's, or
  /// another than the runner says.
  attempt* find_named(const wire::attempt& said, runner_id by, told& out);

  runner& admit_runner(const wire::attach& a);
  /// Of a runner that was heard now: its own lease ends before, since it counts from what it sent.
  int64_t deadline_of(int64_t lease_ms, instant now) const;
  void join(runner& r, instant now);
  void reconcile(runner& r, const wire::attach& a, wire::welcome& w, told& out);
  /// Nothing will ever be heard of it again. @pre instance is not 0
  void bury(int64_t instance);
  void acknowledge(runner_id r, int64_t seq, uint64_t batch, told& out);
  /// It holds nothing any more. @param returns whether unstarted orders keep their attempt number
  void lose(runner& r, instant now, bool returns);

  /// What one launch hands out.
  struct handout {
    std::map<runner_id, wire::run_jobs> orders;
    std::unordered_map<ticket_id, std::vector<launch::placed>> claimed;
  };
  void open_attempt(const launch::placed& p, handout& to, told& out);
  bool is_fenced(const grant& g) const;
  void drop_fences(uint64_t batch);
  void recall_from(const recall& r, told& out);
  void finish(workflow_id w, const std::string& user, bool canceled, told& out);
  void settle(const ticketed<answer>& a, told& out);
  void follow(const amendments& a);

  answer obey(const control& c, ticket_id ticket, told& out);
  answer obey_one(const cancel_workflow& c, ticket_id ticket, told& out);
  answer obey_one(const put_status& c, ticket_id ticket, told& out);
  answer obey_one(const reset_status& c, ticket_id ticket, told& out);
  answer obey_one(const reset_jobs& c, ticket_id ticket, told& out);
  answer obey_one(const force_status& c, ticket_id ticket, told& out);
  answer obey_one(const retry_job& c, ticket_id ticket, told& out);
  answer obey_one(const amend_job& c, ticket_id ticket, told& out);
  answer obey_one(const amend_requirement& c, ticket_id ticket, told& out);
  answer obey_one(const remove_workflow& c, ticket_id ticket, told& out);
  answer obey_one(const take_back_claims& c, ticket_id ticket, told& out);
  answer obey_one(const remove_jobs& c, ticket_id ticket, told& out);
  void pass_on(const control& c, ticket_id ticket);
  void close_workflow(workflow_id w, told& out);
  void close_jobs(workflow_id w, const std::vector<job_id>& jobs, told& out);
};

/// The order as it goes to the runner.
wire::order as_order(const grant& g, const order_text& text);
/// Appends run_jobs parcels, none larger than a message may be.
void send_orders(runner_id to, wire::run_jobs all, ledger::told& out);

} // namespace torc::core
