#include "cli/client/workflow.hpp"
#include "cli/print/table.hpp"
#include "cli/tui/browser.hpp"

#include <algorithm>

namespace torc::cli::tui {

namespace {

constexpr int64_t far = 1'000'000'000;

void add_letter(std::string& to, char32_t letter) {
  constexpr size_t longest = 200;
  if (letter >= 0x20 && letter != 0x7F && to.size() < longest)
    append_utf8(to, letter);
}

void drop_letter(std::string& from) {
  while (!from.empty() && (static_cast<unsigned char>(from.back()) & 0xC0U) == 0x80U)
    from.pop_back();
  if (!from.empty())
    from.pop_back();
}

} // namespace

void browser::press(key k) {
  if (k.code == key_code::interrupt)
    return perform(act::quit);
  if (help_ || !reasons_.empty()) {
    help_ = false;
    reasons_.clear();
    return;
  }
  note_.clear();
  note_is_bad_ = false;
  if (prompt_)
    press_in_prompt(k);
  else if (menu_)
    press_in_menu(k);
  else
    press_global(k);
}

void browser::press_in_prompt(key k) {
  auto& p = *prompt_;
  if (p.to_confirm) {
    const auto what = *p.to_confirm;
    const bool yes = k.code == key_code::letter && (k.letter == U'y' || k.letter == U'Y');
    prompt_.reset();
    if (yes)
      do_it(what);
    return;
  }
  if (k.code == key_code::escape) {
    prompt_.reset();
  } else if (k.code == key_code::enter) {
    const auto text = p.text;
    prompt_.reset();
    search_for(text);
  } else if (k.code == key_code::backspace) {
    drop_letter(p.text);
  } else if (k.code == key_code::letter) {
    add_letter(p.text, k.letter);
  }
}

void browser::press_in_menu(key k) {
  auto& m = *menu_;
  const auto count = m.items.size();
  const auto rows = static_cast<int>(count);
  if (k.code == key_code::up || (k.code == key_code::letter && k.letter == U'k')) {
    m.where.move(-1, count, rows);
  } else if (k.code == key_code::down || (k.code == key_code::letter && k.letter == U'j')) {
    m.where.move(1, count, rows);
  } else if (k.code == key_code::home || k.code == key_code::end) {
    m.where.move(k.code == key_code::end ? far : -far, count, rows);
  } else if (k.code == key_code::enter) {
    const auto item = m.items[m.where.selected];
    menu_.reset();
    choose(item);
  } else if (k.code == key_code::escape || (k.code == key_code::letter && k.letter == U'q')) {
    menu_.reset();
  }
}

void browser::press_global(key k) {
  switch (k.code) {
  case key_code::up:
    return move(-1);
  case key_code::down:
    return move(1);
  case key_code::page_up:
    return move(-std::max(1, list_rows() - 1));
  case key_code::page_down:
    return move(std::max(1, list_rows() - 1));
  case key_code::home:
    return move_to_edge(false);
  case key_code::end:
    return move_to_edge(true);
  case key_code::left:
  case key_code::right:
    return step(k.code == key_code::right);
  case key_code::enter:
    return enter();
  case key_code::escape:
  case key_code::backspace:
    return go_back();
  case key_code::tab:
  case key_code::back_tab: {
    const int by = k.code == key_code::tab ? 1 : view_count - 1;
    const int now = at_ == view::job ? static_cast<int>(back_) : static_cast<int>(at_);
    return show(static_cast<view>((now + by) % view_count));
  }
  case key_code::letter:
    press_letter(k.letter);
    return;
  case key_code::interrupt:
    return;
  }
}

/// @returns whether the letter is a key
bool browser::press_letter(char32_t letter) {
  const bool lists_jobs = jobs_shown() != nullptr;
  if (letter >= U'1' && letter < U'1' + view_count)
    show(static_cast<view>(letter - U'1'));
  else if (letter == U'k' || letter == U'j')
    move(letter == U'j' ? 1 : -1);
  else if (letter == U'g' || letter == U'G')
    move_to_edge(letter == U'G');
  else if (letter == U'q')
    perform(act::quit);
  else if (letter == U'?' || letter == U'h')
    help_ = true;
  else if (letter == U'r')
    ask_now();
  else if (letter == U'a')
    menu_ = actions();
  else if (letter == U'/' && (lists_jobs || at_ == view::workflows))
    prompt_ = prompt{"Search: ", std::nullopt, ""};
  else if (letter == U'f' && lists_jobs)
    menu_ = filters();
  else if (letter == U'f' && at_ == view::events)
    step(true);
  else if (letter == U'o' && lists_jobs)
    menu_ = orders();
  else if (letter == U'O' && lists_jobs)
    choose({"", act::order, jobs_shown()->order});
  else if (letter == U'c' && lists_jobs)
    choose({"", act::filter, {"all", ""}});
  else if (letter == U'e' && at_ == view::job)
    job_.errors = !job_.errors;
  else if (letter == U'w')
    ask_why();
  else
    return false;
  return true;
}

void browser::move(int64_t by) {
  if (auto* list = jobs_shown()) {
    if (list->move(by, list_rows()))
      ask_now();
  } else if (at_ == view::workflows) {
    workflows_.where.move(by, workflows_.shown().size(), list_rows());
  } else if (at_ == view::graph) {
    stages_.move(by, progress_.stages.size(), list_rows());
  } else if (at_ == view::runners) {
    runners_.where.move(by, runners_.lines(workflow_).size(), list_rows());
  } else {
    auto* log = log_shown();
    auto& up = log ? log->up : events_.up;
    const auto count = log ? log->lines.size() : events_.all.size();
    const auto seen = static_cast<size_t>(log ? log_rows() : list_rows());
    const auto most = static_cast<int64_t>(count > seen ? count - seen : 0);
    up = static_cast<size_t>(std::clamp<int64_t>(static_cast<int64_t>(up) - by, 0, most));
  }
}

void browser::move_to_edge(bool end) {
  if (auto* list = jobs_shown()) {
    if (end ? list->end(list_rows()) : list->home(list_rows()))
      ask_now();
  } else {
    move(end ? far : -far);
  }
}

/// Sideways: a log's columns, a job's attempts, the severity of events.
void browser::step(bool forward) {
  constexpr size_t columns = 16;
  if (at_ == view::events) {
    const auto count = event_page::levels().size();
    events_.level = (events_.level + (forward ? 1 : count - 1)) % count;
    events_.all.clear();
    events_.up = 0;
    events_.asked = false;
    ask_now();
  } else if (at_ == view::job && job_.attempts.is_array()) {
    const auto count = job_.attempts.as_array().size();
    if (forward && job_.attempt + 1 < count)
      ++job_.attempt;
    else if (!forward && job_.attempt > 0)
      --job_.attempt;
  } else if (at_ == view::output) {
    output_.left =
        forward ? output_.left + columns : output_.left - std::min(output_.left, columns);
  }
}

void browser::enter() {
  if (at_ == view::workflows) {
    if (const auto* w = workflows_.chosen())
      open(w->id, w->name);
  } else if (at_ == view::graph && !progress_.stages.empty()) {
    jobs_.stage = static_cast<int64_t>(stages_.selected);
    jobs_.begin();
    show(view::jobs);
  } else if (jobs_shown()) {
    open_job();
  }
}

void browser::go_back() {
  if (at_ == view::job)
    return show(back_);
  auto* list = jobs_shown();
  if (list && (list->stage || !list->search.empty())) {
    list->stage.reset();
    list->search.clear();
    list->begin();
    return ask_now();
  }
  if (at_ == view::workflows && !workflows_.search.empty())
    return search_for("");
  if (at_ != view::workflows)
    show(view::workflows);
}

void browser::show(view v) {
  if (v != view::workflows && v != view::output && workflow_ == 0) {
    const auto* w = workflows_.chosen();
    if (!w) {
      note_ = "choose a workflow first";
      return;
    }
    open(w->id, w->name);
  }
  at_ = v;
  if (v == view::events)
    events_.wanted = true;
  ask_now();
}

void browser::open(int64_t workflow, const std::string& name) {
  if (workflow != workflow_) {
    workflow_ = workflow;
    progress_ = {};
    has_progress_ = false;
    rates_ = {};
    stages_ = {};
    jobs_ = {};
    results_ = {};
    results_.filter = {"ended", "completed,failed,canceled,terminated,pending_failed"};
    runners_ = {};
    events_ = {};
    job_ = {};
  }
  workflow_name_ = name;
  show(view::jobs);
}

void browser::open_job() {
  const auto* row = jobs_shown()->chosen();
  if (!row)
    return;
  back_ = at_;
  job_ = {};
  job_.id = row->id;
  // A failure is explained on its stderr.
  job_.errors = row->return_code.value_or(0) != 0;
  show(view::job);
}

void browser::search_for(const std::string& text) {
  if (at_ == view::workflows) {
    workflows_.search = text;
    workflows_.where = {};
  } else if (auto* list = jobs_shown()) {
    list->search = text;
    list->begin();
    ask_now();
  }
}

int browser::list_rows() const {
  constexpr int around = 6; // title, tabs, progress, heading; note, keys
  return std::max(1, rows_ - around);
}

int browser::log_rows() const {
  constexpr int around_job = 10, around_output = 6;
  return std::max(1, rows_ - (at_ == view::job ? around_job + command_rows() : around_output));
}

int browser::command_rows() const {
  constexpr size_t most = 3;
  constexpr int margin = 8, least_rows = 20;
  const auto lines = wrapped(harmless(text_member(job_.job, "command")),
                             static_cast<size_t>(std::max(1, columns_ - margin)));
  return rows_ < least_rows ? 1 : static_cast<int>(std::min(most, lines.size()));
}

} // namespace torc::cli::tui
