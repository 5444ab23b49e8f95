/// What the instrumentation costs a job: the very code of the rooms and of HTTP calls, without
/// their work. Prints one JSON object. Instructions are counted by the processor where the kernel
/// lets it, else by valgrind; `instructions` is null where neither can be had.
#include "actors/handling.hpp"
#include "actors/turn_spans.hpp"
#include "telemetry/call_span.hpp"

#include <linux/perf_event.h>
#include <sys/ioctl.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <algorithm>
#include <cstdio>
#include <cstring>
#include <functional>
#include <iostream>
#include <map>
#include <optional>
#include <string>
#include <vector>

namespace {

namespace core = torc::core;
namespace telemetry = torc::telemetry;
using torc::actors::handling;
using torc::actors::turn_spans;

/// Looks like a room, as far as `handling` looks.
struct idle_room {
  struct empty_mailbox {
    size_t size() const { return 0; }
  };
  empty_mailbox mailbox() const { return {}; }
};

/// Counts this thread's instructions in user space, where that is allowed.
class instruction_counter {
public:
  instruction_counter() {
    perf_event_attr what{};
    what.type = PERF_TYPE_HARDWARE;
    what.size = sizeof what;
    what.config = PERF_COUNT_HW_INSTRUCTIONS;
    what.exclude_kernel = 1;
    what.exclude_hv = 1;
    fd_ = static_cast<int>(::syscall(SYS_perf_event_open, &what, 0, -1, -1, 0));
  }
  ~instruction_counter() {
    if (fd_ >= 0)
      ::close(fd_);
  }
  instruction_counter(const instruction_counter&) = delete;
  instruction_counter& operator=(const instruction_counter&) = delete;

  std::optional<int64_t> now() const {
    int64_t n = 0;
    if (fd_ < 0 || ::read(fd_, &n, sizeof n) != sizeof n)
      return std::nullopt;
    return n;
  }

private:
  int fd_ = -1;
};

struct cost {
  double ns = 0;
  std::optional<double> instructions;

  cost operator*(double by) const {
    return {ns * by, instructions ? std::optional(*instructions * by) : std::nullopt};
  }
};

/// What this program executes in so many repetitions of one part, its start and end included, as
/// callgrind counts it.
std::optional<int64_t> count_by_callgrind(const std::string& part, int times) {
  char self[4096];
  const auto size = ::readlink("/proc/self/exe", self, sizeof self);
  if (size <= 0)
    return std::nullopt;
  const auto command = "valgrind --tool=callgrind --callgrind-out-file=/dev/null '" +
                       std::string(self, static_cast<size_t>(size)) + "' --repeat " + part + " " +
                       std::to_string(times) + " 2>&1";
  auto* const out = ::popen(command.c_str(), "r");
  if (out == nullptr)
    return std::nullopt;
  std::optional<int64_t> count;
  char line[512];
  while (std::fgets(line, sizeof line, out) != nullptr) {
    long long n = 0;
    if (const char* at = std::strstr(line, "Collected : ");
        at && std::sscanf(at, "Collected : %lld", &n) == 1)
      count = n;
  }
  return ::pclose(out) == 0 ? count : std::nullopt;
}

/// What many repetitions have more than few is the part's own.
std::optional<double> instructions_by_callgrind(const std::string& part) {
  constexpr int few = 1000, many = 3000;
  const auto less = count_by_callgrind(part, few);
  const auto more = less ? count_by_callgrind(part, many) : std::nullopt;
  if (!more)
    return std::nullopt;
  return static_cast<double>(*more - *less) / (many - few);
}

/// The best of many short rounds: what disturbs only ever adds, and most rounds fit between two
/// disturbances.
cost measure(const std::string& part, const std::function<void()>& once) {
  constexpr int rounds = 2000, times = 200;
  static const instruction_counter counter;
  cost best{1e18, std::nullopt};
  for (int r = 0; r < rounds; ++r) {
    const auto before = counter.now();
    const auto begin = telemetry::now_ns();
    for (int i = 0; i < times; ++i)
      once();
    const auto ns = static_cast<double>(telemetry::now_ns() - begin) / times;
    const auto after = counter.now();
    if (ns >= best.ns)
      continue;
    best.ns = ns;
    if (before && after)
      best.instructions = static_cast<double>(*after - *before) / times;
  }
  if (!best.instructions)
    best.instructions = instructions_by_callgrind(part);
  return best;
}

/// A report of `jobs` completions on its way round the ring.
class lap {
public:
  explicit lap(size_t jobs) : jobs_(jobs) {
    batch_.ended.resize(jobs);
    for (size_t i = 0; i < jobs; ++i) {
      batch_.ended[i].open.runner.value = 1;
      batch_.ended[i].open.job.value = static_cast<int64_t>(i);
    }
  }

  void operator()() {
    using telemetry::message;
    judge(message::report, [&] {
      spans_.heard({0, jobs_});
      ++batch_.batch;
      spans_.leaves(batch_);
    });
    batch_.cost.judging_ns += handling(&room_, message::verdicts).stop();
    handling matching(&room_, message::releases);
    batch_.cost.matched_at_ns = matching.begin_ns();
    batch_.cost.matching_ns = matching.stop();
    batch_.cost.writing_ns = handling(&room_, message::turn).stop();
    commit();
    judge(message::launch, [&] {
      const auto each = spans_.share(batch_.batch, batch_.cost, 1);
      torc::actors::record_match(each, core::workflow_id{1}, 1, jobs_, nullptr);
    });
    judge(message::receipt,
          [&] { spans_.on_disk(batch_.batch, spans_.share(batch_.batch, batch_.cost, 0)); });
  }

private:
  template <class Work>
  void judge(telemetry::message m, Work work) {
    handling at_work(&room_, m);
    spans_.began(at_work.begin_ns());
    work();
    spans_.ended(at_work.begin_ns() + at_work.stop());
  }
  void commit() {
    using telemetry::quantity;
    const handling at_work(&room_, telemetry::message::flush);
    const auto begin = telemetry::now_ns();
    record(quantity::commit_ns, telemetry::now_ns() - begin);
    record(quantity::group_rows, 3);
    record(quantity::group_writes, 1);
  }

  size_t jobs_;
  idle_room room_;
  core::verdicts batch_;
  turn_spans spans_;
};

/// A call that goes to a room, comes back and is read for on a worker.
void http_call() {
  const auto span = std::make_shared<telemetry::call_span>(telemetry::span::complete_job);
  { const telemetry::working_on handler(span); }
  const idle_room room;
  const handling reply(&room, telemetry::message::reply);
  {
    const telemetry::working_on ingress(span);
    span->add_busy(1);
  }
  { const telemetry::working_on worker(span); }
  const telemetry::working_on finish(span);
  record(telemetry::quantity::http_ns, span->close());
}

std::string show(const std::string& name, const cost& c) {
  char text[160];
  const auto instructions =
      c.instructions ? std::to_string(static_cast<int64_t>(*c.instructions)) : "null";
  std::snprintf(text, sizeof text, "\"%s\":{\"ns\":%.1f,\"instructions\":%s}", name.c_str(), c.ns,
                instructions.c_str());
  return text;
}

} // namespace

int main(int argc, char** argv) {
  constexpr size_t usual = 16;
  // A job of an HTTP runner: a tenth of a claim, its start, its end; and its part of the ring.
  constexpr double calls_per_job = 2.1;
  lap alone(1), together(usual);
  const std::map<std::string, std::function<void()>> parts = {
      {"clock", [] { telemetry::now_ns(); }},
      {"span", [] { record(telemetry::span::get_job, 1000, 2000); }},
      {"call", http_call},
      {"alone", [&] { alone(); }},
      {"together", [&] { together(); }}};
  if (argc == 4 && std::string(argv[1]) == "--repeat") {
    const auto& once = parts.at(argv[2]);
    for (auto left = std::stoi(argv[3]); left > 0; --left)
      once();
    return 0;
  }
  std::map<std::string, cost> costs;
  for (const auto& [name, once] : parts)
    costs[name] = measure(name, once);
  auto http_job = costs["call"] * calls_per_job;
  http_job.ns += costs["together"].ns / usual;
  if (http_job.instructions && costs["together"].instructions)
    *http_job.instructions += *costs["together"].instructions / usual;
  std::cout << "{" << show("clock", costs["clock"]) << "," << show("span", costs["span"]) << ","
            << show("http_call", costs["call"]) << ","
            << show("job_alone_in_its_turn", costs["alone"]) << ","
            << show("job_of_16_in_a_turn", costs["together"] * (1.0 / usual)) << ","
            << show("job_over_http", http_job) << "}\n";
}
