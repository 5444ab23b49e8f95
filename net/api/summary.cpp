#include "net/api/all.hpp"
#include "net/json/progress.hpp"

#include <algorithm>
#include <array>
#include <map>

namespace torc::net::api {

namespace {

using core::read_model;
using core::workflow_id;

/// The sum over all results, which costs a look at each: it is made anew at most once a second.
class exec_times {
public:
  std::optional<double> recent(workflow_id id, core::instant at) const {
    const auto found = known_.find(id);
    if (found == known_.end() || at.us - found->second.at.us > 1'000'000)
      return std::nullopt;
    return found->second.minutes;
  }
  void learn(workflow_id id, core::instant at, double minutes) {
    constexpr size_t most = 1'000;
    if (known_.size() >= most)
      known_.clear();
    known_[id] = {at, minutes};
  }

private:
  struct sum {
    core::instant at;
    double minutes = 0;
  };
  std::map<workflow_id, sum> known_;
};

struct counted {
  std::array<int64_t, core::job_status_count> jobs{};
  std::optional<double> wall_s;
};

counted count_on_disk(read_model& r, workflow_id id) {
  counted c;
  for (const auto& [status, count] : r.job_counts(id))
    c.jobs[static_cast<size_t>(status)] += count;
  return c;
}

counted count_in_memory(const core::workflow_progress& p) {
  const auto all = json::sum_of(p);
  counted c{all.by_status, {}};
  const auto first = all.first_start.us, last = all.last_end.us;
  if (first > 0 && last > first)
    c.wall_s = static_cast<double>(last - first) / 1e6;
  return c;
}

template <class Row>
int64_t count_where(read_model& r, workflow_id id, std::string column, std::string value) {
  core::filter f;
  f.workflow = id;
  f.equals.emplace_back(std::move(column), std::move(value));
  f.at.limit = 0;
  return r.page_where<Row>(f).total;
}

struct status_question {
  workflow_id id;
  std::shared_ptr<const core::progress> progress;
  std::optional<double> exec_minutes;
};

struct status_answer {
  reply said;
  double exec_minutes = 0;
};

void put_counts(std::string& out, const counted& c) {
  json::object o(out);
  for (size_t i = 0; i < c.jobs.size(); ++i)
    o.add(core::to_string(static_cast<core::job_status>(i)), c.jobs[i]);
  o.close();
}

/// Labels may have what a key must escape.
void put_unserved(std::string& out, const std::vector<std::pair<core::label_set, int64_t>>& all) {
  out += '{';
  for (const auto& [labels, count] : all) {
    if (out.back() != '{')
      out += ',';
    json::put(out, std::string_view(core::joined(labels)));
    out += ':';
    json::put(out, count);
  }
  out += '}';
}

/// torc 0.21's status and 1.0's summary in one object: each client takes what it knows.
status_answer show_status(read_model& r, const status_question& ask) {
  const auto workflow = r.workflow(ask.id);
  const auto row = r.workflow_status(ask.id);
  if (!workflow || !row)
    return {refusal_reply(no_workflow(ask.id))};
  const auto at = ask.progress->workflows.find(ask.id);
  const auto c =
      at == ask.progress->workflows.end() ? count_on_disk(r, ask.id) : count_in_memory(*at->second);
  int64_t total = 0, unfinished = 0;
  for (size_t i = 0; i < c.jobs.size(); ++i) {
    total += c.jobs[i];
    unfinished += core::is_done(static_cast<core::job_status>(i)) ? 0 : c.jobs[i];
  }
  status_answer a;
  a.exec_minutes = ask.exec_minutes ? *ask.exec_minutes : r.exec_minutes(ask.id);
  std::string body;
  json::write(body, *row);
  body.back() = ','; // the object goes on
  std::string more;
  json::object o(more);
  using scheduled = core::scheduled_compute_node_row;
  o.add("workflow_id", ask.id.value).add("workflow_name", workflow->name);
  o.add("workflow_user", workflow->user).add("total_jobs", total);
  put_counts(o.key("jobs_by_status"), c);
  o.add("total_exec_time_minutes", a.exec_minutes);
  if (c.wall_s)
    o.add("walltime_seconds", *c.wall_s);
  o.add("active_compute_nodes",
        count_where<core::compute_node_row>(r, ask.id, "is_active", "true"));
  o.add("pending_scheduled_nodes", count_where<scheduled>(r, ask.id, "status", "pending"));
  o.add("active_scheduled_nodes", count_where<scheduled>(r, ask.id, "status", "active"));
  o.add("is_complete", row->is_canceled || unfinished == 0);
  put_unserved(o.key("unserved_ready_labels"), r.unserved_labels(ask.id));
  o.close();
  a.said = json_reply(body + more.substr(1));
  return a;
}

core::result<bool> read_archive(std::string_view body, json::unknown_keys& unknown) {
  json::members from;
  if (const auto opened = json::open(body, from); !opened)
    return opened.why();
  const auto slice = from.take("is_archived");
  const auto value = slice ? json::as_bool(*slice) : std::nullopt;
  if (!value)
    return core::refuse(core::refusal::malformed, "`is_archived` must be true or false");
  unknown.add(from);
  return *value;
}

void archive(const services& s, const call& c, bool wanted) {
  const workflow_id id{c->number(0)};
  s.house.edit(core::archive_workflow{id, wanted},
               unless_refused<core::edited>(c, [&s, c, id](const core::edited&) {
                 reply_by_reading(s, c, [id](read_model& r) {
                   const auto row = r.workflow(id);
                   return row ? row_reply(*row) : refusal_reply(no_workflow(id));
                 });
               }));
}

} // namespace

void add_summary(router& to, const services& s) {
  to.on("GET", "/workflows/{id}/status",
        [&s, times = std::make_shared<exec_times>()](const call& c) {
          const workflow_id id{c->number(0)};
          const auto at = now();
          const status_question ask{id, s.house.progress(), times->recent(id, at)};
          read_then(
              s, [ask](read_model& r) { return show_status(r, ask); },
              [c, times, id, at, known = ask.exec_minutes.has_value()](status_answer a) {
                if (!known)
                  times->learn(id, at, a.exec_minutes);
                c->answer(std::move(a.said));
              });
        });
  to.on("POST", "/workflows/{id}/archive", [&s](const call& c) {
    with_body(s, c, read_archive, [&s, c](bool wanted) { archive(s, c, wanted); });
  });
}

} // namespace torc::net::api
