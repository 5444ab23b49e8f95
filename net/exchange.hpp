#pragma once

#include "core/result.hpp"
#include "net/http.hpp"
#include "telemetry/trace.hpp"

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace torc::telemetry {
class call_span;
}

namespace torc::net {

class trace_exporter;

/// How often a route was called, by the status of the answer. Socket thread only.
struct route_count {
  std::string method;  ///< empty: requests that no route takes
  std::string pattern; ///< "/jobs/{id}"
  std::vector<std::pair<int, uint64_t>> by_status;

  void add(int status);
};

/// One request on its way to one reply. Handlers pass it along as a `call`; whoever holds the last
/// one without having answered answers 503, so that no connection waits for ever. Answers are given
/// on the socket thread; what else is asked of it may be asked on any.
class exchange {
public:
  exchange(request in, std::function<void(reply)> answered);
  ~exchange();
  exchange(const exchange&) = delete;
  exchange& operator=(const exchange&) = delete;

  const request& in() const { return in_; }
  /// The request's body, given away: for parsing on a worker.
  std::string take_body() { return std::move(in_.body); }
  /// All of it, for a call that is made in this one's place.
  request take_request();

  /// Travels with the call's span; for whoever put it there.
  void carry(std::shared_ptr<void> what) { carried_ = std::move(what); }
  const std::shared_ptr<void>& carried() const { return carried_; }

  /// Who it is that asks, as the gate found.
  void identify(std::string user, bool sees_all);

  /// The path's parameters by their position in the pattern.
  int64_t number(size_t n) const { return numbers_.at(n); }
  const std::string& text(size_t n) const { return texts_.at(n); }
  void set_parameters(std::vector<int64_t> numbers, std::vector<std::string> texts);

  /// The route takes it: from now on it is timed, and counted when it is answered.
  void taken(std::shared_ptr<telemetry::call_span> span, route_count* by);
  const std::shared_ptr<telemetry::call_span>& span() const { return span_; }

  /// From now on it is a span of a trace: the caller's, as its header `traceparent` says, or one of
  /// its own.
  void trace(std::shared_ptr<trace_exporter> to, std::string_view traceparent);
  /// The call that is made in this one's place is the span instead.
  void hand_trace_to(exchange& other);
  /// Where in its trace it is.
  const std::optional<telemetry::trace_context>& context() const { return context_; }

  /// The first answer counts.
  void answer(reply r);
  void answer_json(std::string body, int status = 200);
  void refuse(const core::error& why);
  /// Names that the body had and nobody knows: told in the `warning` header.
  void warn_unknown(const std::vector<std::string>& names);

private:
  void end_trace(reply& r);

  request in_;
  std::function<void(reply)> answered_;
  std::shared_ptr<trace_exporter> tracer_;
  std::optional<telemetry::trace_context> context_;
  uint64_t parent_span_ = 0;
  int64_t traced_from_us_ = 0;
  std::vector<int64_t> numbers_;
  std::vector<std::string> texts_;
  std::string warning_;
  std::shared_ptr<telemetry::call_span> span_;
  route_count* count_ = nullptr;
  std::shared_ptr<void> carried_;
};

using call = std::shared_ptr<exchange>;

/// Reads query parameters; remembers the first thing that is wrong.
///   query_reader q(c->in()); auto id = q.must_integer("workflow_id"); if (q.refused(c)) return;
class query_reader {
public:
  explicit query_reader(const request& in) : pairs_(in.query) {}

  std::optional<std::string> text(std::string_view name) const;
  std::vector<std::string> texts(std::string_view name) const;
  std::optional<int64_t> integer(std::string_view name);
  int64_t must_integer(std::string_view name);
  std::optional<bool> flag(std::string_view name);
  std::optional<double> real(std::string_view name);
  /// malformed unless `value` is one of `allowed`.
  std::optional<std::string> one_of(std::string_view name,
                                    std::initializer_list<std::string_view> allowed);
  void complain(std::string_view name, std::string_view why);
  void complain(core::error why);

  const std::optional<core::error>& problem() const { return problem_; }
  /// Answers with the problem, if there is one.
  bool refused(const call& c) const;

private:
  const query_pairs& pairs_;
  std::optional<core::error> problem_;
};

} // namespace torc::net
