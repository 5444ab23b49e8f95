#include "core/find_job.hpp"
#include "core/time.hpp"
#include "storage/kept_calls.hpp"
#include "storage/writer.hpp"

#include <algorithm>
#include <chrono>

namespace torc::storage {

using core::job_status;

int64_t now_ms() {
  return now().us / 1000;
}

core::instant now() {
  using namespace std::chrono;
  return {duration_cast<microseconds>(system_clock::now().time_since_epoch()).count()};
}

writer::writer(database& d)
    : db(d), ids(d), counts(d), jobs(d, counts), news(d), guests(d, ids, news),
      workflow_exists(d, "SELECT 1 FROM workflow WHERE id = ?1"),
      workflow_hidden(d, "SELECT 1 FROM submission WHERE workflow_id = ?1"),
      status_row(d, "SELECT run_id, is_canceled, is_archived FROM workflow_status WHERE id = ?1"),
      insert_event(d, "INSERT INTO event (id, workflow_id, timestamp, data) "
                      "VALUES (?1, ?2, ?3, ?4)"),
      retried(d, "SELECT json_object('category', 'job', 'event_type', 'job_retried', 'job_id', id, "
                 "'job_name', name, 'run_id', ?2, 'previous_attempt', ?3 - 1, 'new_attempt', ?3) "
                 "FROM job WHERE id = ?1") {}

bool writer::exists(core::workflow_id w, bool arriving) {
  return workflow_exists.any(w) && (arriving || !workflow_hidden.any(w));
}

void writer::event(core::workflow_id w, const std::string& json) {
  insert_event.run(ids.draw("event"), w, now_ms(), json);
}

void writer::job_retried(core::workflow_id w, core::job_id j, int32_t attempt) {
  event(w, retried.first<std::string>(j, counts.run_of(w), attempt).value_or("{}"));
}

void writer::job_canceled(core::job_id j, const std::string& user) {
  statement{db, "INSERT OR REPLACE INTO job_cancellation (job_id, user, at_ms) VALUES (?1, ?2, ?3)"}
      .run(j, user, now_ms());
}

void writer::forget_cancellation(core::job_id j) {
  statement{db, "DELETE FROM job_cancellation WHERE job_id = ?1"}.run(j);
}

void writer::forget_cancellations(core::workflow_id w) {
  statement runs{db, "SELECT first_job, last_job FROM job_run WHERE workflow_id = ?1"};
  statement drop{db, "DELETE FROM job_cancellation WHERE job_id BETWEEN ?1 AND ?2"};
  for (auto r = runs.query(w); r.next();)
    drop.run(r.get<int64_t>(0), r.get<int64_t>(1));
}

namespace {

struct earlier_ticket {
  using named = core::ticketed<std::string>;
  bool operator()(const named& a, const named& b) const { return a.ticket < b.ticket; }
  bool operator()(const named& a, core::ticket_id b) const { return a.ticket < b; }
};

/// Writes one turn. Items that the disk contradicts are skipped and counted.
class turn_writing {
public:
  turn_writing(writer& w, core::turn& t) : w_(w), t_(t), v_(t.cause.cause) {}

  core::launch write() {
    for (const auto& j : v_.joined)
      join(j);
    note_ended();
    std::sort(v_.cancelers.begin(), v_.cancelers.end(), earlier_ticket{});
    for (const auto& s : v_.started)
      start(s);
    for (const auto& e : v_.ended)
      end(e);
    for (const auto& r : v_.retried)
      retry(r);
    for (const auto& g : v_.returned)
      reopen(g, g.attempt);
    for (const auto& c : v_.controls) {
      const auto before = w_.amended.jobs.size();
      launch_.answers.push_back({c.ticket, write_control(w_, c.what)});
      for (auto j = w_.amended.jobs.begin() + static_cast<std::ptrdiff_t>(before);
           j != w_.amended.jobs.end(); ++j)
        j->ticket = j->ready_as > 0 ? c.ticket : core::ticket_id{};
    }
    release();
    for (const auto& l : v_.left)
      w_.guests.left(l);
    for (auto& g : t_.grants)
      place(g);
    remember_calls();
    return finish();
  }

private:
  /// The job's row, if `open` is its open attempt.
  std::optional<job_rows::state> holder(core::job_id job, core::grant_id open) {
    auto s = w_.jobs.find(job);
    if (s && s->open == open && open)
      return s;
    ++w_.contradictions;
    return std::nullopt;
  }

  void join(const core::runner_joined& j) {
    w_.guests.joined(j);
    for (auto g : j.open) {
      g.runner = j.runner;
      w_.jobs.adopt(g);
    }
  }

  void note_ended() {
    if (v_.started.empty())
      return;
    for (const auto& e : v_.ended)
      ended_.push_back({e.open.id, {}});
    std::sort(ended_.begin(), ended_.end(),
              [](const auto& a, const auto& b) { return a.grant < b.grant; });
  }

  core::instant start_of(const core::attempt_ended& e) const {
    if (e.start.us != 0)
      return e.start;
    const auto at = std::lower_bound(ended_.begin(), ended_.end(), e.open.id,
                                     [](const auto& x, core::grant_id g) { return x.grant < g; });
    return at != ended_.end() && at->grant == e.open.id ? at->started : core::instant{};
  }

  void start(const core::attempt_started& a) {
    // A start and its end in one turn are one write.
    const auto ended =
        std::lower_bound(ended_.begin(), ended_.end(), a.grant,
                         [](const auto& e, core::grant_id g) { return e.grant < g; });
    if (ended != ended_.end() && ended->grant == a.grant) {
      ended->started = a.at;
      return;
    }
    auto s = holder(a.job, a.grant);
    if (!s)
      return;
    w_.counts.started(s->workflow, s->stage, a.at);
    w_.jobs.start(*s, a.node ? a.node : s->node);
    if (w_.news.wanted())
      w_.news.started(*s, a);
  }

  void end(const core::attempt_ended& e) {
    auto s = holder(e.open.job, e.open.id);
    if (!s)
      return;
    auto known = e;
    known.open.workflow = s->workflow;
    known.open.run = s->run;
    known.open.attempt = s->attempt;
    if (known.completion_time.empty())
      known.completion_time = core::to_iso8601(e.end);
    const auto result = w_.jobs.put_result(core::result_id{w_.ids.draw("result")}, known,
                                           e.node ? e.node : s->node, known.completion_time);
    w_.jobs.end(*s, e.status, result);
    if (e.status == job_status::canceled)
      note_canceler(e);
    w_.counts.ended(s->workflow, s->stage, start_of(e), e.end);
    if (w_.news.wanted())
      w_.news.ended(*s, e, start_of(e));
  }

  void note_canceler(const core::attempt_ended& e) {
    const auto& all = v_.cancelers;
    const auto who = std::lower_bound(all.begin(), all.end(), e.ticket, earlier_ticket{});
    if (who != all.end() && who->ticket == e.ticket)
      w_.job_canceled(e.open.job, who->what);
  }

  bool reopen(const core::grant& g, int32_t attempt) {
    auto s = holder(g.job, g.id);
    if (s)
      w_.jobs.close(*s, job_status::ready, attempt);
    return s.has_value();
  }

  void retry(const core::attempt_retried& r) {
    if (reopen(r.open, r.next_attempt))
      w_.job_retried(r.open.workflow, r.open.job, r.next_attempt);
  }

  void release() {
    const auto& r = t_.cause;
    const bool planned = r.admitted && r.admitted->resumed.empty();
    const auto admitted = planned ? r.admitted->workflow : core::workflow_id{};
    for (auto job : r.canceled)
      settle(job, job_status::canceled);
    if (r.admitted && !planned)
      for (auto job : r.admitted->canceled_jobs)
        settle(job, job_status::canceled);
    if (r.ready.empty())
      return;
    std::vector<core::job_id> granted;
    granted.reserve(t_.grants.size());
    for (const auto& g : t_.grants)
      granted.push_back(g.job);
    std::sort(granted.begin(), granted.end());
    std::vector<core::job_id> waiting;
    for (const auto& j : r.ready)
      // An admission writes its statuses itself, and a grant writes `pending` at once.
      if (std::binary_search(granted.begin(), granted.end(), j.job))
        continue;
      else if (j.workflow != admitted)
        waiting.push_back(j.job);
      else
        catch_up(j.job);
    make_ready(std::move(waiting));
  }

  /// What it waited for when its rows were read may have ended since.
  void catch_up(core::job_id job) {
    const auto& admitted = t_.cause.admitted->jobs;
    const auto at = core::find_job(admitted, job);
    if (at == core::no_position || admitted[at].status == job_status::ready)
      return;
    if (auto s = w_.jobs.find(job); s && s->status == job_status::blocked)
      w_.jobs.set_status(*s, job_status::ready);
  }

  /// Whoever waits behind one barrier was mostly created in one go: neighbours are one statement.
  void make_ready(std::vector<core::job_id> jobs) {
    std::sort(jobs.begin(), jobs.end());
    for (auto first = jobs.begin(); first != jobs.end();) {
      auto last = first;
      while (last + 1 != jobs.end() && (last + 1)->value == last->value + 1)
        ++last;
      // Who is of another stage, or may not become ready, is looked at by itself.
      if (last == first || w_.jobs.release(*first, *last) != last - first + 1)
        for (auto j = first; j <= last; ++j)
          settle(*j, job_status::ready);
      first = last + 1;
    }
  }

  void settle(core::job_id job, job_status to) {
    auto s = w_.jobs.find(job);
    if (s && s->status == to)
      return;
    if (s && !s->open && !core::is_complete(s->status))
      w_.jobs.set_status(*s, to);
    else
      ++w_.contradictions;
  }

  void place(core::grant& g) {
    auto s = w_.jobs.find_with_order(g.job);
    if (!s || s->open || core::is_done(s->status)) {
      ++w_.contradictions;
      return;
    }
    g.workflow = s->workflow;
    g.run = w_.counts.run_of(s->workflow);
    w_.jobs.open(*s, g, w_.guests.node_in(g.runner, s->workflow));
    launch_.orders.push_back({g, std::move(s->text)});
  }

  /// What is refused has done nothing, and is not remembered.
  void remember_calls() {
    for (const auto& call : v_.once) {
      const auto said = std::find_if(launch_.answers.begin(), launch_.answers.end(),
                                     [&](const auto& a) { return a.ticket == call.ticket; });
      if (said == launch_.answers.end())
        remember(w_.db, *call.what, {{}, 1}, now().us);
      else if (said->what)
        remember(w_.db, *call.what, {{}, said->what->count}, now().us);
    }
    for (const auto& o : v_.offers)
      if (o.once)
        remember(w_.db, *o.once, claimed_by(o.ticket), now().us);
    if (const auto& a = t_.cause.admitted; a && a->once)
      remember(w_.db, *a->once, {}, now().us);
  }

  core::effect claimed_by(core::ticket_id offer) const {
    core::effect what;
    for (const auto& placed : launch_.orders)
      if (placed.open.offer == offer)
        what.ids.push_back(placed.open.job.value);
    return what;
  }

  core::launch finish() {
    launch_.turn = ++w_.turn;
    launch_.batch = v_.batch;
    launch_.recalls = std::move(t_.recalls);
    launch_.completed = std::move(t_.cause.completed);
    launch_.amended = std::exchange(w_.amended, {});
    launch_.unheld = std::move(t_.cause.unheld);
    for (const auto& o : v_.offers)
      launch_.offers.push_back(o.ticket);
    return std::move(launch_);
  }

  writer& w_;
  core::turn& t_;
  core::verdicts& v_;
  /// What ends in this turn, by grant, and when it started if that is told in this turn, too.
  struct end_note {
    core::grant_id grant;
    core::instant started;
  };
  std::vector<end_note> ended_;
  core::launch launch_;
};

} // namespace

core::launch write_turn(writer& w, core::turn& t) {
  return turn_writing{w, t}.write();
}

} // namespace torc::storage
