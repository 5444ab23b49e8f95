#include "actors/runner_line.hpp"

#include <caf/io/middleman.hpp>
#include <caf/openssl/all.hpp>
#include <caf/openssl/manager.hpp>

#include <set>
#include <string>
#include <utility>

namespace torc::actors {

namespace {

using ask_atom = caf::atom_constant<caf::atom("ask")>;
/// Calls what may block, once, on a thread of its own.
using lookup_actor = caf::typed_actor<caf::replies_to<ask_atom>::with<runner_door>>;

constexpr auto connect_timeout = std::chrono::seconds{30};

lookup_actor::behavior_type lookup(lookup_actor::pointer self,
                                   std::function<core::result<runner_door>()> find_door) {
  return {[self, find_door](ask_atom) -> caf::result<runner_door> {
    self->quit();
    if (auto door = find_door())
      return *door;
    return caf::sec::cannot_connect_to_node;
  }};
}

void connect(runner_pointer self, std::function<void(core::result<door_actor>)> then) {
  auto& s = self->state.parts.settings;
  auto where = s.host + ":" + std::to_string(s.port);
  self->request(self->system().openssl_manager().actor_handle(), connect_timeout,
                caf::connect_atom::value, s.host, s.port)
      .then(
          [self, then, where](const caf::node_id&, caf::strong_actor_ptr& found,
                              const std::set<std::string>& speaks) {
            auto& system = self->system();
            auto spoken = system.message_types(caf::detail::type_list<door_actor>{});
            if (!found || !system.assignable(speaks, spoken))
              return then(core::refuse(core::refusal::unprocessable,
                                       "what listens at " + where + " is no torc runner port"));
            then(caf::actor_cast<door_actor>(std::move(found)));
          },
          [self, then, where](const caf::error& e) {
            const bool is_busy =
                e == caf::sec::connection_timeout || e == caf::sec::request_timeout;
            then(core::refuse(is_busy ? core::refusal::conflict : core::refusal::unavailable,
                              "cannot reach the runner port " + where + " (" +
                                  self->system().render(e) +
                                  "); is the server there, and is the certificate its own?"));
          });
}

} // namespace

line_config::line_config(const runner_settings& s) {
  load<caf::io::middleman>();
  load<caf::openssl::manager>();
  add_wire_types(*this);
  set("scheduler.policy", caf::atom("sharing"));
  set("scheduler.max-threads", size_t{1});
  // The house's own values; both sides need them, or a healthy idle peer is dropped.
  set("middleman.heartbeat-interval", caf::timespan{std::chrono::seconds{10}});
  set("middleman.connection-timeout", caf::timespan{std::chrono::seconds{30}});
  openssl_certificate = s.certificate;
  openssl_key = s.key;
  openssl_cafile = s.authority;
}

void dial_server(runner_pointer self, std::function<void(core::result<door_actor>)> then) {
  auto& s = self->state;
  if (!s.ever_attached || !s.parts.settings.find_door)
    return connect(self, std::move(then));
  auto asked = self->system().spawn<caf::detached>(lookup, s.parts.settings.find_door);
  self->request(asked, caf::infinite, ask_atom::value)
      .then(
          [self, then](runner_door& found) {
            self->state.parts.settings.port = found.port;
            self->state.parts.settings.token = std::move(found.token);
            connect(self, then);
          },
          [self, then](const caf::error&) { connect(self, then); });
}

} // namespace torc::actors
