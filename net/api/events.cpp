#include "net/api/all.hpp"
#include "net/api/crud.hpp"

namespace torc::net::api {

namespace {

using core::event_row;

/// Events younger than `after` (milliseconds since 1970), as one page.
reply events_after(core::read_model& r, const core::filter& f, int64_t after) {
  return wanted_page_reply<event_row>(r, f,
                                      [&](const event_row& e) { return e.timestamp > after; });
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

} // namespace

void add_events(router& to, const services& s) {
  resource<event_row> as;
  as.path = "/events";
  as.noun = "event";
  as.check = [](event_row& row) {
    row.timestamp = now().us / 1000;
    return core::nothing{};
  };
  add_create(to, s, as);
  add_get(to, s, as);
  add_erase(to, s, as);
  to.on("GET", "/events", [&s](const call& c) {
    query_reader q(c->in());
    const auto f = read_filter(q, {});
    const auto after = q.integer("after_timestamp");
    if (q.refused(c))
      return;
    reply_by_reading(s, c, [f, after](core::read_model& r) {
      return after ? events_after(r, f, *after) : page_reply<event_row>(r, f);
    });
  });
  to.on("PUT", "/events/{id}", [&s](const call& c) {
    with_body(
        s, c,
        [](std::string_view body, json::unknown_keys&) {
          return core::result<core::json_text>{core::json_text{std::string(body)}};
        },
        [&s, c](const core::json_text& data) { replace_data(s, c, data); });
  });
  to.on("DELETE", "/events", [](const call& c) {
    c->refuse(core::refuse(core::refusal::unprocessable,
                           "events are deleted one by one, or with their workflow"));
  });
}

} // namespace torc::net::api
