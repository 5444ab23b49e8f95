#include "net/progress_feed.hpp"

#include "net/json/progress.hpp"
#include "net/json/text.hpp"
#include "net/stream.hpp"

#include <boost/asio/io_context.hpp>
#include <boost/asio/steady_timer.hpp>

#include <chrono>
#include <string>
#include <utility>

namespace torc::net {

namespace {
constexpr auto period = std::chrono::milliseconds{100};
}

struct progress_feed::clock {
  explicit clock(boost::asio::io_context& sockets) : timer(sockets) {}
  boost::asio::steady_timer timer;
  bool is_running = false;
  std::chrono::steady_clock::time_point pushed{};
};

class progress_feed::watcher final : public body_stream {
public:
  watcher(std::shared_ptr<progress_feed> feed, std::vector<known> first, bool is_list)
      : feed_(std::move(feed)), told_(std::move(first)), is_list_(is_list) {
    frame_ = frame(told_);
  }
  ~watcher() override { feed_->leave(this); }

  void push() {
    due_ = true;
    ready();
  }

  std::string take() override {
    if (!frame_.empty())
      return std::exchange(frame_, {});
    return std::exchange(due_, false) ? newest() : std::string();
  }
  std::string_view keep_alive() const override { return ": still here\n\n"; }

private:
  std::string frame(const std::vector<known>& of) const {
    std::string text = "event: progress\ndata: ";
    if (!is_list_) {
      json::write(text, *of.front(), json::detail::stages);
    } else {
      json::object o(text);
      json::put_list(o.key("workflows"), of,
                     [&](const known& p) { json::write(text, *p, json::detail::sum); });
      o.close();
    }
    return text + "\n\n";
  }

  std::string newest() {
    const auto all = feed_->house_.progress();
    std::vector<known> changed;
    for (auto& last : told_) {
      const auto at = all->workflows.find(last->workflow);
      if (at == all->workflows.end() || at->second == last)
        continue;
      last = at->second;
      changed.push_back(last);
    }
    return changed.empty() && !is_list_ ? std::string() : frame(changed);
  }

  std::shared_ptr<progress_feed> feed_;
  std::vector<known> told_;
  bool is_list_;
  bool due_ = false;
  std::string frame_; ///< to be taken: what there was at the beginning
};

progress_feed::progress_feed(boost::asio::io_context& sockets, port& house)
    : clock_(std::make_unique<clock>(sockets)), house_(house) {}

progress_feed::~progress_feed() = default;

std::unique_ptr<body_stream> progress_feed::watch(known first) {
  return add({std::move(first)}, false);
}

std::unique_ptr<body_stream> progress_feed::watch(std::vector<known> first) {
  return add(std::move(first), true);
}

std::unique_ptr<body_stream> progress_feed::add(std::vector<known> first, bool is_list) {
  if (watchers_.empty())
    house_.on_commit([feed = weak_from_this()] {
      if (const auto self = feed.lock())
        self->committed();
    });
  auto who = std::make_unique<watcher>(shared_from_this(), std::move(first), is_list);
  watchers_.insert(who.get());
  // What was committed since `first` was read is told with the next push.
  committed();
  return who;
}

void progress_feed::leave(watcher* w) {
  watchers_.erase(w);
  if (watchers_.empty()) {
    house_.on_commit(nullptr);
    clock_->timer.cancel();
  }
}

void progress_feed::committed() {
  if (std::exchange(clock_->is_running, true))
    return;
  clock_->timer.expires_at(clock_->pushed + period);
  clock_->timer.async_wait([feed = weak_from_this()](const auto&) {
    const auto self = feed.lock();
    if (!self)
      return;
    self->clock_->is_running = false;
    self->push();
  });
}

void progress_feed::push() {
  clock_->pushed = std::chrono::steady_clock::now();
  // A watcher may leave when it is told.
  for (auto* w : std::vector(watchers_.begin(), watchers_.end()))
    if (watchers_.contains(w))
      w->push();
}

} // namespace torc::net
