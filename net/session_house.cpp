#include "net/session_house.hpp"

#include "net/api/once_keeper.hpp"
#include "net/api/tasks.hpp"

#include <algorithm>
#include <string_view>

namespace torc::net {

session_house::session_house(boost::asio::io_context& sockets, port& behind, server_settings s)
    : settings(std::move(s)), readers(sockets, settings.open_reader, settings.worker_threads),
      keyed(behind), services{keyed, readers, settings.api, api::now(), nullptr},
      memory(settings.max_memory_bytes) {
  services.max_body_bytes = settings.max_body_bytes;
  services.events = std::make_shared<event_hub>(keyed, services.started.us);
  services.feed = std::make_shared<progress_feed>(sockets, keyed);
  services.tasks = std::make_shared<api::task_book>();
  services.once = std::make_shared<api::once_keeper>(services, behind);
}

namespace {

/// The part of a path up to its next slash, taken off.
std::string_view next_part(std::string_view& path) {
  const auto part = path.substr(0, path.find('/'));
  path.remove_prefix(std::min(path.size(), part.size() + 1));
  return part;
}

bool fits(std::string_view pattern, std::string_view path) {
  while (!pattern.empty() && !path.empty()) {
    const auto wanted = next_part(pattern), found = next_part(path);
    if (!wanted.starts_with('{') && wanted != found)
      return false;
  }
  return pattern.empty() && path.empty();
}

/// Some route takes it; what none takes has no effect that could be kept.
bool is_routed(const router& routes, const request& in) {
  std::string_view path = in.path;
  path.remove_prefix(std::min(path.size(), base_path.size()));
  const auto& all = routes.counts();
  return std::any_of(all.begin(), all.end(), [&](const route_count& r) {
    return r.method == in.method && fits(r.pattern, path);
  });
}

} // namespace

void session_house::make(const call& c) {
  if (!c->in().idempotency_key || !is_routed(routes, c->in()))
    return routes.route(c);
  services.once->make(c, [this](const call& keyed_one) { routes.route(keyed_one); });
}

} // namespace torc::net
