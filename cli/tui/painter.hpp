#pragma once

#include "cli/tui/browser.hpp"

namespace torc::cli::tui {

/// Draws what the browser has to show.
class painter {
public:
  painter(const browser& of, canvas& on) : b_(of), c_(on) {}
  void draw();

private:
  void draw_title();
  void draw_tabs();
  void draw_progress(int row);
  void draw_view(int row, int rows);
  void draw_bottom();
  void draw_keys(int row);
  void draw_menu();
  void draw_help();
  void draw_reasons();

  void draw_workflows(int row, int rows);
  void draw_jobs(const job_list& list, int row, int rows);
  void draw_results(int row, int rows);
  void draw_graph(int row, int rows);
  void draw_runners(int row, int rows);
  void draw_events(int row, int rows);
  void draw_job(int row, int rows);
  void draw_attempts(int row);
  void draw_log(const log_page& log, int row, int rows);
  std::string where_log_is() const;
  std::string list_heading(const job_list& list) const;
  std::string host_of(int64_t node) const;
  void say(int row, const std::string& text, tone color = tone::faint);

  const browser& b_;
  canvas& c_;
};

} // namespace torc::cli::tui
