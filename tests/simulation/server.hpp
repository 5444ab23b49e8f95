#pragma once

#include "environment.hpp"

#include "actors/ingress.hpp"
#include "actors/ring.hpp"
#include "core/graph.hpp"
#include "core/matcher.hpp"
#include "net/api/initialize.hpp"
#include "net/event_hub.hpp"
#include "tests/storage_faults/faulty_disk.hpp"

#include <memory>
#include <string>

namespace torc::simulation {

/// The lease of the servers here; runners hear of it. Some start with a shorter one, or with none.
inline constexpr int64_t lease_ms = 8000;
inline constexpr int64_t short_lease_ms = 3000;
inline constexpr int64_t lease_margin_ms = 2000;
inline constexpr int64_t claim_timeout_ms = 12'000;

/// The server's process: all five rooms, the initializer of the HTTP API, and the database on a
/// disk that can lose its power.
class server {
public:
  /// @param lease_varies from start to start
  /// @param may_be_endless where it varies
  server(environment& env, bool lease_varies, bool may_be_endless);
  ~server();
  server(const server&) = delete;
  server& operator=(const server&) = delete;

  /// Starts on what is on the disk.
  void boot();
  /// Ends everything at once; nothing but `left` is there for the next start.
  void crash(test::faulty_disk::files left);

  bool is_up() const { return store_ != nullptr; }
  /// Which start this is: answers to calls of an earlier one never come.
  int64_t life() const { return life_; }
  net::port& port() { return *ingress_; }
  net::api::initializer& starter() { return *starter_; }
  const actors::collector_actor& door() const { return rooms_.collector; }
  const std::string& path() const { return path_; }
  int64_t commits() const { return store_ ? store_->progress()->commits : 0; }
  std::shared_ptr<const core::progress> progress() const { return store_->progress(); }
  /// Something that the disk contradicted, since the start.
  int64_t contradictions() const { return store_ ? store_->contradictions() : 0; }
  bool is_writing() const { return store_ && store_->in_group(); }

  /// What the rooms hold. Only while no message is under way.
  struct held {
    size_t unfinished = 0, ready = 0, open = 0;
  };
  held holds() const;
  /// The rooms compare what they can compute with what they hold.
  void sanity_check() const;

private:
  int64_t draw_lease_ms();
  void open_ingress();

  environment& env_;
  std::string folder_, path_;
  bool lease_varies_, may_be_endless_;
  int64_t life_ = 0;
  std::shared_ptr<storage::store> store_;
  actors::ring rooms_;
  caf::actor ingress_handle_;
  actors::ingress* ingress_ = nullptr;
  std::unique_ptr<net::workers> readers_;
  std::unique_ptr<net::api::services> services_;
  std::shared_ptr<net::api::initializer> starter_;
};

} // namespace torc::simulation
