#pragma once

#include <cstdint>
#include <string>
#include <string_view>

namespace torc::scale_tests {

/// Where a server listens: what stands in http://<host>:<port><base>.
struct address {
  std::string host;
  std::string port;
  std::string base; ///< "/torc-service/v1"
};

/// Ends the process with a sentence if `url` is none.
address parse_url(std::string_view url);

struct reply {
  int status = 0;
  std::string body;
};

/// One keep-alive connection that asks and waits: as little code between a bench and the socket as
/// possible, so that what is measured is the server. Any trouble ends the process with a sentence.
class http_connection {
public:
  explicit http_connection(const address& where);
  ~http_connection();
  http_connection(const http_connection&) = delete;
  http_connection& operator=(const http_connection&) = delete;

  /// `path` follows the base. The reply has to state its length.
  reply ask(std::string_view method, std::string_view path, std::string_view body = "{}");

private:
  void send_all(std::string_view text);
  void receive_some();

  address where_;
  int socket_ = -1;
  std::string received_;
};

[[noreturn]] void give_up(const std::string& why);

} // namespace torc::scale_tests
