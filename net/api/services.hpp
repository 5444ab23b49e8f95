#pragma once

#include "core/read_model.hpp"
#include "core/time.hpp"
#include "net/exchange.hpp"
#include "net/json/rows.hpp"
#include "net/json/text.hpp"
#include "net/port.hpp"
#include "net/settings.hpp"
#include "net/workers.hpp"

#include <functional>
#include <memory>
#include <string>
#include <string_view>

/// What every handler works with, and the steps that all of them share.
namespace torc::net {
class event_hub;
class progress_feed;
} // namespace torc::net

namespace torc::net::api {

struct services {
  port& house;
  workers& readers;
  api_settings settings;
  core::instant started;
  std::shared_ptr<event_hub> events;
  std::shared_ptr<class gate> doorkeeper{};
  std::shared_ptr<class once_keeper> once{};
  std::shared_ptr<class task_book> tasks{};
  std::shared_ptr<progress_feed> feed{};
  uint64_t max_body_bytes = server_settings{}.max_body_bytes;
};

/// The wall clock.
core::instant now();

/// Bodies above it are parsed on a worker.
inline constexpr size_t large_body = 64 * 1024;

/// Runs `ask` on a worker and hands what it returns to `then` on the socket thread.
template <class Ask, class Then>
void read_then(const services& s, Ask ask, Then then) {
  s.readers.post([ask = std::move(ask), then = std::move(then)](core::read_model& r) {
    using value = decltype(ask(r));
    auto found = std::make_shared<value>(ask(r));
    return workers::finish{[then, found] { then(std::move(*found)); }};
  });
}

/// Replies with what `ask` makes of the database.
template <class Ask>
void reply_by_reading(const services& s, const call& c, Ask ask) {
  read_then(s, std::move(ask), [c](reply r) { c->answer(std::move(r)); });
}

/// Refuses on a missing or wrong body, else passes parse(slice, unknown_keys&) on.
/// `parse` returns core::result<T>, may run on a worker and must not touch the call.
template <class Parse, class Then>
void with_body(const services& s, const call& c, Parse parse, Then then);

/// Whom the password proved, else who the body's "user" says it is.
std::string who_asks(const call& c);

core::error wrong_body(const core::error& why);
core::error not_found(std::string_view what, int64_t id);
core::error no_workflow(core::workflow_id id);
/// unprocessable: asked for too much, or for less than nothing.
core::page read_page(query_reader& q);
/// `labels`: those of a runner, with commas between.
std::optional<core::label_set> read_labels(query_reader& q);

/// {"items":[...],"offset",...}; write(out, item) for each.
template <class Items, class Write>
reply list_reply(const Items& items, int64_t offset, int64_t total, Write write,
                 int64_t max_limit = core::max_page) {
  std::string body;
  body.reserve(128 + items.size() * 256);
  json::object o(body);
  json::put_list(o.key("items"), items, [&](const auto& item) { write(body, item); });
  const auto count = static_cast<int64_t>(items.size());
  o.add("offset", offset).add("max_limit", max_limit).add("count", count);
  o.add("total_count", total).add("has_more", offset + count < total);
  o.close();
  return json_reply(std::move(body));
}

template <class Row>
reply row_reply(const Row& row) {
  std::string body;
  json::write(body, row);
  return json_reply(std::move(body));
}
reply job_reply(const core::job_row& job);

/// Goes on with then() when the workflow exists, else answers 404.
void with_workflow(const services& s, const call& c, core::workflow_id id,
                   std::function<void()> then);

/// A callback for the port: refuses on an error, else calls then(value).
template <class T, class Then>
port::then<T> unless_refused(const call& c, Then then) {
  return [c, then = std::move(then)](core::result<T> r) {
    if (!r)
      c->refuse(r.why());
    else
      then(std::move(*r));
  };
}

template <class Parse, class Then>
void with_body(const services& s, const call& c, Parse parse, Then then) {
  using parsed = decltype(parse(std::string_view{}, std::declval<json::unknown_keys&>()));
  struct outcome {
    parsed value;
    json::unknown_keys unknown;
  };
  if (c->in().body.empty())
    return c->refuse(
        core::refuse(core::refusal::malformed, "Missing required body parameter body"));
  auto read = [parse](std::string_view body) {
    json::unknown_keys unknown;
    if (const auto checked = json::check(body); !checked)
      return outcome{wrong_body(checked.why()), {}};
    parsed value = parse(body, unknown);
    if (!value)
      return outcome{wrong_body(value.why()), {}};
    return outcome{std::move(value), std::move(unknown)};
  };
  auto use = [c, then = std::move(then)](outcome o) {
    c->warn_unknown(o.unknown.names());
    if (!o.value)
      return c->refuse(o.value.why());
    then(std::move(*o.value));
  };
  if (c->in().body.size() <= large_body)
    return use(read(c->in().body));
  auto body = std::make_shared<const std::string>(c->take_body());
  read_then(
      s, [read, body](core::read_model&) { return read(*body); }, std::move(use));
}

} // namespace torc::net::api
