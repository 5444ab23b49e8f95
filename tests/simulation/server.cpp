#include "server.hpp"

#include "actors/claim_broker.hpp"
#include "actors/collector.hpp"
#include "actors/unblocker.hpp"
#include "storage/reader.hpp"

#include <cstdlib>
#include <filesystem>
#include <utility>

namespace torc::simulation {

namespace {

/// The room behind a handle; the test may look at what is the room's alone.
template <class Pointer, class Handle>
auto& state_of(const Handle& room) {
  auto* self = dynamic_cast<Pointer>(caf::actor_cast<caf::abstract_actor*>(room));
  return self->state;
}

auto& collector_of(const actors::ring& r) {
  using pointer = actors::collector_actor::stateful_pointer<actors::collector_state>;
  return state_of<pointer>(r.collector);
}
auto& unblocker_of(const actors::ring& r) {
  using pointer = actors::unblocker_actor::stateful_pointer<actors::unblocker_state>;
  return state_of<pointer>(r.unblocker);
}
auto& broker_of(const actors::ring& r) {
  using pointer = actors::broker_actor::stateful_pointer<actors::claim_broker_state>;
  return state_of<pointer>(r.broker);
}

} // namespace

server::server(environment& env, bool lease_varies, bool may_be_endless)
    : env_(env), lease_varies_(lease_varies), may_be_endless_(may_be_endless) {
  auto name = (std::filesystem::temp_directory_path() / "torc_simulation_XXXXXX").string();
  if (!mkdtemp(name.data()))
    throw std::runtime_error("no folder for the lock file");
  folder_ = std::filesystem::canonical(name);
  path_ = folder_ + "/torc.db";
}

server::~server() {
  if (is_up())
    crash({});
  std::filesystem::remove_all(folder_);
}

int64_t server::draw_lease_ms() {
  if (!lease_varies_)
    return lease_ms;
  if (may_be_endless_ && env_.chance.once_in(2))
    return 0;
  return env_.chance.once_in(3) ? short_lease_ms : lease_ms;
}

void server::boot() {
  auto settings = storage::store::settings{};
  settings.log_bytes = 128 << 10; // laid out by two writes, not by hundreds
  const auto lease = draw_lease_ms();
  settings.lease_ms = lease;
  auto opened = storage::store::open(path_, settings);
  if (!opened)
    return env_.found.wrong("the server does not start: " + opened.why().message);
  store_ = std::move(*opened);
  ++life_;
  const auto image = store_->recover();
  for (const auto& why : image.set_aside)
    env_.found.wrong(why);
  auto ring = actors::ring_settings{};
  ring.token = "secret";
  ring.ledger.lease_ms = lease;
  ring.ledger.lease_margin_ms = lease_margin_ms;
  ring.ledger.claim_timeout_ms = claim_timeout_ms;
  ring.now = core::instant{env_.wall_us()};
  ring.log = [this](const std::string& line) { env_.found.note("  server: ", line); };
  ring.detach_writer = false;
  rooms_ = actors::tie_ring(env_.system, store_, image, std::move(ring));
  open_ingress();
  env_.found.note("server starts, life ", life_, ", lease ", lease, " ms");
}

void server::open_ingress() {
  caf::actor_config cfg{&env_.unit};
  auto settings = actors::ingress_settings{};
  settings.writer = rooms_.writer;
  settings.unblocker = rooms_.unblocker;
  settings.collector = rooms_.collector;
  settings.store = store_;
  ingress_handle_ = env_.system.spawn_class<actors::ingress, caf::no_spawn_options>(
      cfg, &env_.unit, std::move(settings));
  ingress_ = dynamic_cast<actors::ingress*>(caf::actor_cast<caf::abstract_actor*>(ingress_handle_));
  caf::anon_send(rooms_.writer, caf::actor_cast<actors::news_actor>(ingress_handle_));
  caf::anon_send(rooms_.writer, caf::actor_cast<actors::lock_watch_actor>(ingress_handle_));
  readers_ = std::make_unique<net::workers>(
      env_.io, [path = path_] { return storage::open_reader(path); }, 0);
  services_ = std::make_unique<net::api::services>(
      net::api::services{*ingress_,
                         *readers_,
                         {},
                         core::instant{env_.wall_us()},
                         std::make_shared<net::event_hub>(*ingress_, life_)});
  starter_ = std::make_shared<net::api::initializer>(*services_);
}

void server::crash(test::faulty_disk::files left) {
  env_.found.note("server is gone, life ", life_);
  env_.kill(ingress_handle_);
  readers_->close();
  // The ingress goes first: its callers must not hear that the rooms end.
  while (env_.io.poll_one() > 0) {
  }
  ingress_ = nullptr;
  ingress_handle_ = caf::actor{};
  starter_.reset();
  services_.reset();
  readers_.reset();
  const auto ended = std::exchange(rooms_, {});
  env_.kill(ended.collector, caf::exit_reason::user_shutdown);
  env_.kill(ended.unblocker, caf::exit_reason::user_shutdown);
  env_.kill(ended.broker, caf::exit_reason::user_shutdown);
  env_.kill(ended.writer, caf::exit_reason::user_shutdown);
  const auto last = std::weak_ptr<storage::store>(store_);
  store_.reset();
  if (!last.expired())
    env_.found.wrong("somebody of an ended server still holds its database");
  test::faulty_disk::the().load(std::move(left));
}

server::held server::holds() const {
  return {unblocker_of(rooms_).graph.size(), broker_of(rooms_).matcher->waiting(),
          collector_of(rooms_).ledger->open_grants()};
}

void server::sanity_check() const {
  collector_of(rooms_).ledger->sanity_check();
  unblocker_of(rooms_).graph.sanity_check();
  broker_of(rooms_).matcher->sanity_check();
}

} // namespace torc::simulation
