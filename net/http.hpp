#pragma once

#include "core/result.hpp"

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

/// A request and a reply as values. Handlers know nothing of sockets, and no header here includes
/// Beast.
namespace torc::net {

inline constexpr std::string_view base_path = "/torc-service/v1";
/// Where Prometheus looks: the one path that may stand alone.
inline constexpr std::string_view metrics_path = "/metrics";

/// Decoded query parameters, in order; a name may come more than once.
using query_pairs = std::vector<std::pair<std::string, std::string>>;

struct request {
  std::string method;
  std::string path; ///< decoded, without the query
  query_pairs query;
  std::string body;
  std::string authorization; ///< the header, until the gate has read it
  std::string user;          ///< who asks; empty: anonymous
  bool sees_all = true;      ///< false: lists only what the user may access
  bool from_loopback = false;
  std::string last_event_id = {};                  ///< of a watcher that comes back
  std::optional<std::string> idempotency_key = {}; ///< the call is to take effect once
};

class body_stream;

struct reply {
  int status = 200;
  std::string_view type; ///< a literal; empty for an empty body
  std::string body;
  std::vector<std::pair<std::string_view, std::string>> headers;
  std::shared_ptr<body_stream> more = nullptr; ///< the body goes on after this
};

inline constexpr std::string_view json_type = "application/json";
inline constexpr std::string_view text_type = "text/plain";

reply json_reply(std::string body, int status = 200);
reply text_reply(int status, std::string text);
/// The one table of refusals and HTTP statuses. Malformed input is told in plain text, as torc does
/// it; everything else as {"error":{"message":...}}.
reply refusal_reply(const core::error& why);
int status_of(core::refusal why);

/// Percent-decoding; `plus_is_space` for queries. malformed for a bad escape, a NUL character or
/// bytes that are no UTF-8.
core::result<std::string> decode(std::string_view text, bool plus_is_space);
core::result<query_pairs> parse_query(std::string_view text);
bool is_utf8(std::string_view text);

} // namespace torc::net
