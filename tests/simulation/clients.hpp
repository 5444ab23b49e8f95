#pragma once

#include "scenario.hpp"
#include "server.hpp"
#include "witness.hpp"

#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

namespace torc::simulation {

/// A call over HTTP: its answer comes, or it is lost with the server that was asked.
template <class T>
class pending {
public:
  using then = std::function<void(core::result<T>)>;

  /// @returns what `ask` hands to the port
  then begin(const server& s) {
    state_ = std::make_shared<state>();
    life_ = s.life();
    return [st = state_](core::result<T> how) { st->answer.emplace(std::move(how)); };
  }
  bool is_open() const { return state_ != nullptr; }
  bool is_lost(const server& s) const {
    return state_ && !state_->answer && (!s.is_up() || s.life() != life_);
  }
  void forget() { state_.reset(); }
  /// None: not yet.
  std::optional<core::result<T>> take() {
    if (!state_ || !state_->answer)
      return std::nullopt;
    auto out = std::move(state_->answer);
    state_.reset();
    return out;
  }

private:
  struct state {
    std::optional<core::result<T>> answer;
  };
  std::shared_ptr<state> state_;
  int64_t life_ = 0;
};

/// Creates a workflow piece by piece, initializes it, and begins anew where a call was lost.
class author {
public:
  author(environment& env, const workflow_plan& plan, server& s, committed_rows& rows)
      : env_(env), plan_(plan), server_(s), rows_(rows) {}
  /// One step, if one can be made. @returns whether it was
  bool step();
  bool is_done() const { return at_ == done; }
  /// 0: not created yet.
  int64_t workflow() const { return workflow_; }
  const workflow_plan& plan() const { return plan_; }
  /// Says once more that everything that can run is to run.
  void initialize_again() { at_ = again; }

private:
  enum place { submission, first_half, second_half, closing, start, again, done };
  bool hear();
  void lost();
  void ask();
  core::open_submission opening() const;
  core::create_jobs chunk(size_t from, size_t to) const;

  environment& env_;
  const workflow_plan& plan_;
  server& server_;
  committed_rows& rows_;
  place at_ = submission;
  int64_t workflow_ = 0;
  int64_t life_ = 0; ///< of the server that took the submission; no other one finishes it
  std::vector<int64_t> ids_;
  pending<core::edited> edit_;
  pending<net::api::initializer::outcome> starting_;
};

/// A runner that polls over HTTP, as torc's own do. It never loses what it has started.
class http_runner {
public:
  http_runner(environment& env, const scenario& plan, server& s, committed_rows& rows, witness& saw)
      : env_(env), plan_(plan), server_(s), rows_(rows), saw_(saw) {}
  /// @param workflow to claim from; 0: nothing more is claimed
  bool step(int64_t workflow);
  bool is_idle() const { return jobs_.empty() && !claim_.is_open(); }
  int64_t next_us() const;

private:
  struct job {
    core::grant open;
    std::string name;
    bool runs = false, has_ended = false, is_over = false;
    size_t number = 0;
    int64_t end_us = 0;
    pending<core::done> call;
  };
  bool make_node(int64_t workflow);
  bool claim(int64_t workflow);
  bool work(job& j);
  void hear(job& j, const core::result<core::done>& how);
  void begin(job& j);

  environment& env_;
  const scenario& plan_;
  server& server_;
  committed_rows& rows_;
  witness& saw_;
  int64_t node_ = 0, node_workflow_ = 0;
  pending<core::edited> node_call_;
  pending<std::vector<core::launch::placed>> claim_;
  std::vector<std::unique_ptr<job>> jobs_;
};

/// Somebody who cancels, resets, retries, amends and deletes.
class meddler {
public:
  /// @param is_harsh it also has ready jobs wait again for what has ended
  meddler(environment& env, server& s, committed_rows& rows, bool is_harsh)
      : env_(env), server_(s), rows_(rows), is_harsh_(is_harsh) {}
  /// Asks for something, or hears what it came to.
  bool step(bool may_ask);
  bool is_idle() const { return !call_.is_open() && !starting_.is_open(); }
  /// Lets go on, one call at a time, whatever was stopped or set back.
  void make_whole(const std::vector<std::unique_ptr<author>>& authors);

private:
  void ask(core::control what, const std::string& says);
  void hear(const core::result<core::done>& how);
  void ask_about_job(const job_now& j);
  void ask_about_workflow(int64_t workflow);
  /// @returns false where no job is ready that waited for another
  bool have_one_wait_again();
  void start(int64_t workflow, net::api::initializer::wish what);

  environment& env_;
  server& server_;
  committed_rows& rows_;
  pending<core::done> call_;
  pending<net::api::initializer::outcome> starting_;
  int64_t job_ = 0, workflow_ = 0;
  bool is_harsh_;
  bool initializes_next_ = false;
};

} // namespace torc::simulation
