#pragma once

#include "cli/run/live_view.hpp"
#include "cli/run/progress_view.hpp"
#include "cli/tui/canvas.hpp"
#include "cli/tui/job_list.hpp"
#include "cli/tui/pages.hpp"
#include "cli/tui/talk.hpp"

#include <map>
#include <optional>
#include <set>
#include <string>
#include <vector>

namespace torc::cli::tui {

/// All that the TUI knows and shows. Keys, answers and pushed news go in, wishes and a picture come
/// out; the loop in app.cpp carries them to threads and the terminal.
class browser {
public:
  struct settings {
    std::string url;
    std::string output_dir = "torc_output";
    std::string hostname; ///< this machine's
    int64_t workflow = 0; ///< to open at once; 0: the list
    bool owns_server = false;
    std::string user = {}; ///< in whose name a workflow is canceled
    std::string workflow_name = {};
  };
  browser(settings s, int rows, int columns);

  void resize(int rows, int columns);
  void press(key k);
  void hear(const reply& r, int64_t now_ms);
  /// A frame of feed_path(); times are of a steady clock.
  void hear_progress(const json::value& frame, int64_t now_ms);
  void hear_event(const std::string& type, const json::value& event);
  /// The server is there (empty) or not (why).
  void hear_line(const std::string& trouble);
  void hear_log(const log_text& text);
  void hear_runner(const runner_news& news);
  /// Asks again what has changed, where the time for that has come.
  void tick(int64_t now_ms);
  /// When tick has something to do; -1: not before something else comes.
  int64_t due_in(int64_t now_ms) const;

  /// Which stream of counters, which events and which file it wants to hear of; empty: none.
  std::string feed_path() const;
  std::string events_path() const;
  std::string log_path() const;
  std::vector<ask> take_asks();
  /// A workflow to start a runner for; 0: none.
  int64_t take_run();
  /// How the runner is to be stopped: 0 not, 1 when its jobs have ended, 2 with them.
  int take_stop();
  bool wants_to_quit() const { return quits_; }

  canvas draw() const;

private:
  friend class painter;
  enum class act : uint8_t {
    run,
    stop,
    kill,
    cancel,
    reset_failed,
    reset_all,
    retry_job,
    cancel_job,
    quit,
    filter,
    order
  };
  struct menu_item {
    std::string label;
    act what = act::run;
    job_list::choice choice = {};
  };
  struct menu {
    std::string title;
    std::vector<menu_item> items;
    cursor where;
  };
  struct prompt {
    std::string question;
    std::optional<act> to_confirm; ///< none: a search is typed
    std::string text;
  };

  // Keys.
  void press_global(key k);
  void press_in_prompt(key k);
  void press_in_menu(key k);
  bool press_letter(char32_t letter);
  void move(int64_t by);
  void move_to_edge(bool end);
  void enter();
  void go_back();
  void show(view v);
  void open(int64_t workflow, const std::string& name);
  void open_job();
  void search_for(const std::string& text);
  void choose(const menu_item& item);
  void perform(act what);
  void do_it(act what);
  void do_to_job(act what);
  void ask_why();
  menu actions() const;
  menu filters() const;
  menu orders() const;
  void step(bool forward);
  // News.
  void ask_for_view();
  void ask_now(); ///< somebody wants it: what is under way is void
  void ask_for(topic what, std::string path);
  void came(const reply& r);
  void came_workflows(const json::value& body);
  void take_trouble(const reply& r);
  void changed();

  job_list* jobs_shown();
  const job_list* jobs_shown() const;
  int list_rows() const;
  int log_rows() const;
  int command_rows() const; ///< that the command of the job takes on its page
  log_page* log_shown();

  settings settings_;
  int rows_, columns_;
  view at_ = view::workflows;
  view back_ = view::jobs; ///< where a job's page was opened from
  bool help_ = false;
  bool quits_ = false;
  std::optional<menu> menu_;
  std::optional<prompt> prompt_;
  std::vector<std::string> reasons_; ///< why a job is as it is; shown until the next key
  std::string note_;
  bool note_is_bad_ = false;
  std::string trouble_; ///< empty: the server answers

  workflow_page workflows_;
  int64_t workflow_ = 0; ///< the open one
  std::string workflow_name_;
  progress_view progress_;
  bool has_progress_ = false;
  rates rates_;
  cursor stages_;
  job_list jobs_, results_;
  runner_page runners_;
  event_page events_;
  job_page job_;
  log_page output_;
  runner_news runner_;

  std::vector<ask> asks_;
  std::set<topic> pending_;
  bool stale_ = false;
  int64_t next_ask_ms_ = 0;
  int64_t run_wanted_ = 0;
  int stop_wanted_ = 0;
};

} // namespace torc::cli::tui
