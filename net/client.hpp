#pragma once

#include "core/result.hpp"

#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace torc::net {

/// Where a server is: "http://host:port/torc-service/v1", or https.
struct server_url {
  bool is_secure = false;
  std::string host; ///< without the brackets of an IPv6 address
  uint16_t port = 80;
  std::string base; ///< the path, without a slash at its end
};

/// malformed says what is wrong with it.
core::result<server_url> parse_url(std::string_view url);

/// Whom a client of https trusts beside the system's authorities.
struct trust {
  std::string authority_file; ///< PEM; empty: nobody
  bool insecure = false;      ///< everybody
};

struct client_settings {
  int connect_timeout_ms = 5'000;
  int request_timeout_ms = 300'000; ///< from the first byte sent to the last received
  trust whom = {};
};

/// A blocking HTTP client on one connection that is kept alive. One thread at a time.
///
/// Errors are sentences for people: unavailable for what may work later (nobody listens, no answer
/// in time), malformed for a URL that is none. An answer with a status of 400 or more is a reply.
class client {
public:
  struct answer {
    int status = 0;
    std::string body;
    std::string warning; ///< the header of that name
  };
  using headers = std::vector<std::pair<std::string, std::string>>;

  static core::result<client> at(std::string_view url, client_settings settings = {});

  /// @param target below the base path, with its query: "/jobs?workflow_id=7"
  core::result<answer> request(std::string_view method, std::string_view target,
                               std::string body = {}, const headers& more = {});
  /// GETs a reply that goes on and hands over its text as it comes, until `hear` returns false, the
  /// server ends it, or `most_ms` are over (0: no limit). A status other than 200 is a plain reply.
  core::result<answer> follow(std::string_view target, const headers& more, int64_t most_ms,
                              const std::function<bool(std::string_view text)>& hear);
  const server_url& where() const;
  /// Any thread: the request or follow under way fails at once, and so does whatever comes later.
  void interrupt();

  ~client();
  client(client&&) noexcept;
  client& operator=(client&&) noexcept;

private:
  struct state;
  explicit client(std::unique_ptr<state> s);
  std::unique_ptr<state> state_;
};

/// Escapes a value for a query.
std::string encode(std::string_view value);

} // namespace torc::net
