#include "net/trace_exporter.hpp"

#include "net/client.hpp"
#include "net/otlp.hpp"

#include <algorithm>
#include <atomic>
#include <chrono>
#include <condition_variable>
#include <deque>
#include <future>
#include <iterator>
#include <mutex>
#include <thread>
#include <utility>

namespace torc::net {

namespace {

using clock = std::chrono::steady_clock;
using std::chrono::milliseconds;
using telemetry::finished_span;
using telemetry::job_note;

/// So many notes are made spans of at once: often enough for the spans' queue.
constexpr size_t enough_notes = 2048;

/// What a collector may take later, as OTLP over HTTP lists it.
bool is_passing(int status) {
  return status == 429 || status == 502 || status == 503 || status == 504;
}

client_settings client_limits(const trace_settings& s) {
  const auto ms = static_cast<int>(std::min<int64_t>(s.timeout_ms, 3'600'000));
  return {std::min(ms, client_settings{}.connect_timeout_ms), ms};
}

} // namespace

struct trace_exporter::state {
  state(trace_settings s, const telemetry::trace_seed& from, const std::string& version,
        std::function<void(const std::string&)> l)
      : settings(std::move(s)), seed(from), log(std::move(l)), jobs(from),
        head(otlp::head_of(settings.resource, version)),
        collector(*client::at(settings.url, client_limits(settings))) {}

  const trace_settings settings;
  const telemetry::trace_seed seed;
  const std::function<void(const std::string&)> log;

  // Shared.
  std::mutex mutex;
  std::condition_variable changed;
  std::vector<job_note> notes;
  std::vector<finished_span> offered;
  bool notes_lost = false;
  bool ending = false;
  clock::time_point end; ///< of the farewell; read after `ending`
  std::atomic<uint64_t> exported = 0, dropped = 0, lost_notes = 0, failures = 0;

  // The thread's own.
  telemetry::job_traces jobs;
  std::deque<finished_span> waiting;
  std::vector<finished_span> fresh;
  const std::string head;
  client collector;
  bool was_down = false;
  bool worth_a_try = true; ///< what the last answer said of a later try
  std::promise<void> over;
  std::future<void> ended;
  std::thread thread;

  /// Makes spans of what was heard. Waits until there is something to do, or it is time.
  void gather(clock::time_point until) {
    std::vector<job_note> heard;
    std::vector<finished_span> taken;
    bool lost = false;
    {
      std::unique_lock lock(mutex);
      changed.wait_until(lock, until, [this] {
        return ending || notes.size() >= enough_notes || offered.size() >= settings.max_batch;
      });
      heard.swap(notes);
      taken.swap(offered);
      lost = std::exchange(notes_lost, false);
    }
    for (auto& s : taken) {
      fresh.push_back(std::move(s));
      put(fresh);
    }
    for (const auto& n : heard) {
      jobs.hear(n, fresh);
      put(fresh);
    }
    if (lost)
      jobs.forget();
  }

  /// All of them or none: a job's spans come together.
  void put(std::vector<finished_span>& all) {
    if (waiting.size() + all.size() <= settings.max_queue)
      std::move(all.begin(), all.end(), std::back_inserter(waiting));
    else
      dropped += all.size();
    all.clear();
  }

  bool is_ending() {
    const std::lock_guard lock(mutex);
    return ending;
  }

  void run() {
    while (!is_ending()) {
      gather(clock::now() + milliseconds(settings.schedule_delay_ms));
      while (!waiting.empty() && !is_ending())
        send_batch();
    }
    gather(clock::now());
    while (!waiting.empty() && clock::now() < end)
      send_batch();
    dropped += waiting.size();
  }

  void send_batch() {
    const auto count = std::min(waiting.size(), settings.max_batch);
    const std::vector<finished_span> batch(
        std::make_move_iterator(waiting.begin()),
        std::make_move_iterator(waiting.begin() + static_cast<std::ptrdiff_t>(count)));
    waiting.erase(waiting.begin(), waiting.begin() + static_cast<std::ptrdiff_t>(count));
    const auto body = otlp::request_of(head, batch);
    auto pause = milliseconds(settings.first_pause_ms);
    for (int tries = 1; !attempt(body, count); ++tries) {
      if (tries >= most_tries || is_ending() || !worth_a_try) {
        dropped += count;
        return;
      }
      for (const auto until = clock::now() + pause; clock::now() < until && !is_ending();)
        gather(until);
      pause = std::min(2 * pause, milliseconds(longest_pause_ms));
    }
  }

  /// @returns whether the collector took it
  bool attempt(const std::string& body, size_t count) {
    const auto reply = collector.request("POST", "", body, settings.headers);
    gather(clock::now());
    if (!reply || reply->status / 100 != 2) {
      ++failures;
      worth_a_try = !reply || is_passing(reply->status);
      tell(reply ? settings.url + " answers " + std::to_string(reply->status)
                 : reply.why().message);
      return false;
    }
    const auto partial = otlp::read_response(reply->body);
    const auto refused =
        std::min<size_t>(count, static_cast<size_t>(std::max<int64_t>(partial.rejected, 0)));
    exported += count - refused;
    dropped += refused;
    if (refused > 0)
      log("the collector refused " + std::to_string(refused) + " spans: " + partial.why);
    if (std::exchange(was_down, false))
      log("the collector takes traces again");
    return true;
  }

  void tell(const std::string& why) {
    if (!std::exchange(was_down, true))
      log("traces cannot be exported: " + why + "; they are dropped where they do not fit");
  }
};

trace_exporter::trace_exporter(trace_settings settings, const telemetry::trace_seed& seed,
                               const std::string& version,
                               std::function<void(const std::string& line)> log)
    : state_(std::make_unique<state>(std::move(settings), seed, version, std::move(log))) {
  state_->ended = state_->over.get_future();
  state_->thread = std::thread([s = state_.get()] {
    s->run();
    s->over.set_value();
  });
}

trace_exporter::~trace_exporter() {
  auto& s = *state_;
  {
    const std::lock_guard lock(s.mutex);
    s.ending = true;
    s.end = clock::now() + milliseconds(farewell_ms);
  }
  s.changed.notify_all();
  // Whoever does not answer by then is not waited for.
  if (s.ended.wait_for(milliseconds(farewell_ms)) != std::future_status::ready)
    s.collector.interrupt();
  s.thread.join();
}

const telemetry::trace_seed& trace_exporter::seed() const {
  return state_->seed;
}
const sampler& trace_exporter::keep() const {
  return state_->settings.keep;
}

void trace_exporter::hear(std::vector<job_note> more) {
  auto& s = *state_;
  const std::lock_guard lock(s.mutex);
  if (s.notes.size() + more.size() > most_notes) {
    s.notes_lost = true;
    s.lost_notes += more.size();
  } else if (s.notes.empty()) {
    s.notes = std::move(more);
  } else {
    std::move(more.begin(), more.end(), std::back_inserter(s.notes));
  }
  if (s.notes.size() >= enough_notes)
    s.changed.notify_one();
}

void trace_exporter::offer(finished_span span) {
  auto& s = *state_;
  const std::lock_guard lock(s.mutex);
  if (s.offered.size() >= s.settings.max_queue) {
    ++s.dropped;
    return;
  }
  s.offered.push_back(std::move(span));
  if (s.offered.size() == s.settings.max_batch)
    s.changed.notify_one();
}

trace_exporter::counts trace_exporter::so_far() const {
  const auto& s = *state_;
  return {s.exported, s.dropped, s.lost_notes, s.failures};
}

} // namespace torc::net
