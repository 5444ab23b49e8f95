#include "net/event_hub.hpp"

#include "core/time.hpp"
#include "net/json/text.hpp"
#include "net/stream.hpp"

#include <charconv>
#include <chrono>
#include <utility>

namespace torc::net {

namespace {

constexpr int64_t patience_us = 60'000'000; ///< watchers that come back find what they missed

core::instant now() {
  using namespace std::chrono;
  return {duration_cast<microseconds>(system_clock::now().time_since_epoch()).count()};
}

std::string_view to_string(event_hub::severity s) {
  using severity = event_hub::severity;
  switch (s) {
  case severity::debug:
    return "debug";
  case severity::info:
    return "info";
  case severity::warning:
    return "warning";
  case severity::error:
    break;
  }
  return "error";
}

struct told_as {
  std::string type;
  event_hub::severity how;
};

told_as told(const core::happening& h) {
  using kind = core::happening::kind;
  using severity = event_hub::severity;
  using core::job_status;
  switch (h.what) {
  case kind::job_started:
    return {"job_started", severity::info};
  case kind::node_started:
    return {"compute_node_started", severity::info};
  case kind::node_stopped:
    return {"compute_node_stopped", severity::info};
  case kind::job_ended:
    break;
  }
  const auto how = h.status == job_status::failed ? severity::error
                   : h.status == job_status::completed || h.status == job_status::pending_failed
                       ? severity::info
                       : severity::warning;
  return {"job_" + std::string(core::to_string(h.status)), how};
}

std::string data_of(const core::happening& h) {
  using kind = core::happening::kind;
  std::string text;
  json::object o(text);
  if (h.what == kind::node_started || h.what == kind::node_stopped) {
    o.add("compute_node_id", h.node.value).add("hostname", h.hostname);
    if (h.what == kind::node_stopped)
      o.add("duration_seconds", h.duration_s);
  } else {
    o.add("job_id", h.job.value).add("job_name", h.job_name);
    if (h.what == kind::job_ended)
      o.add("status", core::to_string(h.status)).add("return_code", h.return_code);
    o.add("compute_node_id", h.node.value).add("run_id", h.run);
  }
  o.close();
  return text;
}

} // namespace

class event_hub::watcher final : public body_stream {
public:
  watcher(std::weak_ptr<event_hub> hub, core::workflow_id workflow, severity least)
      : hub_(std::move(hub)), workflow_(workflow), least_(least) {}
  ~watcher() override {
    if (const auto hub = hub_.lock())
      hub->leave(this);
  }

  bool wants(const event& e) const { return e.workflow == workflow_ && e.how >= least_; }

  void push(std::shared_ptr<const event> e) {
    if (queue_.size() >= queue_limit) {
      ++dropped_;
      return;
    }
    tell_dropped();
    queue_.push_back(std::move(e));
    ready();
  }
  /// Events that cannot be had any more; nobody knows how many.
  void missed() { queue_.push_back(warning("null")); }

  std::string take() override {
    constexpr size_t most_bytes = 64 * 1024;
    std::string text;
    for (; !queue_.empty() && text.size() < most_bytes; queue_.pop_front())
      text += queue_.front()->frame;
    if (queue_.empty())
      tell_dropped();
    return text;
  }
  std::string_view keep_alive() const override { return ": still here\n\n"; }

private:
  static std::shared_ptr<const event> warning(const std::string& count) {
    return std::make_shared<const event>(
        event{0, {}, severity::warning, "event: warning\ndata: {\"dropped\":" + count + "}\n\n"});
  }
  void tell_dropped() {
    if (dropped_ > 0)
      queue_.push_back(warning(std::to_string(std::exchange(dropped_, 0))));
  }

  std::weak_ptr<event_hub> hub_;
  core::workflow_id workflow_;
  severity least_;
  std::deque<std::shared_ptr<const event>> queue_;
  uint64_t dropped_ = 0;
};

std::unique_ptr<body_stream> event_hub::watch(core::workflow_id workflow, severity least,
                                              std::string_view last_id) {
  if (!listening_) {
    listening_ = true;
    house_.listen([hub = weak_from_this()](std::vector<core::happening> news) {
      if (const auto here = hub.lock())
        here->hear(std::move(news));
    });
  }
  auto who = std::make_unique<watcher>(weak_from_this(), workflow, least);
  watchers_.insert(who.get());
  if (last_id.empty())
    return who;
  uint64_t seen = 0;
  const auto prefix = std::to_string(name_) + "-";
  const auto* end = last_id.data() + last_id.size();
  const bool is_ours = last_id.starts_with(prefix) &&
                       std::from_chars(last_id.data() + prefix.size(), end, seen).ptr == end;
  const auto oldest = past_.empty() ? last_ + 1 : past_.front()->number;
  if (!is_ours || seen + 1 < oldest)
    who->missed();
  for (const auto& e : past_)
    if ((!is_ours || e->number > seen) && who->wants(*e))
      who->push(e);
  return who;
}

void event_hub::leave(watcher* w) {
  watchers_.erase(w);
  if (watchers_.empty())
    alone_since_ = now();
}

void event_hub::hear(const std::vector<core::happening>& news) {
  for (const auto& h : news)
    publish(h);
  if (watchers_.empty() && now().us - alone_since_.us > patience_us) {
    listening_ = false;
    house_.listen(nullptr);
    past_.clear();
    ++last_; // what a watcher that comes back has missed
  }
}

void event_hub::publish(const core::happening& h) {
  const auto as = told(h);
  publish(h.workflow, h.at, as.type, as.how, data_of(h));
}

void event_hub::publish(core::workflow_id workflow, std::string_view type, severity how,
                        const std::string& data) {
  if (listening_)
    publish(workflow, now(), type, how, data);
}

void event_hub::publish(core::workflow_id workflow, core::instant at, std::string_view type,
                        severity how, const std::string& data) {
  std::string text;
  json::object o(text);
  o.add("workflow_id", workflow.value).add("timestamp", at.us / 1000);
  o.add("event_type", type).add("severity", to_string(how));
  o.key("data") += data;
  o.close();
  const auto e = std::make_shared<const event>(
      event{++last_, workflow, how,
            "id: " + std::to_string(name_) + "-" + std::to_string(last_) +
                "\nevent: " + std::string(type) + "\ndata: " + text + "\n\n"});
  past_.push_back(e);
  if (past_.size() > kept)
    past_.pop_front();
  for (auto* w : watchers_)
    if (w->wants(*e))
      w->push(e);
}

} // namespace torc::net
