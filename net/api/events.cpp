#include "net/api/all.hpp"
#include "net/api/crud.hpp"
#include "net/event_hub.hpp"
#include "net/stream.hpp"

namespace torc::net::api {

namespace {

using core::event_row;

struct event_question {
  core::filter base;
  std::optional<int64_t> after; ///< milliseconds since 1970
  std::optional<std::string> category;
};

bool is_of(const event_row& e, const std::string& category) {
  if (json::kind_of(e.data.text) != json::kind::object)
    return false;
  json::members data;
  data.assign(e.data.text);
  const auto value = data.take("category");
  return value && json::as_string(*value) == category;
}

reply list_events(core::read_model& r, const event_question& ask) {
  if (!ask.after && !ask.category)
    return page_reply<event_row>(r, ask.base);
  return wanted_page_reply<event_row>(r, ask.base, [&](const event_row& e) {
    return (!ask.after || e.timestamp > *ask.after) && (!ask.category || is_of(e, *ask.category));
  });
}

/// PUT replaces an event's data with the body, whatever that is.
void replace_data(const services& s, const call& c, const core::json_text& data) {
  read_then(
      s, [id = c->number(0)](core::read_model& r) { return r.find<event_row>(id); },
      [&s, c, data](std::optional<event_row> row) {
        if (!row)
          return c->refuse(not_found("event", c->number(0)));
        row->data = data;
        s.house.edit(core::replace<event_row>{*row},
                     unless_refused<core::edited>(
                         c, [c, row](const core::edited&) { c->answer(row_reply(*row)); }));
      });
}

/// The word decides, and any other word means info, as in torc.
event_hub::severity least_of(const std::string& word) {
  using severity = event_hub::severity;
  return word == "debug"     ? severity::debug
         : word == "warning" ? severity::warning
         : word == "error"   ? severity::error
                             : severity::info;
}

void stream_events(const services& s, const call& c) {
  const core::workflow_id id{c->number(0)};
  const auto least = least_of(query_reader(c->in()).text("level").value_or("info"));
  with_workflow(s, c, id, [&s, c, id, least] {
    if (s.events->watchers() >= event_hub::most_watchers)
      return c->refuse(
          core::refuse(core::refusal::unavailable, "too many event streams are open; close one"));
    reply r{200, "text/event-stream", {}, {}};
    r.headers = {{"Cache-Control", "no-cache"}, {"X-Accel-Buffering", "no"}};
    r.more = s.events->watch(id, least, c->in().last_event_id);
    c->answer(std::move(r));
  });
}

/// An event is of the moment in which it is told. Only who brings a workflow from elsewhere may say
/// when it was.
void create_event(const services& s, const call& c, const resource<event_row>& as) {
  query_reader q(c->in());
  const bool keeps_time = q.flag("keep_timestamp").value_or(false);
  if (q.refused(c))
    return;
  const auto parse = [keeps_time, read = row_parser(as)](std::string_view body,
                                                         json::unknown_keys& unknown) {
    auto row = read(body, unknown);
    json::members all;
    all.assign(body);
    const auto told = row && keeps_time ? all.take("timestamp") : std::nullopt;
    if (row)
      row->timestamp = (told ? json::as_integer(*told) : std::nullopt).value_or(0);
    return row;
  };
  with_body(s, c, parse, [&s, c](event_row row) {
    if (row.timestamp <= 0)
      row.timestamp = now().us / 1000;
    create_and_echo(s, c, std::move(row));
  });
}

} // namespace

void add_events(router& to, const services& s) {
  resource<event_row> as;
  as.path = "/events";
  as.noun = "event";
  to.on("GET", "/workflows/{id}/events/stream", [&s](const call& c) { stream_events(s, c); });
  to.on("POST", "/events", [&s, as](const call& c) { create_event(s, c, as); });
  add_get(to, s, as);
  add_erase(to, s, as);
  to.on("GET", "/events", [&s](const call& c) {
    query_reader q(c->in());
    const event_question ask{read_filter(q, {}), q.integer("after_timestamp"), q.text("category")};
    if (!q.refused(c))
      reply_by_reading(s, c, [ask](core::read_model& r) { return list_events(r, ask); });
  });
  to.on("PUT", "/events/{id}", [&s](const call& c) {
    with_body(
        s, c,
        [](std::string_view body, json::unknown_keys&) {
          return core::result<core::json_text>{core::json_text{std::string(body)}};
        },
        [&s, c](const core::json_text& data) { replace_data(s, c, data); });
  });
  add_erase_all(to, s, as);
  to.on("GET", "/workflows/{id}/latest_event_timestamp", [&s](const call& c) {
    reply_by_reading(s, c, [id = core::workflow_id{c->number(0)}](core::read_model& r) {
      if (!r.workflow(id))
        return refusal_reply(no_workflow(id));
      std::string body;
      json::object o(body);
      if (const auto last = r.latest_event(id))
        o.add("latest_timestamp", *last);
      else
        o.key("latest_timestamp") += "null";
      o.close();
      return json_reply(std::move(body));
    });
  });
}

} // namespace torc::net::api
