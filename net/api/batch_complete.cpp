#include "net/api/all.hpp"
#include "net/api/read_list.hpp"

#include <unordered_set>

namespace torc::net::api {

namespace {

using core::refusal;
using core::refuse;
using core::result_row;

/// The ends of many jobs, and what came of each. So many are told to the rooms at a time: together
/// they become few turns, and one caller does not take all places of the ingress.
class batch : public std::enable_shared_from_this<batch> {
public:
  static constexpr int most_open = 256;

  batch(const services& s, call c, std::vector<result_row> ends)
      : services_(s), call_(std::move(c)), ends_(std::move(ends)), wrong_(ends_.size()) {}

  const std::vector<result_row>& ends() const { return ends_; }
  void refuse_end(size_t at, std::string why) { wrong_[at] = std::move(why); }

  void pump() {
    if (std::exchange(pumping_, true))
      return; // an answer came at once: the loop below goes on
    for (; open_ < most_open && next_ < ends_.size(); ++next_)
      if (!wrong_[next_])
        complete(next_);
    pumping_ = false;
    if (open_ == 0 && next_ == ends_.size())
      call_->answer(show());
  }

private:
  void complete(size_t at) {
    ++open_;
    services_.house.complete_job(
        ends_[at], call_->in().user,
        [self = shared_from_this(), at](const core::result<core::done>& done) {
          if (!done)
            self->refuse_end(at, done.why().message);
          --self->open_;
          self->pump();
        });
  }

  reply show() const {
    std::string body;
    json::object o(body);
    auto& completed = o.key("completed") += '[';
    for (size_t i = 0; i < ends_.size(); ++i)
      if (!wrong_[i])
        completed += (completed.back() == '[' ? "" : ",") + std::to_string(ends_[i].job.value);
    completed += ']';
    auto& errors = o.key("errors") += '[';
    for (size_t i = 0; i < ends_.size(); ++i) {
      if (!wrong_[i])
        continue;
      if (errors.back() != '[')
        errors += ',';
      json::object(errors).add("job_id", ends_[i].job.value).add("message", *wrong_[i]).close();
    }
    errors += ']';
    o.close();
    return json_reply(std::move(body));
  }

  const services& services_;
  call call_;
  std::vector<result_row> ends_;
  std::vector<std::optional<std::string>> wrong_;
  size_t next_ = 0;
  int open_ = 0;
  bool pumping_ = false;
};

core::result<result_row> read_end(std::string_view item, json::unknown_keys& unknown) {
  json::members from;
  if (const auto opened = json::open(item, from); !opened)
    return opened.why();
  int64_t job = 0, run = -1;
  std::string status, problem;
  json::get(from, "job_id", job, problem);
  json::get(from, "run_id", run, problem);
  json::get(from, "status", status, problem);
  const auto result = from.take("result");
  if (problem.empty() && (job == 0 || run < 0 || status.empty() || !result))
    problem = "job_id, run_id, status and result are needed";
  const auto ended = core::job_status_from(std::string_view(status));
  if (problem.empty() && !ended)
    problem = "there is no job status \"" + status + "\"";
  if (!problem.empty())
    return refuse(refusal::malformed, problem);
  auto row = json::read<result_row>(*result, {&unknown, false});
  if (!row)
    return refuse(row.why().why, "result: " + row.why().message);
  if (row->job.value != job || row->run_id != run)
    return refuse(refusal::unprocessable, "a result is of another job or run than its entry");
  row->status = *ended;
  unknown.add(from);
  return row;
}

core::result<std::vector<result_row>> read_ends(std::string_view body,
                                                json::unknown_keys& unknown) {
  return read_list<result_row>(
      body, unknown, "completions", "completions",
      [&](std::string_view item, const auto&) { return read_end(item, unknown); });
}

/// The jobs of these that are of the workflow; none where there is no such workflow.
std::optional<std::unordered_set<int64_t>> jobs_of(core::read_model& r, core::workflow_id workflow,
                                                   const std::vector<result_row>& ends) {
  if (!r.workflow(workflow))
    return std::nullopt;
  std::vector<int64_t> ids;
  ids.reserve(ends.size());
  for (const auto& e : ends)
    ids.push_back(e.job.value);
  std::unordered_set<int64_t> found;
  for (const auto& job : r.jobs_by_id(ids, false))
    if (job.workflow == workflow)
      found.insert(job.id.value);
  return found;
}

void complete_all(const services& s, const call& c, std::vector<result_row> ends) {
  const core::workflow_id workflow{c->number(0)};
  const auto all = std::make_shared<batch>(s, c, std::move(ends));
  read_then(
      s, [all, workflow](core::read_model& r) { return jobs_of(r, workflow, all->ends()); },
      [c, all, workflow](const std::optional<std::unordered_set<int64_t>>& known) {
        if (!known)
          return c->refuse(no_workflow(workflow));
        for (size_t i = 0; i < all->ends().size(); ++i) {
          const auto& e = all->ends()[i];
          if (!known->contains(e.job.value))
            all->refuse_end(i, "there is no job " + std::to_string(e.job.value) + " in workflow " +
                                   std::to_string(workflow.value));
          else if (!core::is_terminal(e.status))
            all->refuse_end(i, "no job ends as " + std::string(to_string(e.status)));
        }
        all->pump();
      });
}

} // namespace

void add_batch_complete(router& to, const services& s) {
  to.on("POST", "/workflows/{id}/batch_complete_jobs", [&s](const call& c) {
    with_body(s, c, read_ends,
              [&s, c](std::vector<result_row> ends) { complete_all(s, c, std::move(ends)); });
  });
}

} // namespace torc::net::api
