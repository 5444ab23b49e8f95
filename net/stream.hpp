#pragma once

#include <functional>
#include <string>

namespace torc::net {

/// The body of a reply that goes on for as long as both sides like. Socket thread only. The session
/// takes what there is when its socket can take it; who fills it never waits.
class body_stream {
public:
  virtual ~body_stream() = default;
  /// What has come since the last call; empty: nothing yet.
  virtual std::string take() = 0;
  /// What is sent when nothing came for a while, so that both sides see a broken connection.
  virtual std::string_view keep_alive() const = 0;
  /// The session says whom to tell when there is something to take; nullptr: the reader is gone.
  void on_ready(std::function<void()> tell) { ready_ = std::move(tell); }

protected:
  void ready() const {
    if (ready_)
      ready_();
  }

private:
  std::function<void()> ready_;
};

} // namespace torc::net
