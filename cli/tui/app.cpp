#include "cli/tui/app.hpp"

#include "cli/tui/courier.hpp"
#include "cli/tui/log_tail.hpp"
#include "cli/tui/terminal.hpp"

#include <algorithm>
#include <chrono>
#include <utility>

namespace torc::cli::tui {

namespace {

constexpr int64_t frame_ms = 33; ///< however much comes, no more than thirty pictures a second
constexpr int64_t look_ms = 250; ///< how often a log and a runner are looked at

int64_t now_ms() {
  return std::chrono::duration_cast<std::chrono::milliseconds>(
             std::chrono::steady_clock::now().time_since_epoch())
      .count();
}

int64_t sooner(int64_t a, int64_t b) {
  return a < 0 ? b : b < 0 ? a : std::min(a, b);
}

/// The loop between the browser, the terminal, the server, a log file and a runner.
class app {
public:
  app(const api& server, browser::settings what, child_runner::settings runners, bool color)
      : owns_server_(what.owns_server), screen_(color),
        browser_(std::move(what), screen_.rows(), screen_.columns()), runner_(std::move(runners)),
        courier_(server, [this] { screen_.wake(); }) {}

  void run() {
    while (!browser_.wants_to_quit()) {
      grant_wishes();
      const auto now = now_ms();
      if (dirty_ && now - drawn_ms_ >= frame_ms) {
        screen_.show(browser_.draw());
        drawn_ms_ = now;
        dirty_ = false;
      }
      listen(now);
    }
    // A server of ours ends with us, and what runs on it.
    if (owns_server_) {
      runner_.stop(true);
      runner_.wait();
    }
  }

private:
  void grant_wishes() {
    for (auto& question : browser_.take_asks())
      courier_.send(std::move(question));
    courier_.follow_feed(browser_.feed_path());
    courier_.follow_events(browser_.events_path());
    if (const auto workflow = browser_.take_run(); workflow > 0)
      runner_.start(workflow);
    if (const int how = browser_.take_stop(); how > 0)
      runner_.stop(how > 1);
    if (runner_.look()) {
      browser_.hear_runner(runner_.news());
      dirty_ = true;
    }
    const auto now = now_ms();
    const bool another = log_.follow(browser_.log_path());
    if (another || now - looked_ms_ >= look_ms) {
      looked_ms_ = now;
      if (log_.look() || another) {
        browser_.hear_log(log_.text());
        dirty_ = true;
      }
    }
  }

  void listen(int64_t now) {
    auto most = browser_.due_in(now);
    if (dirty_)
      most = sooner(most, std::max<int64_t>(0, frame_ms - (now - drawn_ms_)));
    if (runner_.news().running || !browser_.log_path().empty())
      most = sooner(most, look_ms);
    for (auto k = screen_.wait(most); k; k = screen_.wait(0)) {
      browser_.press(*k);
      // What somebody does is seen at once.
      dirty_ = true;
      drawn_ms_ = 0;
      if (browser_.wants_to_quit())
        return;
    }
    if (screen_.resized()) {
      browser_.resize(screen_.rows(), screen_.columns());
      dirty_ = true;
      drawn_ms_ = 0;
    }
    for (auto& l : courier_.take()) {
      read(l);
      dirty_ = true;
    }
    browser_.tick(now_ms());
  }

  void read(const courier::letter& l) {
    if (l.answer)
      browser_.hear(*l.answer, now_ms());
    else if (l.is_line)
      browser_.hear_line(l.trouble);
    else if (l.event_type == "progress")
      browser_.hear_progress(l.event, now_ms());
    else
      browser_.hear_event(l.event_type, l.event);
  }

  bool owns_server_;
  terminal screen_;
  browser browser_;
  child_runner runner_;
  log_tail log_;
  bool dirty_ = true;
  int64_t drawn_ms_ = 0, looked_ms_ = 0;
  courier courier_; ///< the first to go: its threads wake the screen
};

} // namespace

void run_app(const api& server, browser::settings what, child_runner::settings runners,
             bool color) {
  app(server, std::move(what), std::move(runners), color).run();
}

} // namespace torc::cli::tui
