#include "cli/tui/painter.hpp"

#include "cli/print/table.hpp"

#include <algorithm>
#include <array>

namespace torc::cli::tui {

namespace {

constexpr std::array names{"Workflows", "Jobs", "Graph", "Runners", "Events", "Results", "Output"};

constexpr int least_rows = 10, least_columns = 40;

/// "http://host:8080/torc-service/v1" without what is the same everywhere.
std::string place_of(std::string_view url) {
  if (const auto scheme = url.find("://"); scheme != url.npos)
    url.remove_prefix(scheme + 3);
  return std::string(url.substr(0, url.find('/')));
}

struct help_line {
  const char* keys;
  const char* what;
};
constexpr std::array help{
    help_line{"1-7, Tab", "the views by number; the next one"},
    help_line{"arrows, j k, PgUp PgDn", "move"},
    help_line{"Home End, g G", "first and last, of a million as well"},
    help_line{"Enter", "open a workflow, a stage, a job"},
    help_line{"Esc", "back; ends a search"},
    help_line{"/", "search by name: in jobs, results and workflows"},
    help_line{"f  c", "filter by status; clear filters. Events: severity"},
    help_line{"o  O", "sort by a column; the other way round"},
    help_line{"a", "actions: run, cancel, reset, retry"},
    help_line{"e  left right", "on a job: stdout or stderr; its attempts"},
    help_line{"w", "why a job does not run, has failed or was slow"},
    help_line{"r", "ask the server again, which seldom is needed"},
    help_line{"q, Ctrl-C", "quit"},
};

} // namespace

canvas browser::draw() const {
  canvas c(rows_, columns_);
  painter(*this, c).draw();
  return c;
}

void painter::say(int row, const std::string& text, tone color) {
  c_.put(row, 2, text, {color, false, false}, c_.columns() - 2);
}

void painter::draw() {
  if (c_.rows() < least_rows || c_.columns() < least_columns) {
    c_.put(0, 0,
           "torc tui needs " + std::to_string(least_columns) + "x" + std::to_string(least_rows) +
               " at least");
    return;
  }
  draw_title();
  draw_tabs();
  constexpr int head = 3, foot = 2;
  draw_progress(2);
  draw_view(head, c_.rows() - head - foot);
  draw_bottom();
  if (b_.menu_)
    draw_menu();
  if (b_.help_)
    draw_help();
  if (!b_.reasons_.empty())
    draw_reasons();
}

void painter::draw_title() {
  const look bold{tone::title, true, false};
  c_.tint(0, bold);
  int column = c_.put(0, 1, "torc", bold);
  const bool lost = !b_.trouble_.empty();
  const std::string state = lost ? "not live" : "live";
  const auto server = b_.workflow_ > 0 ? place_of(b_.settings_.url) : b_.settings_.url;
  column = c_.put(0, column + 1, server, {tone::faint, false, false});
  if (b_.workflow_ > 0)
    c_.put(0, column + 2, "workflow " + std::to_string(b_.workflow_) + " " + b_.workflow_name_,
           bold, c_.columns() - column - static_cast<int>(state.size()) - 4);
  c_.put(0, c_.columns() - static_cast<int>(state.size()) - 1, state,
         {lost ? tone::bad : tone::good, true, false});
}

void painter::draw_tabs() {
  int column = 1;
  const auto at = b_.at_ == view::job ? b_.back_ : b_.at_;
  const bool is_narrow = c_.columns() < 80;
  for (size_t i = 0; i < names.size(); ++i) {
    const bool is_here = static_cast<size_t>(at) == i;
    const auto name = std::to_string(i + 1) + (is_narrow && !is_here ? "" : " ") +
                      (is_narrow && !is_here ? "" : names[i]);
    column = c_.put(1, column, " " + name + " ", {tone::plain, is_here, is_here}) + 1;
  }
}

/// The open workflow in one line.
void painter::draw_progress(int row) {
  if (b_.at_ == view::workflows || b_.workflow_ == 0)
    return;
  if (!b_.has_progress_)
    return say(row, "counting ...");
  const auto all = b_.progress_.sum();
  const auto blocked =
      std::max<int64_t>(0, all.total - all.done() - all.running - all.pending - all.ready);
  std::string text =
      bar(all.total > 0 ? static_cast<double>(all.done()) / static_cast<double>(all.total) : 0,
          12) +
      " " + grouped(all.done()) + "/" + grouped(all.total);
  const auto add = [&](const char* what, int64_t n) {
    if (n > 0)
      text += "  " + std::string(what) + " " + grouped(n);
  };
  if (b_.progress_.canceled)
    text += "  canceled";
  add("failed", all.failed);
  add("terminated", all.terminated);
  add("canceled", all.canceled);
  add("pending_failed", all.pending_failed);
  add("running", all.running);
  add("pending", all.pending);
  add("ready", all.ready);
  add("waiting", blocked);
  if (const auto speed = static_cast<int64_t>(b_.rates_.of_all()); speed > 0)
    text += "  " + grouped(speed) + "/s";
  c_.put(row, 1, text, {all.unsuccessful() > 0 ? tone::bad : tone::plain, false, false},
         c_.columns() - 1);
}

void painter::draw_view(int row, int rows) {
  switch (b_.at_) {
  case view::workflows:
    return draw_workflows(row, rows);
  case view::jobs:
    return draw_jobs(b_.jobs_, row, rows);
  case view::graph:
    return draw_graph(row, rows);
  case view::runners:
    return draw_runners(row, rows);
  case view::events:
    return draw_events(row, rows);
  case view::results:
    return draw_results(row, rows);
  case view::output:
    say(row, b_.runner_.output.empty()
                 ? "No runner was started from here. Start one for the open workflow: a, Run"
                 : b_.runner_.output + (b_.runner_.running ? "  (running)" : "  (ended)"));
    return draw_log(b_.output_, row + 1, rows - 1);
  case view::job:
    return draw_job(row, rows);
  }
}

void painter::draw_bottom() {
  const int row = c_.rows() - 2;
  if (b_.prompt_) {
    const auto& p = *b_.prompt_;
    c_.put(row, 1, p.question + p.text + (p.to_confirm ? "" : "▏"), {tone::title, true, false},
           c_.columns() - 1);
  } else if (!b_.trouble_.empty()) {
    c_.put(row, 1, "trying again: " + b_.trouble_, {tone::bad, true, false}, c_.columns() - 1);
  } else if (!b_.note_.empty()) {
    c_.put(row, 1, b_.note_, {b_.note_is_bad_ ? tone::bad : tone::good, false, false},
           c_.columns() - 1);
  } else if (const auto* list = b_.jobs_shown()) {
    say(row, "showing " + list_heading(*list));
  }
  draw_keys(row + 1);
}

void painter::draw_keys(int row) {
  std::string text = "q quit  ? help  a actions";
  if (b_.prompt_)
    text = b_.prompt_->to_confirm ? "y yes  any other key no" : "Enter search  Esc leave it";
  else if (b_.menu_)
    text = "Enter choose  Esc leave it";
  else if (b_.jobs_shown())
    text = "q quit  ? help  a act  / search  f filter  o sort  w why  Enter job  Esc back";
  else if (b_.at_ == view::workflows)
    text += "  / search  Enter open";
  else if (b_.at_ == view::graph)
    text += "  Enter jobs of the stage";
  else if (b_.at_ == view::events)
    text += "  f severity";
  else if (b_.at_ == view::job)
    text += "  w why  e stdout/stderr  ←→ attempts  Esc back";
  c_.tint(row, {tone::plain, false, true});
  c_.put(row, 1, text, {tone::plain, false, true}, c_.columns() - 1);
}

void painter::draw_menu() {
  const auto& m = *b_.menu_;
  size_t width = display_width(m.title);
  for (const auto& item : m.items)
    width = std::max(width, display_width(item.label));
  const int columns = std::min(static_cast<int>(width) + 6, c_.columns());
  const int rows = std::min(static_cast<int>(m.items.size()) + 2, c_.rows());
  const int row = std::max(0, (c_.rows() - rows) / 2);
  const int column = std::max(0, (c_.columns() - columns) / 2);
  c_.box(row, column, rows, columns);
  c_.put(row, column + 2, " " + m.title + " ", {tone::title, true, false}, columns - 4);
  for (int i = 0; i < rows - 2; ++i) {
    const auto k = static_cast<size_t>(i);
    const bool chosen = k == m.where.selected;
    std::string label = " " + m.items[k].label;
    label.resize(label.size() + static_cast<size_t>(columns) - 4 -
                     std::min(static_cast<size_t>(columns) - 4, display_width(label)),
                 ' ');
    c_.put(row + 1 + i, column + 2, label, {tone::plain, chosen, chosen}, columns - 4);
  }
}

void painter::draw_help() {
  const int rows = std::min(static_cast<int>(help.size()) + 2, c_.rows());
  const int columns = std::min(c_.columns(), 78);
  const int row = (c_.rows() - rows) / 2;
  const int column = (c_.columns() - columns) / 2;
  c_.box(row, column, rows, columns);
  c_.put(row, column + 2, " Keys; any key goes on ", {tone::title, true, false}, columns - 4);
  for (int i = 0; i < rows - 2; ++i) {
    const auto& line = help[static_cast<size_t>(i)];
    c_.put(row + 1 + i, column + 2, line.keys, {tone::title, false, false}, 23);
    c_.put(row + 1 + i, column + 26, line.what, {}, columns - 28);
  }
}

void painter::draw_reasons() {
  const int columns = std::min(c_.columns(), 78);
  std::vector<std::string> lines;
  for (const auto& reason : b_.reasons_)
    for (auto& line : wrapped(harmless(reason), static_cast<size_t>(columns) - 4))
      lines.push_back(std::move(line));
  const int rows = std::min(static_cast<int>(lines.size()) + 2, c_.rows());
  const int row = (c_.rows() - rows) / 2;
  const int column = (c_.columns() - columns) / 2;
  c_.box(row, column, rows, columns);
  c_.put(row, column + 2, " Why; any key goes on ", {tone::title, true, false}, columns - 4);
  for (int i = 0; i < rows - 2; ++i)
    c_.put(row + 1 + i, column + 2, lines[static_cast<size_t>(i)], {}, columns - 4);
}

} // namespace torc::cli::tui
