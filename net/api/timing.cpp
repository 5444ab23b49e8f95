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

/// Each room: what waits, and what its handlers took since the start.
reply show_rooms(const telemetry::snapshot& s, core::instant started) {
  std::string body;
  json::object o(body);
  o.add("uptime_ms", (now().us - started.us) / 1000);
  o.add("runners", static_cast<int64_t>(level_of(telemetry::level::runners)));
  o.add("open_grants", static_cast<int64_t>(level_of(telemetry::level::open_grants)));
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
  o.close();
  return json_reply(std::move(body));
}

} // namespace

void add_timing(router& to, const services& s) {
  to.on("GET", "/timing", [&s](const call& c) {
    reply_by_reading(s, c, [](core::read_model&) {
      return show(*telemetry::take_snapshot(telemetry::since::reset));
    });
  });
  to.on("GET", "/rooms", [&s](const call& c) {
    reply_by_reading(s, c, [started = s.started](core::read_model&) {
      return show_rooms(*telemetry::take_snapshot(), started);
    });
  });
  to.on("POST", "/timing/reset", [](const call& c) {
    telemetry::reset();
    c->answer_json(R"({"message":"The spans are counted from now on"})");
  });
}

} // namespace torc::net::api
