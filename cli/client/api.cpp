#include "cli/client/api.hpp"

#include "net/client.hpp"
#include "telemetry/trace.hpp"

#include <optional>

namespace torc::cli {

struct api::state {
  std::optional<net::client> connection;
  core::error why_not; ///< there is no connection

  /// Of every request: who asks, and in which trace.
  static net::client::headers headers(const std::string& authorization) {
    net::client::headers all;
    if (!authorization.empty())
      all.emplace_back("Authorization", authorization);
    if (const auto here = environment("TRACEPARENT"); here && telemetry::parse_traceparent(*here))
      all.emplace_back("traceparent", *here);
    return all;
  }
};

api::api(std::string url, std::string authorization, net::trust whom)
    : url_(std::move(url)), authorization_(std::move(authorization)), whom_(std::move(whom)),
      state_(std::make_unique<state>()) {
  net::client_settings settings;
  settings.whom = whom_;
  auto connection = net::client::at(url_, std::move(settings));
  if (connection)
    state_->connection.emplace(std::move(*connection));
  else
    state_->why_not = connection.why();
}

api::~api() = default;
api::api(api&&) noexcept = default;
api& api::operator=(api&&) noexcept = default;

core::result<answer> api::send(std::string_view method, std::string_view path, std::string body) {
  if (!state_->connection)
    return state_->why_not;
  const auto headers = state::headers(authorization_);
  auto reply = state_->connection->request(method, path, std::move(body), headers);
  if (!reply) {
    auto why = reply.why();
    if (why.why == core::refusal::unavailable)
      why.message += "; start a server with: torc-server run";
    return why;
  }
  return answer{reply->status, std::move(reply->body)};
}

core::result<answer> api::follow(std::string_view path, const std::string& last_id, int64_t most_ms,
                                 const std::function<bool(std::string_view text)>& hear) {
  if (!state_->connection)
    return state_->why_not;
  auto headers = state::headers(authorization_);
  if (!last_id.empty())
    headers.emplace_back("Last-Event-ID", last_id);
  auto reply = state_->connection->follow(path, headers, most_ms, hear);
  if (!reply)
    return reply.why();
  return answer{reply->status, std::move(reply->body)};
}

void api::interrupt() {
  if (state_->connection)
    state_->connection->interrupt();
}

} // namespace torc::cli
