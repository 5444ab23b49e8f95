#include "cli/run/display.hpp"

#include "cli/frame/globals.hpp"
#include "cli/print/live_screen.hpp"
#include "cli/print/table.hpp"
#include "cli/run/live_view.hpp"

#include <unistd.h>

#include <algorithm>
#include <chrono>
#include <condition_variable>
#include <mutex>
#include <string_view>
#include <thread>

namespace torc::cli {

namespace {

constexpr auto frame_time = std::chrono::milliseconds(100);
constexpr auto line_time = std::chrono::seconds(5);

void write_all(int fd, std::string_view text) {
  while (!text.empty()) {
    const auto n = ::write(fd, text.data(), text.size());
    if (n <= 0)
      return; // nobody watches any more
    text.remove_prefix(static_cast<size_t>(n));
  }
}

/// Failures stand out. Done after clipping, since escapes take no columns.
std::string painted(std::string line) {
  for (const std::string_view part : {"  failed ", "  terminated ", "  pending_failed "}) {
    const auto from = line.find(part);
    if (from == std::string::npos)
      continue;
    line.insert(std::min(line.find("  ", from + part.size()), line.size()), "\x1b[0m");
    line.insert(from + 2, "\x1b[31m");
  }
  return line;
}

int64_t steady_us() {
  return std::chrono::duration_cast<std::chrono::microseconds>(
             std::chrono::steady_clock::now().time_since_epoch())
      .count();
}

} // namespace

struct display::state {
  settings how;
  std::function<std::optional<progress_view>()> ask;
  rates speed;
  size_t drawn_lines = 0;
  std::mutex lock;
  std::condition_variable wake;
  bool ending = false;
  std::thread thread;

  void draw() {
    const auto p = ask();
    if (!p)
      return;
    speed.add(*p, steady_us());
    if (!how.on_terminal) {
      write_all(how.fd, draw_plain(*p, speed) + "\n");
      return;
    }
    const auto size = window_of(how.fd);
    // One row stays free for the cursor, one for what was above.
    const auto note = how.note ? how.note() : std::string();
    const size_t taken = note.empty() ? 2 : 3;
    auto lines = draw_live(*p, speed, size.columns - 1, size.rows > taken ? size.rows - taken : 1);
    if (!note.empty())
      lines.push_back(clipped(note, size.columns - 1));
    std::string frame;
    if (drawn_lines > 0)
      frame += "\x1b[" + std::to_string(drawn_lines) + "F";
    for (const auto& line : lines)
      frame += "\x1b[2K" + (how.color ? painted(line) : line) + "\n";
    frame += "\x1b[J";
    drawn_lines = lines.size();
    write_all(how.fd, frame);
  }

  void loop() {
    if (const auto p = ask()) // speed is told from two looks on
      speed.add(*p, steady_us());
    std::unique_lock hold(lock);
    const auto period = how.on_terminal ? std::chrono::steady_clock::duration(frame_time)
                                        : std::chrono::steady_clock::duration(line_time);
    while (!wake.wait_for(hold, period, [this] { return ending; })) {
      hold.unlock();
      draw();
      hold.lock();
    }
  }
};

display::display(settings s, std::function<std::optional<progress_view>()> ask)
    : state_(std::make_unique<state>()) {
  state_->how = std::move(s);
  state_->ask = std::move(ask);
  state_->thread = std::thread([this] { state_->loop(); });
}

void display::finish() {
  if (!state_->thread.joinable())
    return;
  {
    const std::lock_guard hold(state_->lock);
    state_->ending = true;
  }
  state_->wake.notify_all();
  state_->thread.join();
  state_->draw();
}

display::~display() {
  finish();
}

bool is_terminal(int fd) {
  return ::isatty(fd) == 1 && environment("TERM").value_or("dumb") != "dumb";
}

} // namespace torc::cli
