#include "actors/ingress.hpp"

#include "actors/handling.hpp"
#include "telemetry/call_span.hpp"

#include <utility>

namespace torc::actors {

namespace {
constexpr int max_unanswered = 1024;

int64_t busy_ns(const core::receipt& r) {
  return r.cost.judging_ns + r.cost.matching_ns;
}
template <class Reply>
int64_t busy_ns(const Reply& r) {
  return r.busy_ns;
}
} // namespace

ingress::ingress(caf::actor_config& cfg, asio_unit* unit, ingress_settings settings)
    : pinned(cfg, unit), settings_(std::move(settings)) {}

caf::behavior ingress::make_behavior() {
  return {[this](close_atom) { quit(); }, [this](news_of_turn& n) { hear(std::move(n.what)); },
          [this](const foreign_lock& lock) { hear(lock); }};
}

void ingress::on_exit() {
  settings_ = {};
}

void ingress::hear(const foreign_lock& lock) {
  locked_by_ = lock.holder;
  if (locked_by_.empty())
    return;
  for (auto& c : std::exchange(controls_, {}))
    if (auto tell = c.lock(); tell && *tell)
      std::exchange(*tell, nullptr)(lock.refusal(
          "this change will be made as soon as it lets go, so look before you ask again"));
}

template <class Reply, class T, class Room, class Message, class Pick>
std::shared_ptr<net::port::then<T>> ingress::pass(const Room& room, Message what, then<T> tell,
                                                  Pick pick) {
  auto shared = std::make_shared<then<T>>(std::move(tell));
  auto refuse = [&](core::error why) {
    (*shared)(std::move(why));
    return nullptr;
  };
  auto unavailable = [&](std::string why) {
    return refuse(core::refuse(core::refusal::unavailable, std::move(why)));
  };
  if (!room)
    return unavailable("the server is shutting down");
  if (!locked_by_.empty())
    return refuse(foreign_lock{locked_by_}.refusal());
  if (unanswered_ >= max_unanswered)
    return unavailable("too many requests are waiting for the disk; try again in a second");
  ++unanswered_;
  auto answer = [this, shared](core::result<T> outcome) {
    --unanswered_;
    if (*shared)
      (*shared)(std::move(outcome));
  };
  request(room, caf::infinite, std::move(what))
      .then(
          [this, answer, pick, call = telemetry::current_call()](Reply& reply) {
            const handling at_work(this, telemetry::message::reply);
            const telemetry::working_on here(call);
            if (call)
              call->add_busy(busy_ns(reply));
            answer(pick(reply));
          },
          [this, answer, call = telemetry::current_call()](const caf::error& e) {
            const telemetry::working_on here(call);
            answer(core::refuse(core::refusal::unavailable,
                                "the server is shutting down: " + system().render(e)));
          });
  return shared;
}

void ingress::edit(core::edit what, then<core::edited> tell, core::once_ptr once) {
  const auto pick = [](edit_reply& r) { return std::move(r.outcome); };
  if (once)
    pass<edit_reply>(settings_.writer, keyed_edit{std::move(what), std::move(once)},
                     std::move(tell), pick);
  else
    pass<edit_reply>(settings_.writer, std::move(what), std::move(tell), pick);
}

void ingress::control(core::control what, then<core::done> tell, core::once_ptr once) {
  const auto pick = [](call_reply& r) { return std::move(r.outcome); };
  auto waiting =
      once ? pass<call_reply>(settings_.collector, keyed_control{std::move(what), std::move(once)},
                              std::move(tell), pick)
           : pass<call_reply>(settings_.collector, std::move(what), std::move(tell), pick);
  std::erase_if(controls_, [](const auto& c) { return c.expired(); });
  controls_.push_back(waiting);
}

void ingress::admit(core::admission what, std::vector<core::job_id> all_jobs,
                    std::vector<uint32_t> stages, then<core::receipt> tell, core::once_ptr once) {
  what.all_jobs = std::move(all_jobs);
  what.all_stages = std::move(stages);
  what.once = std::move(once);
  pass<core::receipt>(settings_.unblocker, std::move(what), std::move(tell),
                      [](core::receipt& r) { return core::result<core::receipt>{r}; });
}

void ingress::claim(core::offer what, then<std::vector<core::launch::placed>> tell,
                    core::once_ptr once) {
  using orders = std::vector<core::launch::placed>;
  what.once = std::move(once);
  pass<claimed>(settings_.collector, std::move(what), std::move(tell),
                [](claimed& c) { return core::result<orders>{std::move(c.orders)}; });
}

void ingress::start_job(core::job_id job, core::workflow_id workflow, int64_t run,
                        core::node_id node, then<core::done> tell, core::once_ptr once) {
  pass<call_reply>(settings_.collector, start_call{job, workflow, run, node, std::move(once)},
                   std::move(tell), [](call_reply& r) { return std::move(r.outcome); });
}

void ingress::runner_gone(int64_t instance, then<core::done> tell, core::once_ptr once) {
  pass<call_reply>(settings_.collector, gone_call{instance, std::move(once)}, std::move(tell),
                   [](call_reply& r) { return std::move(r.outcome); });
}

void ingress::complete_job(core::result_row what, std::string user, then<core::done> tell,
                           core::once_ptr once) {
  pass<call_reply>(settings_.collector,
                   complete_call{std::move(what), std::move(user), std::move(once)},
                   std::move(tell), [](call_reply& r) { return std::move(r.outcome); });
}

void ingress::listen(news tell) {
  tell_news_ = std::move(tell);
  if (settings_.store)
    settings_.store->collect_news(tell_news_ || tell_commit_);
}

void ingress::on_commit(std::function<void()> tell) {
  tell_commit_ = std::move(tell);
  if (settings_.store)
    settings_.store->collect_news(tell_news_ || tell_commit_);
}

void ingress::hear(std::vector<core::happening> what) {
  if (tell_commit_)
    tell_commit_();
  if (tell_news_ && !what.empty())
    tell_news_(std::move(what));
}

} // namespace torc::actors
