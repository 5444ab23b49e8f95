#include "actors/house.hpp"

#include "actors/ingress.hpp"
#include "actors/ring.hpp"

#include <caf/actor_system.hpp>
#include <caf/actor_system_config.hpp>
#include <caf/io/middleman.hpp>
#include <caf/openssl/all.hpp>
#include <caf/scoped_actor.hpp>

#include <atomic>
#include <chrono>
#include <utility>

namespace torc::actors {

namespace {

class house_config : public caf::actor_system_config {
public:
  explicit house_config(const house_settings& s) {
    load<caf::io::middleman>();
    load<caf::openssl::manager>();
    add_wire_types(*this);
    set("scheduler.policy", caf::atom("sharing"));
    set("scheduler.max-threads", size_t{1});
    // Only the pair finds a peer that has gone silent. CAF 0.17 takes a connection whose handshake
    // is under way for a silent one at each beat: with beats too close, many runners that come back
    // to a busy machine at once would never get through.
    set("middleman.heartbeat-interval", caf::timespan{std::chrono::seconds{10}});
    set("middleman.connection-timeout", caf::timespan{std::chrono::seconds{30}});
    openssl_certificate = s.certificate;
    openssl_key = s.key;
    openssl_cafile = s.authority;
  }
};

core::instant wall_clock() {
  auto since = std::chrono::system_clock::now().time_since_epoch();
  return {std::chrono::duration_cast<std::chrono::microseconds>(since).count()};
}

} // namespace

struct house::state {
  state(house_settings s, boost::asio::io_context& io)
      : settings(std::move(s)), config(settings), system(config), unit(system, io) {}

  house_settings settings;
  std::shared_ptr<storage::store> store;
  house_config config;
  caf::actor_system system;
  asio_unit unit;
  ring rooms;
  caf::actor ingress_handle;
  ingress* ingress_room = nullptr;
  uint16_t runner_port = 0;
  /// The runners as the collector last saw them.
  using runner_views = std::vector<core::runner_view>;
  std::shared_ptr<std::atomic<std::shared_ptr<const runner_views>>> seen =
      std::make_shared<std::atomic<std::shared_ptr<const runner_views>>>(
          std::make_shared<const runner_views>());
  bool open = false;

  void tie(const core::image& image) {
    ring_settings how{settings.token, settings.ledger, wall_clock(), settings.log,
                      true,           settings.traces};
    how.show_runners = [to = seen](runner_views now) {
      to->store(std::make_shared<const runner_views>(std::move(now)));
    };
    rooms = tie_ring(system, store, image, std::move(how));
  }

  core::result<core::nothing> open_runner_port() {
    auto port = caf::openssl::publish(caf::actor_cast<door_actor>(rooms.collector),
                                      settings.runner_port, settings.host.c_str(), true);
    if (!port)
      return core::refuse(core::refusal::unavailable, "cannot listen for runners on " +
                                                          settings.host + ":" +
                                                          std::to_string(settings.runner_port) +
                                                          ": " + system.render(port.error()));
    runner_port = *port;
    return core::nothing{};
  }

  void open_ingress() {
    auto cfg = caf::actor_config{&unit};
    auto door =
        net::port::runner_door{settings.host, runner_port, settings.token, settings.authority_pem};
    ingress_handle = system.spawn_class<ingress, caf::no_spawn_options>(
        cfg, &unit,
        ingress_settings{rooms.writer, rooms.unblocker, rooms.collector, store, std::move(door),
                         settings.sign, [from = seen] { return from->load(); }});
    caf::anon_send(rooms.writer, caf::actor_cast<news_actor>(ingress_handle));
    ingress_room = dynamic_cast<ingress*>(caf::actor_cast<caf::abstract_actor*>(ingress_handle));
    caf::anon_send(rooms.writer, caf::actor_cast<lock_watch_actor>(ingress_handle));
  }

  void shut() {
    if (!std::exchange(open, false))
      return;
    caf::scoped_actor self{system};
    self->request(system.openssl_manager().actor_handle(), caf::infinite,
                  caf::unpublish_atom::value, caf::actor_cast<caf::actor_addr>(rooms.collector),
                  runner_port)
        .receive([] {}, [](const caf::error&) {});
    // No answer can be lost: what was judged is on disk when this returns. Only somebody else's
    // lock is not waited for.
    self->send(rooms.writer, close_atom::value);
    self->request(rooms.collector, caf::infinite, close_atom::value)
        .receive([](const core::receipt&) {}, [](const caf::error&) {});
    if (ingress_handle) {
      self->send(ingress_handle, close_atom::value);
      self->wait_for(ingress_handle);
      ingress_handle = caf::actor{};
    }
    auto ended = rooms;
    untie(rooms);
    self->wait_for(ended.collector, ended.unblocker, ended.broker, ended.writer);
    store.reset();
  }
};

house::house() = default;

house::~house() {
  if (state_)
    close();
}

core::result<std::unique_ptr<house>> house::open(house_settings settings,
                                                 boost::asio::io_context& io) {
  auto log = settings.log;
  auto how = storage::store::settings{};
  how.full_sync = settings.full_sync;
  how.on_foreign_lock = [log](const std::string& holder) {
    log(holder.empty() ? "the database is free again"
                       : "waiting for the database: it is locked by " + holder);
  };
  how.lease_ms = settings.ledger.lease_ms;
  auto opened = storage::store::open(settings.database, std::move(how));
  if (!opened)
    return opened.why();
  if (const auto equip = std::exchange(settings.equip, nullptr))
    if (auto equipped = equip(settings); !equipped)
      return equipped.why();
  auto out = std::unique_ptr<house>{new house};
  out->state_ = std::make_unique<state>(std::move(settings), io);
  auto& s = *out->state_;
  s.store = std::move(*opened);
  auto image = s.store->recover();
  for (auto& why : image.set_aside)
    log(why);
  s.tie(image);
  s.open = true;
  if (auto door = s.open_runner_port(); !door)
    return door.why();
  s.open_ingress();
  return out;
}

net::port& house::port() {
  return *state_->ingress_room;
}
uint16_t house::runner_port() const {
  return state_->runner_port;
}
const std::string& house::database() const {
  return state_->settings.database;
}
void house::close() {
  state_->shut();
}

} // namespace torc::actors
