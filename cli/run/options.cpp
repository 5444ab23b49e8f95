#include "cli/run/options.hpp"

#include "cli/run/host.hpp"

#include <chrono>
#include <cmath>
#include <limits>

namespace torc::cli {

namespace {

core::error wrong(const std::string& message) {
  return core::refuse(core::refusal::malformed, message);
}

/// The first of two names of one option.
std::optional<int64_t> either(const call& c, const char* one, const char* other) {
  if (const auto n = c.maybe<int64_t>(one))
    return n;
  return c.maybe<int64_t>(other);
}

core::result<int32_t> count_within(int64_t n, const char* option, int64_t least) {
  if (n < least || n > std::numeric_limits<int32_t>::max())
    return wrong(std::string("--") + option + " must be at least " + std::to_string(least));
  return static_cast<int32_t>(n);
}

core::result<core::nothing> read_resources(const call& c, core::capacity& room) {
  constexpr double gib = 1024.0 * 1024.0 * 1024.0;
  constexpr double most_gib = 1e9;
  if (const auto n = c.maybe<int64_t>("num-cpus")) {
    const auto cpus = count_within(*n, "num-cpus", 1);
    if (!cpus)
      return cpus.why();
    room.num_cpus = *cpus;
  }
  if (const auto n = c.maybe<int64_t>("num-gpus")) {
    const auto gpus = count_within(*n, "num-gpus", 0);
    if (!gpus)
      return gpus.why();
    room.num_gpus = *gpus;
  }
  if (const auto n = c.maybe<double>("memory-gb")) {
    if (!std::isfinite(*n) || *n <= 0 || *n > most_gib)
      return wrong("--memory-gb must be a number above 0");
    room.memory_bytes = std::llround(*n * gib);
  }
  if (const auto limit = c.maybe<std::string>("time-limit")) {
    const auto seconds = core::parse_duration(*limit);
    if (!seconds)
      return wrong("--time-limit must be a duration such as PT1H30M: " + seconds.why().message);
    room.time_limit_s = *seconds;
  }
  if (const auto end = c.maybe<std::string>("end-time")) {
    const auto now = std::chrono::duration_cast<std::chrono::microseconds>(
                         std::chrono::system_clock::now().time_since_epoch())
                         .count();
    const auto seconds = seconds_until(*end, now);
    if (!seconds)
      return seconds.why();
    room.time_limit_s = std::min(*seconds, room.time_limit_s.value_or(*seconds));
  }
  return core::nothing{};
}

} // namespace

core::result<core::label_set> read_label_options(const call& c) {
  std::vector<std::string> all;
  for (const auto& said :
       c.maybe<std::vector<std::string>>("label").value_or(std::vector<std::string>{})) {
    // An empty one is said by mistake: a variable without a value, perhaps.
    const auto some = core::split_labels(said);
    if (!some || some->empty())
      return wrong("--label: " + (some ? "it names none" : some.why().message));
    all.insert(all.end(), some->names.begin(), some->names.end());
  }
  auto made = core::make_labels(std::move(all));
  if (!made)
    return wrong("--label: " + made.why().message);
  return made;
}

void add_run_options(po::options_description& to, bool resources) {
  to.add_options()("max-parallel-jobs", po::value<int64_t>()->value_name("N"),
                   "run N jobs at a time, whatever they need")(
      "num-parallel-processes", po::value<int64_t>()->value_name("N"),
      "the same as --max-parallel-jobs")(
      "poll-interval,p", po::value<double>()->default_value(5, "5")->value_name("SECONDS"),
      "how often to ask a server of the original torc; this one sends jobs by itself")(
      "output-dir,o", po::value<std::string>()->default_value("torc_output")->value_name("FOLDER"),
      "where the jobs' output and the logs go");
  to.add_options()("label", po::value<std::vector<std::string>>()->value_name("LABELS"),
                   "take only jobs whose labels are all among these; several with commas, or by "
                   "several options [default: jobs without labels]")(
      "persistent", po::bool_switch(), "stay until the workflow is complete, however long idle");
  if (!resources)
    return;
  to.add_options()("num-cpus", po::value<int64_t>()->value_name("N"),
                   "CPUs to fill [default: all]")(
      "memory-gb", po::value<double>()->value_name("GIB"), "memory to fill [default: all]")(
      "num-gpus", po::value<int64_t>()->value_name("N"),
      "GPUs to fill [default: as many as CUDA_VISIBLE_DEVICES names]")(
      "time-limit", po::value<std::string>()->value_name("DURATION"),
      "take only jobs that end within this time, e.g. PT8H")(
      "end-time", po::value<std::string>()->value_name("TIME"),
      "take only jobs that end before, e.g. 2026-01-31T12:00:00Z")(
      "skip-checks", po::bool_switch(), "accepted; there is nothing to skip yet");
}

core::result<run_options> read_run_options(const call& c, bool resources) {
  run_options o;
  if (const auto n = either(c, "max-parallel-jobs", "num-parallel-processes")) {
    const auto slots = count_within(*n, "max-parallel-jobs", 1);
    if (!slots)
      return slots.why();
    o.slots = *slots;
  }
  o.poll_interval_s = c.get<double>("poll-interval");
  if (!std::isfinite(o.poll_interval_s) || o.poll_interval_s <= 0)
    return wrong("--poll-interval must be a number of seconds above 0");
  o.output_dir = c.get<std::string>("output-dir");
  if (o.output_dir.empty())
    return wrong("--output-dir needs the name of a folder");
  const auto host = detect_host();
  o.room.num_cpus = host.num_cpus;
  o.room.memory_bytes = host.memory_bytes;
  o.room.num_gpus = host.num_gpus;
  auto labels = read_label_options(c);
  if (!labels)
    return labels.why();
  o.room.labels = std::move(*labels);
  o.persistent = c.get<bool>("persistent");
  if (resources)
    if (auto ok = read_resources(c, o.room); !ok)
      return ok.why();
  return o;
}

} // namespace torc::cli
