#include "cli/run/host.hpp"

#include "cli/frame/globals.hpp"
#include "core/time.hpp"

#include <sched.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <fstream>
#include <sstream>

namespace torc::cli {

namespace {

int32_t usable_cpus() {
  cpu_set_t set;
  CPU_ZERO(&set);
  if (::sched_getaffinity(0, sizeof set, &set) == 0)
    return std::max(CPU_COUNT(&set), 1);
  // A machine with more than 1,024 CPUs does not fit into the set.
  return std::max(static_cast<int32_t>(::sysconf(_SC_NPROCESSORS_ONLN)), 1);
}

} // namespace

host_facts detect_host() {
  host_facts h;
  std::array<char, 256> name{};
  h.hostname = ::gethostname(name.data(), name.size() - 1) == 0 ? name.data() : "unknown";
  h.num_cpus = usable_cpus();
  std::ostringstream meminfo;
  meminfo << std::ifstream("/proc/meminfo").rdbuf();
  h.memory_bytes = memory_total(meminfo.str());
  h.num_gpus = device_count(environment("CUDA_VISIBLE_DEVICES").value_or(""));
  return h;
}

std::string user_name() {
  if (auto user = environment("USER"))
    return *user;
  return environment("USERNAME").value_or("unknown");
}

int64_t memory_total(std::string_view meminfo) {
  constexpr std::string_view label = "MemTotal:";
  const auto at = meminfo.find(label);
  if (at == std::string_view::npos)
    return 0;
  auto rest = meminfo.substr(at + label.size());
  rest.remove_prefix(std::min(rest.find_first_not_of(' '), rest.size()));
  int64_t kib = 0;
  std::from_chars(rest.data(), rest.data() + rest.size(), kib);
  return kib * 1024;
}

int32_t device_count(std::string_view visible_devices) {
  if (visible_devices.empty() || visible_devices == "-1")
    return 0;
  return static_cast<int32_t>(std::count(visible_devices.begin(), visible_devices.end(), ',')) + 1;
}

core::result<int64_t> seconds_until(const std::string& end, int64_t now_us) {
  const auto at = core::from_iso8601(end);
  if (!at)
    return core::refuse(core::refusal::malformed,
                        "--end-time must look like 2026-01-31T12:00:00Z, not '" + end + "'");
  const auto left = (at->us - now_us) / 1'000'000;
  if (left <= 0)
    return core::refuse(core::refusal::malformed, "--end-time " + end + " has passed");
  return left;
}

} // namespace torc::cli
