#include "net/json/progress.hpp"
#include "net/api/all.hpp"
#include "net/process_use.hpp"
#include "net/progress_feed.hpp"
#include "net/stream.hpp"

#include <unistd.h>

#include <algorithm>
#include <charconv>

namespace torc::net::api {

namespace {

using known = progress_feed::known;

reply show(const core::workflow_progress& p) {
  std::string body;
  json::write(body, p, json::detail::full);
  return json_reply(std::move(body));
}

/// Workflows that are not in memory are one stage.
known count_on_disk(core::read_model& r, core::workflow_id id) {
  const auto status = r.workflow_status(id);
  if (!status)
    return nullptr;
  auto p = std::make_shared<core::workflow_progress>();
  p->workflow = id;
  p->run = status->run_id;
  p->canceled = status->is_canceled;
  p->stages.emplace_back();
  for (const auto& [s, count] : r.job_counts(id))
    p->stages.front().by_status[static_cast<size_t>(s)] = count;
  return p;
}

using counters = std::shared_ptr<const core::progress>;

known find(core::read_model& r, const counters& counted, core::workflow_id id) {
  const auto at = counted->workflows.find(id);
  return at == counted->workflows.end() ? count_on_disk(r, id) : at->second;
}

void stream(const services& s, const call& c, std::function<std::unique_ptr<body_stream>()> open) {
  if (s.feed->watchers() >= progress_feed::most_watchers)
    return c->refuse(
        core::refuse(core::refusal::unavailable, "too many progress streams are open; close one"));
  reply r{200, "text/event-stream", {}, {}};
  r.headers = {{"Cache-Control", "no-cache"}, {"X-Accel-Buffering", "no"}};
  r.more = open();
  c->answer(std::move(r));
}

void stream_one(const services& s, const call& c) {
  const core::workflow_id id{c->number(0)};
  read_then(
      s, [id, all = s.house.progress()](core::read_model& r) { return find(r, all, id); },
      [&s, c, id](const known& now) {
        if (!now)
          return c->refuse(no_workflow(id));
        stream(s, c, [&s, now] { return s.feed->watch(now); });
      });
}

/// "1,2,3" as ids; a word among them is complained of.
std::vector<core::workflow_id> read_ids(query_reader& q) {
  std::vector<core::workflow_id> ids;
  const auto list = q.text("workflow_ids").value_or("");
  for (std::string_view rest = list; !rest.empty();) {
    const auto word = rest.substr(0, rest.find(','));
    rest.remove_prefix(std::min(word.size() + 1, rest.size()));
    int64_t id = 0;
    const auto [end, wrong] = std::from_chars(word.data(), word.data() + word.size(), id);
    if (wrong != std::errc{} || end != word.data() + word.size())
      q.complain("workflow_ids", "not a list of numbers: " + list);
    ids.emplace_back(id);
  }
  if (ids.size() > progress_feed::most_workflows)
    q.complain("workflow_ids",
               "at most " + std::to_string(progress_feed::most_workflows) + " at a time");
  return ids;
}

/// Only those that there are, and that the caller may see.
void stream_many(const services& s, const call& c) {
  query_reader q(c->in());
  const auto ids = read_ids(q);
  if (q.refused(c))
    return;
  read_then(
      s,
      [ids, all = s.house.progress(), sees_all = c->in().sees_all,
       user = c->in().user](core::read_model& r) {
        std::vector<known> found;
        for (const auto id : ids)
          if (sees_all || r.may_access(id, user))
            if (auto now = find(r, all, id))
              found.push_back(std::move(now));
        return found;
      },
      [&s, c](std::vector<known> found) {
        stream(s, c, [&s, &found] { return s.feed->watch(std::move(found)); });
      });
}

reply show_stats(core::read_model& r, const core::progress& p, core::instant started) {
  const auto used = process_use_now();
  const auto file = r.database();
  std::string body;
  json::object o(body);
  o.add("pid", static_cast<int64_t>(getpid()));
  o.add("cpu_seconds", used.cpu_seconds);
  o.add("rss_bytes", used.resident_bytes);
  o.add("peak_rss_bytes", used.peak_resident_bytes);
  o.add("database_bytes", file.bytes).add("wal_bytes", file.wal_bytes);
  o.add("database_path", file.path);
  o.add("commits", p.commits).add("completions", p.completions);
  o.add("busy_retries", p.busy_retries);
  o.add("uptime_seconds", static_cast<double>(now().us - started.us) / 1e6).close();
  return json_reply(std::move(body));
}

} // namespace

void add_progress(router& to, const services& s) {
  to.on("GET", "/workflows/{id}/progress", [&s](const call& c) {
    const core::workflow_id id{c->number(0)};
    const auto all = s.house.progress();
    if (const auto p = all->workflows.find(id); p != all->workflows.end())
      return c->answer(show(*p->second));
    reply_by_reading(s, c, [id](core::read_model& r) {
      const auto p = count_on_disk(r, id);
      return p ? show(*p) : refusal_reply(no_workflow(id));
    });
  });
  to.on("GET", "/workflows/{id}/progress/stream", [&s](const call& c) { stream_one(s, c); });
  to.on("GET", "/progress/stream", [&s](const call& c) { stream_many(s, c); });
  to.on("GET", "/server_stats", [&s](const call& c) {
    reply_by_reading(s, c, [all = s.house.progress(), started = s.started](core::read_model& r) {
      return show_stats(r, *all, started);
    });
  });
}

} // namespace torc::net::api
