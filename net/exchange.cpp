#include "net/exchange.hpp"

#include "net/trace_exporter.hpp"
#include "net/whole_number.hpp"
#include "telemetry/call_span.hpp"

#include <algorithm>
#include <charconv>
#include <chrono>

namespace torc::net {

namespace {

template <class T>
std::optional<T> parsed(const std::string& text) {
  T n{};
  const auto end = text.data() + text.size();
  const auto read = std::from_chars(text.data(), end, n);
  if (text.empty() || read.ec != std::errc{} || read.ptr != end)
    return std::nullopt;
  return n;
}

int64_t wall_us() {
  using namespace std::chrono;
  return duration_cast<microseconds>(system_clock::now().time_since_epoch()).count();
}

/// A header's value must not break the header.
std::string printable(std::string_view text) {
  std::string out;
  for (const char c : text)
    out += c >= 0x20 && c < 0x7F ? c : '?';
  return out;
}

} // namespace

void route_count::add(int status) {
  const auto at = std::find_if(by_status.begin(), by_status.end(),
                               [status](const auto& one) { return one.first == status; });
  if (at == by_status.end())
    by_status.emplace_back(status, 1);
  else
    ++at->second;
}

exchange::exchange(request in, std::function<void(reply)> answered)
    : in_(std::move(in)), answered_(std::move(answered)) {}

exchange::~exchange() {
  refuse(core::refuse(core::refusal::unavailable, "the server is shutting down"));
}

void exchange::set_parameters(std::vector<int64_t> numbers, std::vector<std::string> texts) {
  numbers_ = std::move(numbers);
  texts_ = std::move(texts);
}

void exchange::taken(std::shared_ptr<telemetry::call_span> span, route_count* by) {
  span_ = std::move(span);
  count_ = by;
}

void exchange::answer(reply r) {
  if (!answered_)
    return;
  if (count_)
    count_->add(r.status);
  if (span_)
    record(telemetry::quantity::http_ns, span_->close());
  if (context_)
    end_trace(r);
  if (!warning_.empty())
    r.headers.emplace_back("warning", std::move(warning_));
  // The callee may destroy this exchange.
  const auto answered = std::exchange(answered_, nullptr);
  answered(std::move(r));
}

void exchange::answer_json(std::string body, int status) {
  answer(json_reply(std::move(body), status));
}

void exchange::trace(std::shared_ptr<trace_exporter> to, std::string_view traceparent) {
  const auto parent = telemetry::parse_traceparent(traceparent);
  tracer_ = std::move(to);
  traced_from_us_ = wall_us();
  context_ = telemetry::new_trace();
  if (parent) {
    context_->trace = parent->trace;
    parent_span_ = parent->span;
  }
  context_->sampled = tracer_->keep().keeps(context_->trace, parent);
}

request exchange::take_request() {
  auto taken = std::move(in_);
  in_.method = taken.method; // for its trace
  in_.path = taken.path;
  return taken;
}

void exchange::hand_trace_to(exchange& other) {
  other.tracer_ = std::exchange(tracer_, nullptr);
  other.context_ = std::exchange(context_, std::nullopt);
  other.parent_span_ = parent_span_;
  other.traced_from_us_ = traced_from_us_;
}

void exchange::end_trace(reply& r) {
  r.headers.emplace_back("traceresponse", to_traceparent(*context_));
  if (!context_->sampled)
    return;
  telemetry::finished_span s;
  s.trace = context_->trace;
  s.id = context_->span;
  s.parent = parent_span_;
  s.what = telemetry::finished_span::kind::server;
  // A method that no route has may be any text, and would make as many names.
  const bool is_routed = count_ && !count_->pattern.empty();
  s.name = is_routed ? "" : "HTTP";
  s.start_us = traced_from_us_;
  s.end_us = wall_us();
  s.attributes = {{"http.request.method", is_routed ? count_->method : "_OTHER"},
                  {"url.path", in_.path},
                  {"http.response.status_code", int64_t{r.status}}};
  if (is_routed) {
    s.more_name = count_->method + " " + count_->pattern;
    s.attributes.push_back({"http.route", count_->pattern});
  }
  s.failed = r.status >= 500;
  tracer_->offer(std::move(s));
}

void exchange::refuse(const core::error& why) {
  if (answered_)
    answer(refusal_reply(why));
}

void exchange::identify(std::string user, bool sees_all) {
  in_.user = std::move(user);
  in_.sees_all = sees_all;
  in_.authorization.clear();
}

void exchange::warn_unknown(const std::vector<std::string>& names) {
  if (names.empty())
    return;
  warning_ = "Ignoring unknown fields in body: [";
  for (const auto& name : names)
    warning_ += (&name == &names.front() ? "\"" : ", \"") + printable(name) + '"';
  warning_ += ']';
}

std::optional<std::string> query_reader::text(std::string_view name) const {
  for (const auto& [key, value] : pairs_)
    if (key == name)
      return value;
  return std::nullopt;
}

std::vector<std::string> query_reader::texts(std::string_view name) const {
  std::vector<std::string> all;
  for (const auto& [key, value] : pairs_)
    if (key == name)
      all.push_back(value);
  return all;
}

std::optional<int64_t> query_reader::integer(std::string_view name) {
  const auto value = text(name);
  if (!value)
    return std::nullopt;
  const auto n = whole_number(*value);
  if (!n)
    complain(name, "invalid digit found in string");
  return n;
}

int64_t query_reader::must_integer(std::string_view name) {
  if (!text(name))
    complain(core::refuse(core::refusal::malformed,
                          "Missing required query parameter " + std::string(name)));
  return integer(name).value_or(0);
}

std::optional<bool> query_reader::flag(std::string_view name) {
  const auto value = text(name);
  if (!value)
    return std::nullopt;
  if (*value != "true" && *value != "false")
    complain(name, "provided string was not `true` or `false`");
  return *value == "true";
}

std::optional<double> query_reader::real(std::string_view name) {
  const auto value = text(name);
  if (!value)
    return std::nullopt;
  const auto n = parsed<double>(*value);
  if (!n)
    complain(name, "not a number");
  return n;
}

std::optional<std::string> query_reader::one_of(std::string_view name,
                                                std::initializer_list<std::string_view> allowed) {
  auto value = text(name);
  if (value && std::find(allowed.begin(), allowed.end(), *value) == allowed.end())
    complain(name, "Value not valid: " + *value);
  return value;
}

void query_reader::complain(std::string_view name, std::string_view why) {
  complain(
      core::refuse(core::refusal::malformed, "Couldn't parse query parameter " + std::string(name) +
                                                 " - doesn't match schema: " + std::string(why)));
}

void query_reader::complain(core::error why) {
  if (!problem_)
    problem_ = std::move(why);
}

bool query_reader::refused(const call& c) const {
  if (problem_)
    c->refuse(*problem_);
  return problem_.has_value();
}

} // namespace torc::net
