#include "core/explain_words.hpp"

#include "core/time.hpp"

#include <algorithm>
#include <cstdio>

namespace torc::core {

namespace {

using std::to_string;

std::string memory_words(int64_t bytes) {
  constexpr int64_t gib = 1 << 30, mib = 1 << 20;
  char text[48];
  if (bytes >= gib)
    std::snprintf(text, sizeof text, "%.2f GiB of memory", static_cast<double>(bytes) / gib);
  else
    std::snprintf(text, sizeof text, "%.0f MiB of memory", static_cast<double>(bytes) / mib);
  return text;
}

/// "a, b and c"
std::string listed(const std::vector<std::string>& all) {
  std::string out;
  for (size_t i = 0; i < all.size(); ++i)
    out += (i == 0 ? "" : i + 1 == all.size() ? " and " : ", ") + all[i];
  return out;
}

/// What no runner has enough of, each with the most that one has.
std::vector<std::string> short_of(const std::vector<runner_facts>& runners, const needs& n) {
  std::vector<std::string> all;
  const auto most = [&](auto of) {
    int64_t found = 0;
    for (const auto& r : runners)
      found = std::max<int64_t>(found, of(r.room));
    return found;
  };
  const auto check = [&](int64_t asked, int64_t there, auto words) {
    if (asked > there)
      all.push_back(words(asked) + " where the largest has " + words(there));
  };
  check(n.num_cpus, most([](const capacity& c) { return c.num_cpus; }),
        [](int64_t k) { return counted(k, "CPU", "CPUs"); });
  check(n.num_gpus, most([](const capacity& c) { return c.num_gpus; }),
        [](int64_t k) { return counted(k, "GPU", "GPUs"); });
  check(n.num_nodes, most([](const capacity& c) { return c.num_nodes; }),
        [](int64_t k) { return counted(k, "node", "nodes"); });
  check(n.memory_bytes, most([](const capacity& c) { return c.memory_bytes; }),
        [](int64_t k) { return memory_words(k); });
  check(n.runtime_s, most([](const capacity& c) { return c.time_limit_s.value_or(INT64_MAX); }),
        [](int64_t k) { return to_string(k) + " s of time"; });
  return all;
}

/// Where no runner has what the labels ask for: what the nearest lacks.
std::string lack_of_labels(const std::vector<runner_facts>& serving, const needs& n,
                           const std::string& start) {
  const auto all = static_cast<int64_t>(serving.size());
  if (n.labels.empty())
    return (all == 1 ? "the one runner has" : "all " + to_string(all) + " runners have") +
           std::string(" labels, and such take only jobs with labels") + start;
  auto lacking = n.labels.names;
  for (const auto& r : serving)
    if (auto missing = missing_labels(r.room.labels, n.labels); missing.size() < lacking.size())
      lacking = std::move(missing);
  const auto several = [](const std::vector<std::string>& names) {
    return names.size() == 1 ? std::string("the label ") : std::string("the labels ");
  };
  return "it asks for a runner with " + several(n.labels.names) + listed(n.labels.names) +
         (all == 1 ? ", and the one runner lacks "
                   : ", and of the " + to_string(all) + " runners the nearest lacks ") +
         several(lacking) + listed(lacking) + start;
}

} // namespace

std::string counted(int64_t n, const char* one, const char* many) {
  return to_string(n) + " " + (n == 1 ? one : many);
}

std::string duration_words(double minutes) {
  constexpr double minute_ms = 60'000, second_ms = 1'000, hour = 60;
  char text[32];
  if (minutes * minute_ms < second_ms)
    std::snprintf(text, sizeof text, "%.0f ms", minutes * minute_ms);
  else if (minutes < 1)
    std::snprintf(text, sizeof text, "%.1f s", minutes * minute_ms / second_ms);
  else if (minutes < hour)
    std::snprintf(text, sizeof text, "%.1f min", minutes);
  else
    std::snprintf(text, sizeof text, "%.1f h", minutes / hour);
  return text;
}

std::string needs_words(const needs& n) {
  std::vector<std::string> all{counted(n.num_cpus, "CPU", "CPUs")};
  if (n.num_gpus > 0)
    all.push_back(counted(n.num_gpus, "GPU", "GPUs"));
  if (n.num_nodes > 1)
    all.push_back(counted(n.num_nodes, "node", "nodes"));
  all.push_back(memory_words(n.memory_bytes));
  all.push_back(to_string(n.runtime_s) + " s");
  return listed(all);
}

std::string time_of(const cancellation& c) {
  return to_iso8601(instant_of_ms(c.at_ms));
}

std::string by_whom(const std::optional<cancellation>& who) {
  if (!who)
    return " by a user";
  return " by " + (who->user.empty() ? "a user" : who->user) + ", at " + time_of(*who);
}

std::string lack_of_runners(const std::vector<runner_facts>& runners, const needs& n,
                            workflow_id workflow) {
  std::vector<runner_facts> serving;
  std::copy_if(runners.begin(), runners.end(), std::back_inserter(serving),
               [](const runner_facts& r) { return r.serves; });
  const auto of_workflow = serving;
  const auto start = "; start one with: torc workflows run " + to_string(workflow.value) +
                     (n.labels.empty() ? std::string() : " --label " + joined(n.labels));
  if (runners.empty())
    return "no runner is attached to the server" + start;
  if (serving.empty())
    return (runners.size() == 1
                ? std::string("the one runner that is attached serves")
                : "all " + to_string(runners.size()) + " runners that are attached serve") +
           " other workflows" + start;
  std::erase_if(serving, [&](const auto& r) { return !serves(r.room.labels, n.labels); });
  if (serving.empty())
    return lack_of_labels(of_workflow, n, start);
  const auto all = static_cast<int64_t>(serving.size());
  const auto fitting = std::count_if(serving.begin(), serving.end(),
                                     [&](const runner_facts& r) { return fits(n, r.room); });
  if (fitting == 0) {
    const auto lacking = short_of(serving, n);
    const auto who = all == 1 ? "the one runner" : "none of the " + to_string(all) + " runners";
    const auto none = who + (all == 1 ? " is not" : " is") + " large enough: it asks for ";
    return none + (lacking.empty() ? needs_words(n) + ", and no runner has all of that at once"
                                   : listed(lacking));
  }
  int64_t held = 0;
  for (const auto& r : serving)
    held += fits(n, r.room) ? r.held : 0;
  return counted(fitting, "runner is", "runners are") + " large enough, of " + to_string(all) +
         "; it waits until one of them has room for " + needs_words(n) +
         (held > 0 ? ", beside " + counted(held, "job that is", "jobs that are") + " there already"
                   : std::string());
}

} // namespace torc::core
