#include "cli/tui/courier.hpp"

#include "cli/client/event_stream.hpp"
#include "cli/client/workflow.hpp"

#include <chrono>
#include <condition_variable>
#include <deque>
#include <mutex>
#include <optional>
#include <thread>
#include <utility>

namespace torc::cli::tui {

namespace {

using clock = std::chrono::steady_clock;

/// Between two tries to reach a server that is gone.
constexpr auto pause = std::chrono::milliseconds(500);

core::result<json::value> reset_failed(api& server, int64_t workflow) {
  const json::object nothing;
  for (const char* step : {"/reset_status", "/reset_job_status?failed_only=true"})
    if (auto done = server.post(workflow_path(workflow, step), nothing); !done)
      return done;
  return server.post(workflow_path(workflow, "/initialize_jobs?only_uninitialized=true"), nothing);
}

core::result<json::value> perform(api& server, const ask& question) {
  switch (question.chain) {
  case ask::steps::reset_all: {
    auto done = initialize(server, question.workflow, true);
    if (!done)
      return done.why();
    return json::value(*done);
  }
  case ask::steps::reset_failed:
    return reset_failed(server, question.workflow);
  case ask::steps::one:
    break;
  }
  return server.call(question.method, question.path, question.body);
}

} // namespace

struct courier::state {
  std::function<void()> wake;
  std::mutex lock;
  std::vector<letter> inbox;

  void put(letter l) {
    {
      const std::lock_guard hold(lock);
      inbox.push_back(std::move(l));
    }
    wake();
  }
  void put_line(std::string trouble) {
    letter l;
    l.is_line = true;
    l.trouble = std::move(trouble);
    put(std::move(l));
  }
};

/// One question at a time, in their order.
struct courier::asker {
  std::shared_ptr<state> out;
  api server;
  std::mutex lock;
  std::condition_variable more;
  std::deque<ask> questions;
  bool ending = false;
  std::thread thread;

  asker(std::shared_ptr<state> to, api connection)
      : out(std::move(to)), server(std::move(connection)), thread([this] { work(); }) {}
  ~asker() {
    {
      const std::lock_guard hold(lock);
      ending = true;
    }
    more.notify_all();
    server.interrupt();
    thread.join();
  }

  void work() {
    for (;;) {
      std::unique_lock hold(lock);
      more.wait(hold, [this] { return ending || !questions.empty(); });
      if (ending)
        return;
      auto question = std::move(questions.front());
      questions.pop_front();
      hold.unlock();
      answer(std::move(question));
    }
  }

  void answer(ask question) {
    auto r = std::make_unique<reply>();
    const auto began = clock::now();
    auto said = perform(server, question);
    r->took_ms =
        std::chrono::duration_cast<std::chrono::milliseconds>(clock::now() - began).count();
    r->to = std::move(question);
    if (said) {
      r->body = std::move(*said);
    } else {
      r->trouble = said.why().message;
      r->lost = said.why().why == core::refusal::unavailable;
    }
    letter l;
    l.answer = std::move(r);
    out->put(std::move(l));
  }
};

/// Follows one stream until it is let go; comes back to it where the connection breaks.
struct courier::listener {
  std::shared_ptr<state> out;
  std::string path;
  bool tells_line; ///< its connection says whether the server is there
  api server;
  std::mutex lock;
  std::condition_variable waker;
  bool ending = false;
  std::thread thread;

  listener(std::shared_ptr<state> to, std::string which, bool tells, api connection)
      : out(std::move(to)), path(std::move(which)), tells_line(tells),
        server(std::move(connection)), thread([this] { work(); }) {}
  ~listener() {
    {
      const std::lock_guard hold(lock);
      ending = true;
    }
    waker.notify_all();
    server.interrupt();
    thread.join();
  }

  void work() {
    event_reader reader;
    for (;;) {
      bool heard = false;
      const auto ended = server.follow(path, reader.last_id(), 0, [&](std::string_view text) {
        if (!std::exchange(heard, true) && tells_line)
          out->put_line({});
        hear(reader, text);
        return true;
      });
      std::unique_lock hold(lock);
      if (ending)
        return;
      hold.unlock();
      // Half of an event may be left of what broke.
      reader = event_reader(reader.last_id());
      if (tells_line)
        out->put_line(!ended        ? ended.why().message
                      : ended->ok() ? "the server has closed the connection"
                                    : error_of(*ended).message);
      hold.lock();
      if (waker.wait_for(hold, pause, [this] { return ending; }))
        return;
    }
  }

  void hear(event_reader& reader, std::string_view text) {
    for (const auto& e : reader.read(text)) {
      boost::system::error_code wrong;
      auto data = json::parse(e.data, wrong);
      if (wrong)
        continue;
      letter l;
      l.event_type = e.type;
      l.event = std::move(data);
      out->put(std::move(l));
    }
  }
};

courier::courier(const api& server, std::function<void()> wake)
    : state_(std::make_shared<state>()) {
  state_->wake = std::move(wake);
  asker_ = std::make_unique<asker>(state_, server.again());
}

courier::~courier() = default;

void courier::send(ask question) {
  {
    const std::lock_guard hold(asker_->lock);
    // What still waits and is asked anew, of another search perhaps, nobody wants to know any more.
    if (question.what != topic::action)
      std::erase_if(asker_->questions, [&](const ask& q) { return q.what == question.what; });
    asker_->questions.push_back(std::move(question));
  }
  asker_->more.notify_all();
}

void courier::follow_feed(const std::string& path) {
  if ((feed_ ? feed_->path : std::string()) == path)
    return;
  feed_.reset();
  if (!path.empty())
    feed_ = std::make_unique<listener>(state_, path, true, asker_->server.again());
}

void courier::follow_events(const std::string& path) {
  if ((events_ ? events_->path : std::string()) == path)
    return;
  events_.reset();
  if (!path.empty())
    events_ = std::make_unique<listener>(state_, path, false, asker_->server.again());
}

std::vector<courier::letter> courier::take() {
  const std::lock_guard hold(state_->lock);
  return std::exchange(state_->inbox, {});
}

} // namespace torc::cli::tui
