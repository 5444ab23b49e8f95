#include "telemetry/instruments.hpp"

#include "telemetry/snapshot.hpp"

#include <algorithm>
#include <atomic>
#include <cstdlib>
#include <mutex>
#include <new>
#include <utility>
#include <vector>

namespace torc::telemetry {

namespace {

constexpr std::array<std::string_view, span_count> span_names = {
    "get_pending_actions",
    "claim_action",
    "get_ready_job_requirements",
    "is_workflow_complete",
    "claim_jobs_based_on_resources",
    "claim_next_jobs",
    "process_changed_job_inputs",
    "manage_status_change",
    "start_job",
    "complete_job",
    "prepare_ready_jobs",
    "create_job",
    "create_jobs",
    "get_job",
    "list_jobs",
    "update_job_status",
    "create_workflow",
    "cancel_workflow",
    "get_workflow_status",
    "list_workflows",
    "reset_workflow_status",
};

struct message_name {
  std::string_view name;
  room heard_in;
};
constexpr std::array<message_name, message_count> message_names = {{
    {"reply", room::ingress},
    {"attach", room::collector},
    {"report", room::collector},
    {"offer", room::collector},
    {"start_call", room::collector},
    {"complete_call", room::collector},
    {"control", room::collector},
    {"launch", room::collector},
    {"receipt", room::collector},
    {"tick", room::collector},
    {"verdicts", room::unblocker},
    {"admission", room::unblocker},
    {"releases", room::claim_broker},
    {"turn", room::db_writer},
    {"edit", room::db_writer},
    {"flush", room::db_writer},
    {"idle", room::db_writer},
}};

constexpr std::array<std::string_view, room_count> room_names = {
    "ingress", "collector", "unblocker", "claim_broker", "db_writer"};

/// One histogram of one thread. Others read it while it is written.
struct series {
  std::array<uint64_t, buckets::count> at;
  uint64_t sum;

  static void raise(uint64_t& number, uint64_t by) {
    const std::atomic_ref<uint64_t> n(number);
    n.store(n.load(std::memory_order_relaxed) + by, std::memory_order_relaxed);
  }
  static uint64_t read(uint64_t& number) {
    return std::atomic_ref<uint64_t>(number).load(std::memory_order_relaxed);
  }

  void note(int64_t value, uint64_t times) {
    const auto v = static_cast<uint64_t>(std::max<int64_t>(value, 0));
    raise(at[buckets::of(v)], times);
    raise(sum, v * times);
  }
  void add_to(histogram& h) {
    for (size_t i = 0; i < buckets::count; ++i)
      if (const auto n = read(at[i]))
        h.add_bucket(i, n);
    h.add_sum(read(sum));
  }
};

/// What one thread has noted down. From calloc: pages that nobody writes are never there.
struct shard {
  std::array<series, span_count> busy, idle;
  std::array<series, message_count> messages;
  std::array<series, quantity_count> quantities;
};

/// Every shard there ever was. A thread that ends leaves its own, counts and all, to a later one.
struct shard_list {
  std::mutex mutex;
  std::vector<shard*> all;
  std::vector<shard*> free;
  std::unique_ptr<snapshot> at_reset;
};

shard_list& shards() {
  static auto& list = *new shard_list; // threads may end after static objects do
  return list;
}

constinit thread_local shard* mine = nullptr;

shard& borrow() {
  struct lease {
    ~lease() {
      auto& list = shards();
      const std::lock_guard lock(list.mutex);
      list.free.push_back(std::exchange(mine, nullptr));
    }
  };
  auto& list = shards();
  {
    const std::lock_guard lock(list.mutex);
    if (!list.free.empty()) {
      mine = list.free.back();
      list.free.pop_back();
    } else {
      mine = static_cast<shard*>(std::calloc(1, sizeof(shard)));
      if (!mine)
        throw std::bad_alloc{};
      list.all.push_back(mine);
    }
  }
  thread_local const lease until_the_thread_ends;
  static_cast<void>(&until_the_thread_ends);
  return *mine;
}

shard& here() {
  return mine ? *mine : borrow();
}

std::unique_ptr<snapshot> add_up(const std::vector<shard*>& all) {
  auto out = std::make_unique<snapshot>();
  for (auto* from : all) {
    for (size_t i = 0; i < span_count; ++i) {
      from->busy[i].add_to(out->spans[i].busy);
      from->idle[i].add_to(out->spans[i].idle);
    }
    for (size_t i = 0; i < message_count; ++i)
      from->messages[i].add_to(out->messages[i]);
    for (size_t i = 0; i < quantity_count; ++i)
      from->quantities[i].add_to(out->quantities[i]);
  }
  return out;
}

void take_away(snapshot& from, const snapshot& earlier) {
  for (size_t i = 0; i < span_count; ++i) {
    from.spans[i].busy -= earlier.spans[i].busy;
    from.spans[i].idle -= earlier.spans[i].idle;
  }
  for (size_t i = 0; i < message_count; ++i)
    from.messages[i] -= earlier.messages[i];
  for (size_t i = 0; i < quantity_count; ++i)
    from.quantities[i] -= earlier.quantities[i];
}

std::array<std::atomic<size_t>, room_count> room_depths;
std::array<std::atomic<size_t>, level_count> levels;

} // namespace

std::string_view to_string(span s) {
  return s == span::none ? "none" : span_names[static_cast<size_t>(s)];
}
std::string_view to_string(message m) {
  return message_names[static_cast<size_t>(m)].name;
}
std::string_view to_string(room r) {
  return room_names[static_cast<size_t>(r)];
}
room room_of(message m) {
  return message_names[static_cast<size_t>(m)].heard_in;
}

void record(span s, int64_t busy_ns, int64_t idle_ns, uint64_t times) {
  auto& to = here();
  to.busy[static_cast<size_t>(s)].note(busy_ns, times);
  to.idle[static_cast<size_t>(s)].note(idle_ns, times);
}

void record(message m, int64_t ns) {
  here().messages[static_cast<size_t>(m)].note(ns, 1);
}

void record(quantity q, int64_t value, uint64_t times) {
  here().quantities[static_cast<size_t>(q)].note(value, times);
}

void set_depth(room r, size_t messages) {
  room_depths[static_cast<size_t>(r)].store(messages, std::memory_order_relaxed);
}

size_t depth(room r) {
  return room_depths[static_cast<size_t>(r)].load(std::memory_order_relaxed);
}

void set_level(level l, size_t now) {
  levels[static_cast<size_t>(l)].store(now, std::memory_order_relaxed);
}
size_t level_of(level l) {
  return levels[static_cast<size_t>(l)].load(std::memory_order_relaxed);
}

std::unique_ptr<snapshot> take_snapshot(since when) {
  auto& list = shards();
  const std::lock_guard lock(list.mutex);
  auto out = add_up(list.all);
  if (when == since::reset && list.at_reset)
    take_away(*out, *list.at_reset);
  return out;
}

void reset() {
  auto& list = shards();
  const std::lock_guard lock(list.mutex);
  list.at_reset = add_up(list.all);
}

} // namespace torc::telemetry
