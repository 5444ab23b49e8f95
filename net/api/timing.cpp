#include "net/api/all.hpp"
#include "telemetry/snapshot.hpp"

namespace torc::net::api {

namespace {

using telemetry::histogram;

double ms(uint64_t ns) {
  return static_cast<double>(ns) / 1e6;
}

void write_times(std::string& out, const histogram& h) {
  json::object o(out);
  o.add("p50", ms(h.quantile(0.5))).add("p90", ms(h.quantile(0.9)));
  o.add("p99", ms(h.quantile(0.99))).add("max", ms(h.max())).add("total", ms(h.sum())).close();
}

reply show(const telemetry::snapshot& s) {
  std::string body;
  json::object o(body);
  auto& list = o.key("spans") += '[';
  for (size_t i = 0; i < telemetry::span_count; ++i) {
    const auto which = static_cast<telemetry::span>(i);
    const auto& times = s.of(which);
    if (i > 0)
      list += ',';
    json::object one(list);
    one.add("name", telemetry::to_string(which));
    one.add("count", static_cast<int64_t>(times.busy.count()));
    write_times(one.key("busy_ms"), times.busy);
    write_times(one.key("idle_ms"), times.idle);
    one.close();
  }
  list += ']';
  o.close();
  return json_reply(std::move(body));
}

void write_message(std::string& out, const telemetry::snapshot& s, telemetry::message m) {
  const auto& times = s.of(m);
  json::object o(out);
  o.add("name", to_string(m)).add("count", static_cast<int64_t>(times.count()));
  write_times(o.key("busy_ms"), times);
  o.close();
}

void write_runner(std::string& out, const core::runner_view& r) {
  json::object o(out);
  o.add("id", r.id.value).add("user", r.user).add("hostname", r.hostname).add("pid", r.pid);
  o.add("workflow_id", r.workflow.value).add("connected", r.connected);
  o.add("slots", int64_t{r.slots}).add("num_cpus", int64_t{r.num_cpus});
  o.add("running", r.running).add("waiting", r.waiting);
  o.add("unacked_reports", r.unacked_reports);
  o.add("round_trip_ms", static_cast<double>(r.round_trip_us) / 1e3).close();
}

/// Each room: what waits, and what its handlers took since the start; and each runner.
reply show_rooms(const telemetry::snapshot& s, core::instant started,
                 const std::vector<core::runner_view>& runners) {
  std::string body;
  json::object o(body);
  o.add("uptime_ms", (now().us - started.us) / 1000);
  o.add("runners", static_cast<int64_t>(level_of(telemetry::level::runners)));
  o.add("open_grants", static_cast<int64_t>(level_of(telemetry::level::open_grants)));
  o.add("turns_in_flight", static_cast<int64_t>(level_of(telemetry::level::turns_in_flight)));
  o.add("turn_window", static_cast<int64_t>(level_of(telemetry::level::turn_window)));
  auto& list = o.key("rooms") += '[';
  for (size_t i = 0; i < telemetry::room_count; ++i) {
    const auto room = static_cast<telemetry::room>(i);
    if (i > 0)
      list += ',';
    json::object one(list);
    one.add("name", to_string(room)).add("mailbox", static_cast<int64_t>(depth(room)));
    auto& messages = one.key("messages") += '[';
    for (size_t m = 0; m < telemetry::message_count; ++m) {
      const auto message = static_cast<telemetry::message>(m);
      if (room_of(message) != room)
        continue;
      if (!messages.ends_with('['))
        messages += ',';
      write_message(messages, s, message);
    }
    messages += ']';
    one.close();
  }
  list += ']';
  json::put_list(o.key("runner_list"), runners, [&](const auto& one) { write_runner(body, one); });
  o.close();
  return json_reply(std::move(body));
}

/// All runners, or those of whom the caller may know: their own.
std::vector<core::runner_view> runners_for(const services& s, const call& c) {
  auto all = *s.house.runners();
  if (!c->in().sees_all)
    std::erase_if(all, [&](const auto& r) { return r.user != c->in().user; });
  return all;
}

} // namespace

void add_timing(router& to, const services& s) {
  to.on("GET", "/timing", [&s](const call& c) {
    reply_by_reading(s, c, [](core::read_model&) {
      return show(*telemetry::take_snapshot(telemetry::since::reset));
    });
  });
  to.on("GET", "/rooms", [&s](const call& c) {
    reply_by_reading(s, c, [started = s.started, runners = runners_for(s, c)](core::read_model&) {
      return show_rooms(*telemetry::take_snapshot(), started, runners);
    });
  });
  to.on("POST", "/timing/reset", [](const call& c) {
    telemetry::reset();
    c->answer_json(R"({"message":"The spans are counted from now on"})");
  });
}

} // namespace torc::net::api
