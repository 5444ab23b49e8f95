#pragma once

#include "cli/frame/globals.hpp"
#include "cli/print/json_text.hpp"
#include "core/result.hpp"
#include "net/client.hpp"

#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

namespace torc::cli {

/// What a server said, whatever it was.
struct answer {
  int status = 0;
  std::string body;
  bool ok() const { return status >= 200 && status < 300; }
};

/// A server's HTTP API in JSON. Not for two threads at once; make one each.
///
/// A server that cannot be reached is `unavailable`; what a server refuses has its HTTP status as
/// refusal, and its words as message.
class api {
public:
  /// @param url with its base path, without a slash at the end
  /// @param authorization the value of the header of that name; empty: none is sent
  /// @param whom to trust where the URL is of https
  explicit api(std::string url, std::string authorization = {}, net::trust whom = {});
  ~api();
  api(api&&) noexcept;
  api& operator=(api&&) noexcept;

  const std::string& url() const { return url_; }
  const std::string& authorization() const { return authorization_; }
  const net::trust& trusts() const { return whom_; }
  /// A connection of its own to the same server, for another thread.
  api again() const { return api(url_, authorization_, whom_); }

  /// Any answer is a success here; only a broken connection is not. `path` begins below the base
  /// path.
  core::result<answer> send(std::string_view method, std::string_view path, std::string body = {});

  /// Follows a reply that goes on; see net::client. @param last_id what was heard last; may be
  /// empty
  core::result<answer> follow(std::string_view path, const std::string& last_id, int64_t most_ms,
                              const std::function<bool(std::string_view text)>& hear);

  /// Any thread: ends what is under way, or else what comes next; no more is asked after that.
  void interrupt();

  core::result<json::value> get(std::string_view path);
  core::result<json::value> post(std::string_view path, const json::value& body);
  core::result<json::value> put(std::string_view path, const json::value& body);
  core::result<json::value> remove(std::string_view path);
  core::result<json::value> call(std::string_view method, std::string_view path, std::string body);

  /// True where a server answers at all.
  bool reachable();

  /// All pages of a list, `path` with its query but without offset and limit. Each item is given to
  /// `visit`, which may refuse to see more by returning false.
  core::result<core::nothing> each(const std::string& path,
                                   const std::function<bool(const json::value&)>& visit);

private:
  struct state;
  std::string url_;
  std::string authorization_;
  net::trust whom_;
  std::unique_ptr<state> state_;
};

/// HTTP's Basic authorization: "Basic " and the pair in base 64.
std::string basic_authorization(const std::string& user, const std::string& password);

/// What a refused request's body says, in words.
core::error error_of(const answer& a);
/// The answer of a server that does not know the path at all: nothing but a status.
bool lacks_endpoint(const answer& a);
/// An answer's body as JSON; malformed where it is none.
core::result<json::value> parse_reply(const answer& a);

} // namespace torc::cli
