#include "cli/print/table.hpp"
#include "cli/tui/painter.hpp"

#include <algorithm>
#include <cmath>
#include <cstdio>

namespace torc::cli::tui {

namespace {

tone tone_of(const std::string& status) {
  if (status == "completed")
    return tone::good;
  if (status == "failed" || status == "terminated" || status == "pending_failed")
    return tone::bad;
  if (status == "running" || status == "pending")
    return tone::busy;
  return status == "ready" ? tone::plain : tone::faint;
}

std::string number_or_nothing(int64_t n) {
  return n > 0 ? std::to_string(n) : "";
}

/// "1.204 s", "12:34", "3:00:12".
std::string time_text(std::optional<double> minutes) {
  if (!minutes)
    return "";
  const double seconds = *minutes * 60;
  if (seconds >= 60)
    return clock_text(static_cast<int64_t>(seconds));
  char text[32];
  std::snprintf(text, sizeof text, "%.3f s", seconds);
  return text;
}

std::string memory_text(std::optional<int64_t> bytes) {
  if (!bytes)
    return "";
  constexpr double kib = 1024, mib = kib * 1024, gib = mib * 1024;
  const auto b = static_cast<double>(*bytes);
  char text[32];
  if (b >= gib)
    std::snprintf(text, sizeof text, "%.1f GiB", b / gib);
  else if (b >= mib)
    std::snprintf(text, sizeof text, "%.0f MiB", b / mib);
  else
    std::snprintf(text, sizeof text, "%.0f KiB", b / kib);
  return text;
}

/// "2026-01-31T12:00:00.123Z" without its date's year and its milliseconds.
std::string short_time(const std::string& iso) {
  return iso.size() < 19 ? iso : iso.substr(5, 5) + " " + iso.substr(11, 8);
}

std::string share_text(const stage_view& s, int width) {
  return bar(s.total > 0 ? static_cast<double>(s.done()) / static_cast<double>(s.total) : 0, width);
}

} // namespace

std::string painter::host_of(int64_t node) const {
  for (const auto& n : list_member(b_.runners_.nodes, "items"))
    if (integer_member(n, "id") == node)
      return text_member(n, "hostname");
  return "";
}

void painter::draw_workflows(int row, int rows) {
  const auto& page = b_.workflows_;
  const auto shown = page.shown();
  if (shown.empty())
    return say(row, !page.known            ? "asking the server ..."
                    : !page.search.empty() ? "No workflow's name has '" + page.search + "'"
                                           : "No workflows yet. Create one: torc workflows create");
  std::vector<list_row> lines;
  for (const auto* w : shown) {
    list_row line;
    const auto all = w->progress ? w->progress->sum() : stage_view{};
    line.cells = {std::to_string(w->id),
                  w->name,
                  w->user,
                  short_time(w->created),
                  w->progress ? share_text(all, 8) : "",
                  w->progress ? grouped(all.done()) + "/" + grouped(all.total) : "...",
                  !w->progress             ? ""
                  : w->progress->canceled  ? "canceled"
                  : all.failed > 0         ? grouped(all.failed) + " failed"
                  : all.terminated > 0     ? grouped(all.terminated) + " terminated"
                  : all.canceled > 0       ? grouped(all.canceled) + " canceled"
                  : all.running > 0        ? "running"
                  : all.done() < all.total ? ""
                                           : "done"};
    line.color = w->progress && all.unsuccessful() > 0 ? tone::bad
                 : all.running > 0                     ? tone::busy
                                                       : tone::good;
    line.colored_cell = 6;
    lines.push_back(std::move(line));
  }
  draw_list(c_, row, rows,
            {{"ID", 9, true, 3},
             {"Name", 0},
             {"User", 12, false, 4},
             {"Created", 14},
             {"", 8},
             {"Jobs", 19, true, 7},
             {"", 16, false, 8}},
            lines, page.where.top, page.where.selected);
}

std::string painter::list_heading(const job_list& list) const {
  std::string text = list.filter.label;
  if (list.stage)
    text += ", stage " + std::to_string(*list.stage + 1);
  if (!list.search.empty())
    text += ", name has '" + list.search + "'";
  text += ", by " + list.order.label + (list.reverse ? " down" : "");
  return text;
}

void painter::draw_jobs(const job_list& list, int row, int rows) {
  const auto& all = list.rows();
  if (all.empty())
    return say(row, (list.is_known() ? "No jobs: " : "asking the server: ") + list_heading(list));
  std::vector<list_row> lines;
  lines.reserve(all.size());
  for (const auto& j : all)
    lines.push_back({{std::to_string(j.id), j.name, j.status, std::to_string(j.stage + 1),
                      number_or_nothing(j.run), number_or_nothing(j.attempt),
                      j.return_code ? std::to_string(*j.return_code) : "", time_text(j.minutes)},
                     tone_of(j.status),
                     2});
  draw_list(c_, row, rows,
            {{"ID", 9, true, 5},
             {"Name", 0},
             {"Status", 14, false, 9},
             {"Stage", 5, true},
             {"Run", 4, true},
             {"Try", 3, true},
             {"Code", 5, true},
             {"Time", 9, true}},
            lines, list.where().top, list.where().selected);
}

void painter::draw_results(int row, int rows) {
  const auto& list = b_.results_;
  if (list.rows().empty())
    return say(row,
               (list.is_known() ? "No results: " : "asking the server: ") + list_heading(list));
  std::vector<list_row> lines;
  for (const auto& j : list.rows())
    lines.push_back({{std::to_string(j.id), j.name, j.status,
                      j.return_code ? std::to_string(*j.return_code) : "", time_text(j.minutes),
                      memory_text(j.memory_bytes), short_time(j.completion_time)},
                     tone_of(j.status),
                     2});
  draw_list(c_, row, rows,
            {{"Job", 9, true, 5},
             {"Name", 0},
             {"Status", 14, false, 9},
             {"Code", 5, true},
             {"Time", 9, true},
             {"Memory", 9, true},
             {"Ended", 14}},
            lines, list.where().top, list.where().selected);
}

void painter::draw_graph(int row, int rows) {
  std::vector<list_row> lines;
  const bool wide = c_.columns() >= 100;
  for (size_t i = 0; i < b_.progress_.stages.size(); ++i) {
    const auto& s = b_.progress_.stages[i];
    const auto speed = b_.rates_.of_stage(i);
    const auto waiting = std::max<int64_t>(0, s.total - s.done() - s.running - s.pending - s.ready);
    lines.push_back({{std::to_string(i + 1), share_text(s, wide ? 30 : 14),
                      grouped(s.done()) + "/" + grouped(s.total),
                      s.running + s.pending > 0 ? grouped(s.running + s.pending) : "",
                      s.ready > 0 ? grouped(s.ready) : "", waiting > 0 ? grouped(waiting) : "",
                      s.unsuccessful() > 0 ? grouped(s.unsuccessful()) : "",
                      speed >= 0.5 ? grouped(std::llround(speed)) : ""},
                     s.unsuccessful() > 0  ? tone::bad
                     : s.done() >= s.total ? tone::good
                     : s.running > 0       ? tone::busy
                                           : tone::faint,
                     1});
  }
  draw_list(c_, row, rows,
            {{"Stage", 5, true},
             {"", 0},
             {"Done", 19, true},
             {"Running", 7, true},
             {"Ready", 7, true},
             {"Waiting", 7, true},
             {"Not ok", 6, true},
             {"Jobs/s", 6, true}},
            lines, b_.stages_.top, b_.stages_.selected);
}

void painter::draw_runners(int row, int rows) {
  const auto all = b_.runners_.lines(b_.workflow_);
  if (all.empty())
    return say(row, "No runner has worked on this workflow. Start one: a, Run");
  std::vector<list_row> lines;
  lines.reserve(all.size());
  for (const auto& r : all)
    lines.push_back(
        {{r.host, std::to_string(r.pid), r.state, r.slots, r.running, r.waiting, r.unacked,
          r.round_trip, r.duration.empty() ? short_time(r.started) : r.duration},
         !r.active                   ? tone::faint
         : r.state == "line is down" ? tone::bad
                                     : tone::good,
         2});
  draw_list(c_, row, rows,
            {{"Host", 0},
             {"PID", 8, true},
             {"State", 12},
             {"Slots", 7, true},
             {"Run", 4, true},
             {"Wait", 4, true},
             {"Unacked", 7, true},
             {"Trip", 8, true},
             {"Since/for", 14, true}},
            lines, b_.runners_.where.top, b_.runners_.where.selected);
}

void painter::draw_events(int row, int rows) {
  const auto& e = b_.events_;
  say(row, "from " + event_page::levels()[e.level] + " on" +
               (e.up > 0 ? ", " + std::to_string(e.up) + " newer below" : ""));
  const auto room = static_cast<size_t>(std::max(1, rows - 1));
  const auto end = e.all.size() - std::min(e.up, e.all.size());
  const auto first = end > room ? end - room : 0;
  for (size_t i = first; i < end; ++i) {
    const auto& l = e.all[i];
    const int at = row + 1 + static_cast<int>(i - first);
    const auto color = l.severity == "error"     ? tone::bad
                       : l.severity == "warning" ? tone::busy
                                                 : tone::plain;
    c_.put(at, 1, l.when, {tone::faint, false, false}, 12);
    c_.put(at, 14, l.type, {color, false, false}, 20);
    c_.put(at, 35, l.what, {}, c_.columns() - 35);
  }
  if (e.all.empty())
    say(row + 1, "Nothing has happened since events were first looked at");
}

void painter::draw_job(int row, int rows) {
  const auto& job = b_.job_.job;
  if (!job.is_object())
    return say(row, "asking the server ...");
  const auto status = text_member(job, "status");
  int column = c_.put(row, 1, "job " + std::to_string(b_.job_.id) + " " + text_member(job, "name"),
                      {tone::title, true, false}, c_.columns() - 20);
  c_.put(row, column + 2, status, {tone_of(status), true, false});
  constexpr int margin = 8; // "runs   "
  const int lines = b_.command_rows();
  auto command = wrapped(harmless(text_member(job, "command")),
                         static_cast<size_t>(std::max(1, c_.columns() - margin)));
  if (command.size() > static_cast<size_t>(lines))
    command[static_cast<size_t>(lines) - 1] += " " + command[static_cast<size_t>(lines)];
  c_.put(row + 1, 1, "runs");
  for (int i = 0; i < lines; ++i)
    c_.put(row + 1 + i, margin, command[static_cast<size_t>(i)], {}, c_.columns() - margin);
  const auto& after = list_member(job, "depends_on_job_ids");
  std::string waits = after.empty() ? "nothing" : after.size() == 1 ? "job" : "jobs";
  for (const auto& id : after)
    waits += " " + cell(id);
  c_.put(row + 1 + lines, 1, "after  " + waits, {}, c_.columns() - 1);
  draw_attempts(row + 2 + lines);
  draw_log(b_.job_.log, row + 5 + lines, rows - 5 - lines);
}

void painter::draw_attempts(int row) {
  const auto& page = b_.job_;
  const auto* shown = page.shown();
  std::string text = "result none yet";
  tone color = tone::faint;
  if (shown) {
    const auto host = host_of(integer_member(*shown, "compute_node_id"));
    text = "result " + std::to_string(page.attempt + 1) + " of " +
           std::to_string(page.attempts.as_array().size()) + ": " + text_member(*shown, "status") +
           ", exit code " + cell(member(*shown, "return_code")) + ", " +
           time_text(number(member(*shown, "exec_time_minutes"))) +
           (host.empty() ? "" : ", on " + host) + ", run " + cell(member(*shown, "run_id")) +
           ", try " + cell(member(*shown, "attempt_id"));
    color = tone_of(text_member(*shown, "status"));
  }
  c_.put(row, 1, text, {color, false, false}, c_.columns() - 1);
  c_.put(row + 1, 1, std::string(page.errors ? "stderr " : "stdout ") + b_.log_path(),
         {tone::title, false, false}, c_.columns() - 1);
}

/// Where the output of the job that is shown lies, if it is not here.
std::string painter::where_log_is() const {
  const auto* shown = b_.job_.shown();
  const auto host = shown ? host_of(integer_member(*shown, "compute_node_id")) : "";
  if (!host.empty() && host != b_.settings_.hostname)
    return "The job ran on " + host + ", this is " + b_.settings_.hostname + ".";
  return "Name the folder that its runner wrote to: torc tui --output-dir FOLDER";
}

void painter::draw_log(const log_page& log, int row, int rows) {
  const auto& attempts = b_.job_.attempts;
  const auto status = text_member(b_.job_.job, "status");
  const bool has_begun = status == "running" || status == "pending";
  if (b_.at_ == view::job && !has_begun && attempts.is_array() && attempts.as_array().empty())
    return say(row, "The job has not been started.");
  if (!log.trouble.empty()) {
    say(row, log.trouble, tone::bad);
    if (b_.at_ == view::job)
      say(row + 1, where_log_is());
    return;
  }
  const auto room = static_cast<size_t>(std::max(1, rows));
  const auto end = log.lines.size() - std::min(log.up, log.lines.size());
  const auto first = end > room ? end - room : 0;
  for (size_t i = first; i < end; ++i) {
    std::string_view text = log.lines[i];
    text.remove_prefix(std::min(text.size(), log.left));
    c_.put(row + static_cast<int>(i - first), 1, text, {}, c_.columns() - 1);
  }
  if (log.lines.empty() && !log.path.empty())
    say(row, "(empty)");
}

} // namespace torc::cli::tui
