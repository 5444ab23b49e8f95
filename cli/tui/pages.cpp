#include "cli/tui/pages.hpp"

#include "cli/run/live_view.hpp"
#include "core/time.hpp"

#include <algorithm>
#include <cstdio>
#include <map>
#include <utility>

namespace torc::cli::tui {

namespace {

std::string lower(std::string text) {
  for (auto& c : text)
    c = c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c;
  return text;
}

void add_runner(runner_page::line& to, const json::value& r) {
  const auto slots = integer_member(r, "slots");
  to.state = bool_member(r, "connected") ? "attached" : "line is down";
  to.slots = slots > 0 ? std::to_string(slots) : cell(member(r, "num_cpus")) + " CPUs";
  to.running = cell(member(r, "running"));
  to.waiting = cell(member(r, "waiting"));
  to.unacked = cell(member(r, "unacked_reports"));
  const auto ms = number(member(r, "round_trip_ms")).value_or(0);
  char text[32];
  std::snprintf(text, sizeof text, "%.1f ms", ms);
  to.round_trip = ms > 0 ? text : "";
}

runner_page::line of_node(const json::value& n) {
  runner_page::line l;
  l.node = integer_member(n, "id");
  l.host = text_member(n, "hostname");
  l.pid = integer_member(n, "pid");
  l.active = bool_member(n, "is_active");
  l.state = l.active ? "active" : "ended";
  l.slots = cell(member(n, "num_cpus")) + " CPUs";
  l.started = text_member(n, "start_time");
  if (const auto s = number(member(n, "duration_seconds")))
    l.duration = clock_text(static_cast<int64_t>(*s));
  return l;
}

} // namespace

std::vector<const workflow_page::line*> workflow_page::shown() const {
  std::vector<const line*> found;
  for (const auto& w : all)
    if (search.empty() || lower(w.name + " " + w.user).find(lower(search)) != std::string::npos ||
        std::to_string(w.id) == search)
      found.push_back(&w);
  return found;
}

const workflow_page::line* workflow_page::chosen() const {
  const auto list = shown();
  return where.selected < list.size() ? list[where.selected] : nullptr;
}

std::vector<runner_page::line> runner_page::lines(int64_t workflow) const {
  // A runner is known by its process; in a workflow it shows as a compute node.
  std::map<std::pair<std::string, int64_t>, const json::value*> attached;
  for (const auto& r : list_member(rooms, "runner_list")) {
    const auto serves = integer_member(r, "workflow_id");
    if (serves == 0 || serves == workflow)
      attached[{text_member(r, "hostname"), integer_member(r, "pid")}] = &r;
  }
  std::vector<line> all;
  for (const auto& n : list_member(nodes, "items")) {
    auto l = of_node(n);
    const auto at = attached.find({l.host, l.pid});
    if (l.active && at != attached.end()) {
      add_runner(l, *at->second);
      attached.erase(at);
    }
    all.push_back(std::move(l));
  }
  for (const auto& [process, r] : attached) {
    line l;
    std::tie(l.host, l.pid) = process;
    l.active = true;
    add_runner(l, *r);
    all.push_back(std::move(l));
  }
  std::stable_partition(all.begin(), all.end(), [](const line& l) { return l.active; });
  return all;
}

const std::vector<std::string>& event_page::levels() {
  static const std::vector<std::string> all{"info", "warning", "error", "debug"};
  return all;
}

void event_page::put_before(const json::array& newest_first) {
  for (const auto& e : newest_first) {
    const auto& data = member(e, "data");
    const auto at = core::instant_of_ms(integer_member(e, "timestamp"));
    line l{core::to_iso8601(at).substr(5, 11), "info", text_member(data, "event_type"), {}};
    l.when[5] = ' '; // "11-25 00:45": it may be days ago
    if (l.type.empty())
      l.type = text_member(data, "category");
    if (data.is_object())
      for (const auto& [name, value] : data.as_object())
        if (name != "event_type" && name != "category" && name != "workflow_id")
          l.what += (l.what.empty() ? "" : " ") + std::string(name) + "=" + cell(value);
    all.push_front(std::move(l));
  }
}

void log_page::take(const log_text& text) {
  // Somebody who has scrolled up goes on reading the same lines.
  if (up > 0 && text.path == path && text.lines.size() > lines.size())
    up += text.lines.size() - lines.size();
  if (text.path != path)
    up = left = 0;
  path = text.path;
  lines = text.lines;
  trouble = text.trouble;
  up = std::min(up, lines.empty() ? 0 : lines.size() - 1);
}

const json::value* job_page::shown() const {
  const auto& list = attempts;
  if (!list.is_array() || attempt >= list.as_array().size())
    return nullptr;
  return &list.as_array()[attempt];
}

} // namespace torc::cli::tui
