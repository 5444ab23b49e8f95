#include "net/workers.hpp"

#include "telemetry/call_span.hpp"

#include <boost/asio/executor_work_guard.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/post.hpp>
#include <condition_variable>
#include <deque>
#include <mutex>
#include <thread>
#include <vector>

namespace torc::net {

namespace asio = boost::asio;

struct workers::state {
  /// The io_context stays in its run() while work is under way elsewhere.
  struct job {
    work what;
    std::shared_ptr<telemetry::call_span> call; ///< that it is done for
    asio::executor_work_guard<asio::io_context::executor_type> guard;
  };

  asio::io_context& sockets;
  std::mutex mutex;
  std::condition_variable ready;
  std::deque<job> queue;
  bool closing = false;
  /// False once nothing may be told any more. Socket thread only.
  std::shared_ptr<bool> telling = std::make_shared<bool>(true);
  std::vector<std::thread> threads;

  explicit state(asio::io_context& s) : sockets(s) {}

  void run(const factory& open) {
    const auto reader = open();
    for (;;) {
      std::unique_lock lock(mutex);
      ready.wait(lock, [&] { return closing || !queue.empty(); });
      if (queue.empty())
        return;
      job next = std::move(queue.front());
      queue.pop_front();
      lock.unlock();
      auto done = [&] {
        const telemetry::working_on here(next.call);
        return next.what(*reader);
      }();
      // The work's captures die on the socket thread, as the calls in them must.
      asio::post(sockets, [done = std::move(done), what = std::move(next.what),
                           call = std::move(next.call), t = telling] {
        const telemetry::working_on here(call);
        if (*t)
          done();
      });
    }
  }
};

workers::workers(asio::io_context& sockets, const factory& open, int threads)
    : state_(std::make_unique<state>(sockets)) {
  for (int i = 0; i < threads; ++i)
    state_->threads.emplace_back([s = state_.get(), open] { s->run(open); });
}

workers::~workers() {
  close();
}

void workers::close() {
  *state_->telling = false;
  std::deque<state::job> dropped; // their calls die here, on the socket thread
  {
    const std::lock_guard lock(state_->mutex);
    state_->closing = true;
    dropped.swap(state_->queue);
  }
  state_->ready.notify_all();
  for (auto& t : state_->threads)
    t.join();
  state_->threads.clear();
}

void workers::post(work w) {
  if (*state_->telling) {
    const std::lock_guard lock(state_->mutex);
    state_->queue.push_back(
        {std::move(w), telemetry::current_call(), asio::make_work_guard(state_->sockets)});
  }
  state_->ready.notify_one();
}

} // namespace torc::net
