#pragma once

#include "net/api/services.hpp"
#include "net/event_hub.hpp"
#include "net/keyed_house.hpp"
#include "net/memory_budget.hpp"
#include "net/progress_feed.hpp"
#include "net/router.hpp"
#include "net/settings.hpp"
#include "net/tls.hpp"
#include "net/workers.hpp"

#include <functional>
#include <memory>
#include <unordered_set>

namespace torc::net {

class session;

/// What the sessions of a server share. It outlives the server as long as a call is under way:
/// `open` tells.
struct session_house {
  server_settings settings;
  workers readers;
  keyed_house keyed;
  api::services services;
  router routes;
  memory_budget memory;
  std::shared_ptr<tls_context> tls; ///< none: plain HTTP
  std::unordered_set<session*> sessions;
  /// Those whose request is with a handler: nothing else keeps them, as a call may outlive the
  /// server.
  std::unordered_set<std::shared_ptr<session>> in_flight;
  bool open = true;      ///< false: the server is gone, its handlers and workers too
  bool stopping = false; ///< no second request on any connection
  std::function<void()> on_empty;

  session_house(boost::asio::io_context& sockets, port& behind, server_settings s);
  /// The gate has let it pass.
  void make(const call& c);
};

} // namespace torc::net
