#pragma once

#include "core/image.hpp"
#include "core/turn.hpp"

#include <boost/test/unit_test.hpp>

#include <map>
#include <set>
#include <utility>
#include <vector>

namespace torc::core::test {

/// A database of maps that applies turns as the DB writer does, and fails the test on any turn that
/// contradicts what it holds.
struct fake_disk {
  struct job {
    workflow_id workflow;
    job_status status = job_status::uninitialized;
    int32_t attempt = 1;
    bool cancel_on_failure = true;
    grant held;
    bool started = false;
    int64_t ends = 0; ///< since the last reset
  };
  struct workflow {
    std::string user;
    int64_t run = 1;
    bool canceled = false;
    std::vector<std::pair<job_id, job_id>> edges;
  };

  std::map<job_id, job> jobs;
  std::map<workflow_id, workflow> workflows;
  std::set<int64_t> grants_seen;
  std::map<int64_t, int64_t> instance_of; ///< runner -> instance
  std::vector<job_class> classes;
  uint64_t turns = 0;

  workflow_facts facts(workflow_id w) const {
    auto f = workflow_facts{};
    const auto& row = workflows.at(w);
    f.workflow = w;
    f.user = row.user;
    f.canceled = row.canceled;
    f.run = row.run;
    f.classes = classes;
    f.edges = row.edges;
    for (const auto& [id, j] : jobs)
      if (j.workflow == w)
        f.jobs.push_back({id, j.status, static_cast<uint32_t>(id.value) % 2, j.attempt,
                          j.cancel_on_failure, is_open(j.status)});
    return f;
  }

  /// Nothing of it moves: what was reset waits for an initialization.
  bool rests(workflow_id w) const {
    for (const auto& [id, j] : jobs)
      if (j.workflow == w && !is_done(j.status) && j.status != job_status::uninitialized)
        return false;
    return true;
  }

  job& held(const grant& g) {
    auto& j = jobs.at(g.job);
    BOOST_REQUIRE(is_open(j.status));
    BOOST_REQUIRE((j.held.id == g.id));
    return j;
  }

  answer obey(const control& c) {
    if (auto cancel = std::get_if<cancel_workflow>(&c)) {
      workflows.at(cancel->workflow).canceled = true;
      for (auto& [id, j] : jobs)
        if (j.workflow == cancel->workflow && is_open(j.status))
          j.status = job_status::canceled;
    } else if (auto reset = std::get_if<reset_status>(&c)) {
      for (auto& [id, j] : jobs)
        if (j.workflow == reset->workflow && is_open(j.status) && !reset->force)
          return refuse(refusal::unprocessable, "open");
      workflows.at(reset->workflow).canceled = false;
    } else if (auto anew = std::get_if<reset_jobs>(&c)) {
      for (auto& [id, j] : jobs)
        if (j.workflow == anew->workflow) {
          j.status = job_status::uninitialized;
          j.ends = 0;
        }
    } else if (auto force = std::get_if<force_status>(&c)) {
      auto& j = jobs.at(force->job);
      if (force->run != workflows.at(j.workflow).run || is_done(j.status) ||
          (force->result && force->result->attempt_id != j.attempt))
        return refuse(refusal::unprocessable, "run, attempt or complete");
      j.status = force->status;
      j.ends += is_done(force->status);
    }
    return done{1};
  }

  launch apply(turn t) {
    auto out = launch{};
    out.turn = ++turns;
    auto& cause = t.cause.cause;
    out.batch = cause.batch;
    for (const auto& j : cause.joined)
      BOOST_REQUIRE(instance_of.contains(j.runner.value));
    for (const auto& s : cause.started) {
      auto& j = jobs.at(s.job);
      BOOST_REQUIRE((j.held.id == s.grant));
      j.status = job_status::running;
      j.started = true;
    }
    for (const auto& e : cause.ended) {
      auto& j = held(e.open);
      j.status = e.status;
      BOOST_REQUIRE(++j.ends == 1);
    }
    for (const auto& r : cause.retried) {
      auto& j = held(r.open);
      j.status = job_status::ready;
      j.attempt = r.next_attempt;
    }
    for (const auto& g : cause.returned) {
      BOOST_REQUIRE(!held(g).started);
      held(g).status = job_status::ready;
    }
    for (const auto& c : cause.controls)
      out.answers.push_back({c.ticket, obey(c.what)});
    if (t.cause.admitted)
      for (const auto& j : t.cause.admitted->jobs)
        jobs.at(j.job).status = j.status;
    auto canceled = t.cause.canceled;
    if (t.cause.admitted)
      canceled.insert(canceled.end(), t.cause.admitted->canceled_jobs.begin(),
                      t.cause.admitted->canceled_jobs.end());
    for (auto id : canceled)
      jobs.at(id).status = job_status::canceled;
    for (const auto& r : t.cause.ready) {
      BOOST_REQUIRE((jobs.at(r.job).status == job_status::blocked ||
                     jobs.at(r.job).status == job_status::ready));
      jobs.at(r.job).status = job_status::ready;
    }
    for (auto& g : t.grants) {
      auto& j = jobs.at(g.job);
      BOOST_REQUIRE_MESSAGE(j.status == job_status::ready, "job " << g.job.value
                                                                  << " is granted while it is "
                                                                  << to_string(j.status));
      BOOST_REQUIRE(!workflows.at(j.workflow).canceled);
      BOOST_REQUIRE(grants_seen.insert(g.id.value).second);
      BOOST_REQUIRE(j.attempt == g.attempt);
      g.run = workflows.at(j.workflow).run;
      j.status = job_status::pending;
      j.held = g;
      j.started = false;
      out.orders.push_back({g, {"name", "true", {}}});
    }
    for (const auto& o : cause.offers)
      out.offers.push_back(o.ticket);
    for (const auto& w : t.cause.completed)
      BOOST_REQUIRE(rests(w.workflow));
    out.recalls = std::move(t.recalls);
    out.completed = std::move(t.cause.completed);
    return out;
  }
};

} // namespace torc::core::test
