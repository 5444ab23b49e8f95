#include "cli/tui/browser.hpp"

#include "cli/client/workflow.hpp"
#include "core/time.hpp"
#include "exec/job_process.hpp"
#include "net/client.hpp"

#include <algorithm>
#include <iterator>

namespace torc::cli::tui {

namespace {

/// An answer is asked for again when so much time has passed, or four times what it took.
constexpr int64_t least_pause_ms = 250;
constexpr int64_t list_pause_ms = 1000;

bool is_open(const std::string& status) {
  return status == "pending" || status == "running";
}

} // namespace

browser::browser(settings s, int rows, int columns)
    : settings_(std::move(s)), rows_(rows), columns_(columns) {
  results_.filter = {"ended", "completed,failed,canceled,terminated,pending_failed"};
  if (settings_.workflow > 0)
    open(settings_.workflow, settings_.workflow_name);
  else
    ask_for_view();
}

void browser::resize(int rows, int columns) {
  rows_ = rows;
  columns_ = columns;
  move(0);
}

void browser::ask_for(topic what, std::string path) {
  if (!pending_.insert(what).second) {
    stale_ = true;
    return;
  }
  ask question;
  question.what = what;
  question.path = std::move(path);
  asks_.push_back(std::move(question));
}

void browser::ask_for_view() {
  stale_ = false;
  const auto of_workflow = "?workflow_id=" + std::to_string(workflow_);
  switch (at_) {
  case view::workflows:
    return ask_for(topic::workflows, "/workflows?sort_by=id&reverse_sort=true&limit=" +
                                         std::to_string(workflow_page::most));
  case view::jobs:
    return ask_for(topic::jobs, workflow_path(workflow_, jobs_.query()));
  case view::results:
    return ask_for(topic::results, workflow_path(workflow_, results_.query()));
  case view::runners:
    ask_for(topic::rooms, "/rooms");
    return ask_for(topic::nodes,
                   "/compute_nodes" + of_workflow + "&sort_by=id&reverse_sort=true&limit=500");
  case view::job:
    ask_for(topic::nodes,
            "/compute_nodes" + of_workflow + "&sort_by=id&reverse_sort=true&limit=500");
    ask_for(topic::attempts, "/results" + of_workflow + "&job_id=" + std::to_string(job_.id) +
                                 "&all_runs=true&sort_by=id&reverse_sort=true");
    return ask_for(topic::job, "/jobs/" + std::to_string(job_.id));
  case view::events:
    if (!std::exchange(events_.asked, true) && events_.shows_stored())
      ask_for(topic::events, "/events" + of_workflow + "&sort_by=id&reverse_sort=true&limit=200");
    return;
  case view::graph:
  case view::output:
    return;
  }
}

void browser::ask_now() {
  next_ask_ms_ = 0;
  pending_.clear();
  ask_for_view();
}

void browser::changed() {
  stale_ = true;
}

void browser::tick(int64_t now_ms) {
  if (stale_ && trouble_.empty() && now_ms >= next_ask_ms_ && pending_.empty())
    ask_for_view();
}

int64_t browser::due_in(int64_t now_ms) const {
  if (!stale_ || !trouble_.empty() || !pending_.empty())
    return -1;
  return std::max<int64_t>(0, next_ask_ms_ - now_ms);
}

void browser::hear(const reply& r, int64_t now_ms) {
  pending_.erase(r.to.what);
  const bool of_view = r.to.what != topic::action && r.to.what != topic::reasons;
  if (of_view)
    next_ask_ms_ =
        now_ms +
        std::max(at_ == view::workflows || at_ == view::runners ? list_pause_ms : least_pause_ms,
                 4 * r.took_ms);
  if (!r.trouble.empty())
    return take_trouble(r);
  trouble_.clear();
  came(r);
}

void browser::take_trouble(const reply& r) {
  jobs_.failed();
  results_.failed();
  if (r.lost) {
    trouble_ = r.trouble;
    stale_ = true;
    return;
  }
  note_ = r.trouble;
  note_is_bad_ = true;
}

void browser::came(const reply& r) {
  switch (r.to.what) {
  case topic::workflows:
    return came_workflows(r.body);
  case topic::jobs:
  case topic::results: {
    auto& list = r.to.what == topic::jobs ? jobs_ : results_;
    // What was asked before the last key is nobody's any more.
    if (r.to.path != workflow_path(workflow_, list.query()))
      return changed();
    list.came(r.body);
    if (list.move(0, list_rows()))
      changed();
    return;
  }
  case topic::rooms:
    // No commit tells when a runner comes or goes: while somebody looks, once a second is asked.
    runners_.rooms = r.body;
    return changed();
  case topic::nodes:
    if (r.to.path.find("workflow_id=" + std::to_string(workflow_) + "&") != std::string::npos)
      runners_.nodes = r.body;
    return;
  case topic::job:
    if (integer_member(r.body, "id") == job_.id)
      job_.job = r.body;
    return;
  case topic::attempts:
    if (r.to.path.find("&job_id=" + std::to_string(job_.id) + "&") != std::string::npos)
      job_.attempts = list_member(r.body, "items");
    return;
  case topic::reasons:
    reasons_.clear();
    note_.clear();
    for (const auto& reason : list_member(r.body, "reasons"))
      reasons_.push_back(cell(reason));
    if (reasons_.empty())
      reasons_.emplace_back("the server knows no reason");
    return;
  case topic::events:
    if (r.to.path.find("workflow_id=" + std::to_string(workflow_) + "&") != std::string::npos &&
        events_.shows_stored())
      events_.put_before(list_member(r.body, "items"));
    return;
  case topic::action:
    note_ = r.to.done;
    note_is_bad_ = false;
    return changed();
  }
}

void browser::came_workflows(const json::value& body) {
  const auto* chosen = workflows_.chosen();
  const auto id = chosen ? chosen->id : 0;
  std::map<int64_t, std::optional<progress_view>> known;
  for (auto& w : workflows_.all)
    known[w.id] = std::move(w.progress);
  workflows_.all.clear();
  for (const auto& item : list_member(body, "items")) {
    const auto w = integer_member(item, "id");
    workflows_.all.push_back({w, text_member(item, "name"), text_member(item, "user"),
                              text_member(item, "timestamp"), known[w]});
  }
  workflows_.total = integer_member(body, "total_count");
  workflows_.known = true;
  const auto shown = workflows_.shown();
  const auto same =
      std::find_if(shown.begin(), shown.end(), [&](const auto* w) { return w->id == id; });
  if (same != shown.end())
    workflows_.where.selected = static_cast<size_t>(same - shown.begin());
  workflows_.where.move(0, shown.size(), list_rows());
}

void browser::hear_progress(const json::value& frame, int64_t now_ms) {
  trouble_.clear();
  changed();
  for (const auto& one : list_member(frame, "workflows"))
    for (auto& w : workflows_.all)
      if (w.id == integer_member(one, "workflow_id"))
        w.progress = read_progress(one);
  if (workflow_ == 0 || integer_member(frame, "workflow_id") != workflow_)
    return;
  progress_ = read_progress(frame);
  has_progress_ = true;
  rates_.add(progress_, now_ms * 1000);
  stages_.move(0, progress_.stages.size(), list_rows());
}

void browser::hear_event(const std::string& type, const json::value& event) {
  event_page::line l;
  l.severity = text_member(event, "severity");
  l.type = type;
  if (const auto& dropped = member(event, "dropped"); l.severity.empty()) {
    l.severity = "warning";
    l.type = "missed";
    l.what = (dropped.is_null() ? std::string("some") : cell(dropped)) + " events were missed";
  } else {
    const auto at = core::instant_of_ms(integer_member(event, "timestamp"));
    l.when = core::to_iso8601(at).substr(11, 12);
    if (const auto& data = member(event, "data"); data.is_object())
      for (const auto& [name, value] : data.as_object())
        l.what += (l.what.empty() ? "" : " ") + std::string(name) + "=" + cell(value);
  }
  events_.all.push_back(std::move(l));
  if (events_.up > 0)
    ++events_.up;
  if (events_.all.size() > event_page::most)
    events_.all.pop_front();
  events_.up = std::min(events_.up, events_.all.size() - 1);
}

void browser::hear_line(const std::string& trouble) {
  if (trouble.empty() && !trouble_.empty()) {
    note_ = "the server answers again";
    note_is_bad_ = false;
    stale_ = true;
  }
  trouble_ = trouble;
}

void browser::hear_log(const log_text& text) {
  if (text.path != log_path())
    return;
  if (auto* page = log_shown())
    page->take(text);
}

void browser::hear_runner(const runner_news& news) {
  const bool ended = runner_.running && !news.running;
  const bool began = !runner_.running && news.running;
  runner_ = news;
  note_is_bad_ = !news.trouble.empty() || (ended && news.exit != 0);
  const auto what = "the runner of workflow " + std::to_string(news.workflow);
  if (!news.trouble.empty())
    note_ = news.trouble;
  else if (began)
    note_ = what + " has begun, pid " + std::to_string(news.pid);
  else if (ended)
    note_ = what + " has ended with exit code " + std::to_string(news.exit);
}

std::string browser::feed_path() const {
  if (at_ != view::workflows)
    return workflow_ > 0 ? workflow_path(workflow_, "/progress/stream") : std::string();
  std::string ids;
  for (const auto& w : workflows_.all)
    ids += (ids.empty() ? "" : ",") + std::to_string(w.id);
  return "/progress/stream?workflow_ids=" + ids;
}

std::string browser::events_path() const {
  if (workflow_ == 0 || !events_.wanted)
    return {};
  return workflow_path(workflow_, "/events/stream?level=" + event_page::levels()[events_.level]);
}

std::string browser::log_path() const {
  if (at_ == view::output)
    return runner_.output;
  if (at_ != view::job || job_.id == 0)
    return {};
  int64_t run = progress_.run;
  int64_t attempt = integer_member(job_.job, "attempt_id", 1);
  const bool runs = is_open(text_member(job_.job, "status"));
  if (const auto* shown = job_.shown(); shown && (!runs || job_.attempt > 0)) {
    run = integer_member(*shown, "run_id");
    attempt = integer_member(*shown, "attempt_id");
  }
  const auto paths = exec::stdio_paths_of(settings_.output_dir, core::workflow_id{workflow_},
                                          core::job_id{job_.id}, run, attempt);
  return job_.errors ? paths.err : paths.out;
}

std::vector<ask> browser::take_asks() {
  return std::exchange(asks_, {});
}
int64_t browser::take_run() {
  return std::exchange(run_wanted_, 0);
}
int browser::take_stop() {
  return std::exchange(stop_wanted_, 0);
}

job_list* browser::jobs_shown() {
  return at_ == view::jobs ? &jobs_ : at_ == view::results ? &results_ : nullptr;
}
const job_list* browser::jobs_shown() const {
  return at_ == view::jobs ? &jobs_ : at_ == view::results ? &results_ : nullptr;
}

log_page* browser::log_shown() {
  return at_ == view::job ? &job_.log : at_ == view::output ? &output_ : nullptr;
}

} // namespace torc::cli::tui
