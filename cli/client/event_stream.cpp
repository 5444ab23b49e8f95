#include "cli/client/event_stream.hpp"

namespace torc::cli {

namespace {

event_reader::event read_frame(std::string_view frame) {
  event_reader::event e;
  while (!frame.empty()) {
    const auto end = frame.find('\n');
    auto line = frame.substr(0, end);
    frame.remove_prefix(end == frame.npos ? frame.size() : end + 1);
    const auto colon = line.find(':');
    if (colon == line.npos || colon == 0)
      continue; // a comment: the server lives
    const auto name = line.substr(0, colon);
    line.remove_prefix(colon + 1);
    if (line.starts_with(' '))
      line.remove_prefix(1);
    if (name == "id")
      e.id = line;
    else if (name == "event")
      e.type = line;
    else if (name == "data")
      e.data.append(e.data.empty() ? "" : "\n").append(line);
  }
  return e;
}

} // namespace

std::vector<event_reader::event> event_reader::read(std::string_view text) {
  rest_ += text;
  std::vector<event> events;
  for (auto end = rest_.find("\n\n"); end != rest_.npos; end = rest_.find("\n\n")) {
    auto e = read_frame(std::string_view(rest_).substr(0, end));
    rest_.erase(0, end + 2);
    if (!e.id.empty())
      last_id_ = e.id;
    if (!e.data.empty())
      events.push_back(std::move(e));
  }
  return events;
}

} // namespace torc::cli
