#include "cli/commands/watch.hpp"

#include <chrono>
#include <ostream>
#include <thread>

namespace torc::cli {

int watch(call& c, api& server, const std::string& path, bool once, const screen_of& show) {
  constexpr auto pause = std::chrono::seconds{1};
  live_screen screen(c.out);
  json::value earlier;
  std::string shown;
  for (;; std::this_thread::sleep_for(pause)) {
    auto now = server.get(path);
    if (!now && (once || earlier.is_null()))
      return fail(c, now.why().message);
    if (!now) {
      const auto trouble = "trying again: " + now.why().message + "\n";
      if (screen.on_terminal())
        screen.show(trouble + shown);
      else
        c.err << trouble << std::flush;
      continue;
    }
    if (c.global.json())
      print_json(c.out, *now);
    else
      shown = show(*now, earlier, screen);
    if (once) {
      c.out << shown << std::flush;
      return exit_ok;
    }
    if (c.global.json())
      c.out.flush();
    else
      screen.show(shown);
    earlier = std::move(*now);
  }
}

} // namespace torc::cli
