#pragma once

#include "core/ids.hpp"
#include "core/resources.hpp"

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

/// What passes between server and runners, as values. On the wire each lies in a `sealed` envelope
/// (core/codec.hpp): fields are only ever appended, so an older peer skips what it does not know
/// and fills in what it does not get. Times are microseconds since 1970.
namespace torc::core::wire {

/// The protocol this program speaks, and the oldest that it understands. The newest that both sides
/// know is settled by attach and welcome, and written on every envelope after these.
///
/// 1: the first.
/// 2: a runner tells its program's version. (Programs of 1 write 1 on everything.)
/// 3: a runner tells its labels, and its orders tell what belongs into the jobs' environment.
inline constexpr uint16_t protocol = 3;
inline constexpr uint16_t protocol_of_labels = 3;
inline constexpr uint16_t oldest_protocol = 1;

/// An attempt as the runner names it.
struct attempt {
  int64_t grant = 0;
  int64_t job = 0;
  int64_t run = 0;
  int32_t attempt_id = 1;
};

/// An ended attempt.
struct ended {
  attempt what;
  int32_t return_code = 0;
  int8_t status = 0; ///< core::job_status as a number: completed, failed or terminated
  int64_t start_us = 0;
  int64_t end_us = 0;
  int64_t peak_memory_bytes = -1; ///< -1: not measured
  int64_t cpu_us = -1;
};

/// runner -> server, first of all; the answer is `welcome`.
struct attach {
  uint16_t newest_protocol = protocol;
  uint16_t oldest = oldest_protocol;
  int64_t runner = 0;   ///< 0 the first time, then what `welcome` said
  int64_t instance = 0; ///< random, the same for the life of the runner process
  std::string token;    ///< from the HTTP API, with the certificate
  std::string user;
  int64_t workflow = 0; ///< 0: all workflows of the user
  std::string hostname;
  int64_t pid = 0;
  int32_t slots = 0; ///< jobs at a time whatever they need; 0: by resources
  int32_t num_cpus = 0;
  int32_t num_gpus = 0;
  int32_t num_nodes = 1;
  int64_t memory_bytes = 0;
  int64_t time_limit_s = -1; ///< -1: none
  int32_t prefill = 0;
  std::vector<attempt> held;       ///< orders it has: running or waiting
  std::vector<ended> unacked;      ///< ends that were never acknowledged
  std::string version;             ///< of the runner's program; since protocol 2
  std::vector<std::string> labels; ///< since protocol 3
};

struct welcome {
  uint16_t chosen_protocol = protocol;
  int64_t runner = 0;  ///< 0: refused
  std::string refused; ///< why, in one sentence
  int64_t server_epoch = 0;
  int64_t lease_ms = 0;         ///< stop the jobs when so long unheard; 0: never
  std::vector<int64_t> revoked; ///< held grants that are not the runner's any more: end them
};

struct order {
  attempt what;
  int64_t workflow = 0;
  std::string name;
  std::string command;
  int32_t num_cpus = 1;
  int32_t num_gpus = 0;
  int32_t num_nodes = 1;
  int64_t memory_bytes = 0;
  int64_t runtime_s = 0;
  std::vector<std::string> env; ///< NAME=VALUE; since protocol 3
};

/// From what the ids of the jobs' traces follow (telemetry::trace_seed); `bound` 0: not traced.
struct trace_seed {
  uint64_t high = 0;
  uint64_t low = 0;
  uint64_t bound = 0;
};

/// server -> runner: run these. In the order in which they should start.
struct run_jobs {
  std::vector<order> orders;
  trace_seed trace = {};
};

/// server -> runner: give these back if they have not started. With `kill`, end them even if
/// running.
struct revoke {
  std::vector<int64_t> grants;
  bool kill = false;
};

/// server -> runner: everything up to this report is on disk.
struct ack {
  int64_t seq = 0;
};

/// server -> runner: a workflow it serves has no unfinished job any more, or was canceled.
struct finished {
  int64_t workflow = 0;
  bool canceled = false;
};

/// runner -> server. One unacknowledged report at a time; the rest coalesces.
struct report {
  int64_t runner = 0;
  int64_t seq = 0;
  std::vector<attempt> started;
  std::vector<int64_t> started_us; ///< one for each of `started`
  std::vector<ended> done;
  std::vector<int64_t> returned; ///< grants given back unstarted
  bool leaving = false;          ///< the last report: holds nothing any more
  int64_t round_trip_us = 0;     ///< of the report before, from leaving to acknowledged
};

} // namespace torc::core::wire
