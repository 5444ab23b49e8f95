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
  std::shared_ptr<core::read_model> without_threads;

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
      tell(std::move(next), std::move(done));
    }
  }

  /// The work's captures die on the socket thread, as the calls in them must.
  void tell(job made, finish done) {
    asio::post(sockets, [done = std::move(done), what = std::move(made.what),
                         call = std::move(made.call), t = telling] {
      const telemetry::working_on here(call);
      if (*t)
        done();
    });
  }

  void run_here(job next) {
    asio::post(sockets,
               [this, next = std::move(next), reader = without_threads, t = telling]() mutable {
                 if (!*t)
                   return;
                 const telemetry::working_on here(next.call);
                 auto done = next.what(*reader);
                 tell(std::move(next), std::move(done));
               });
  }
};

workers::workers(asio::io_context& sockets, const factory& open, int threads)
    : state_(std::make_unique<state>(sockets)) {
  for (int i = 0; i < threads; ++i)
    state_->threads.emplace_back([s = state_.get(), open] { s->run(open); });
  if (threads == 0)
    state_->without_threads = open();
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
  if (!*state_->telling)
    return;
  auto next =
      state::job{std::move(w), telemetry::current_call(), asio::make_work_guard(state_->sockets)};
  if (state_->without_threads)
    return state_->run_here(std::move(next));
  {
    const std::lock_guard lock(state_->mutex);
    state_->queue.push_back(std::move(next));
  }
  state_->ready.notify_one();
}

} // namespace torc::net
