#pragma once

#include "cli/print/json_text.hpp"

#include <cstdint>
#include <string>
#include <vector>

/// What passes between the browser, which knows no thread and no socket, and those who have them.
namespace torc::cli::tui {

/// What a question is about.
enum class topic : uint8_t {
  workflows,
  jobs,
  results,
  rooms,
  nodes,
  job,
  attempts,
  reasons,
  events,
  action
};

/// A question to the server.
struct ask {
  topic what = topic::workflows;
  std::string method = "GET";
  std::string path;
  std::string body;
  std::string done; ///< of an action: what to say when it is done
  /// Of an action that takes more than one call.
  enum class steps : uint8_t { one, reset_all, reset_failed } chain = steps::one;
  int64_t workflow = 0;
};

struct reply {
  ask to;
  json::value body;
  std::string trouble; ///< empty: it worked
  bool lost = false;   ///< nobody answered
  int64_t took_ms = 0;
};

/// Text of a file, or why there is none.
struct log_text {
  std::string path;
  std::vector<std::string> lines;
  std::string trouble;
};

/// A runner that was started from here.
struct runner_news {
  int64_t workflow = 0; ///< 0: there has been none
  int64_t pid = 0;
  bool running = false;
  int exit = 0;
  std::string output; ///< the file that it writes to
  std::string trouble;
};

enum class key_code : uint8_t {
  letter,
  up,
  down,
  left,
  right,
  page_up,
  page_down,
  home,
  end,
  enter,
  escape,
  backspace,
  tab,
  back_tab,
  interrupt
};
struct key {
  key_code code = key_code::letter;
  char32_t letter = 0; ///< of a letter
};

} // namespace torc::cli::tui
