#pragma once

#include "core/resources.hpp"
#include "core/result.hpp"
#include "core/wire.hpp"
#include "telemetry/trace.hpp"

#include <atomic>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace boost::asio {
class io_context;
}
namespace torc::exec {
class guardian_handle;
struct last_will;
} // namespace torc::exec

namespace torc::actors {

/// What a runner asks the HTTP API for.
struct runner_door {
  uint16_t port = 0;
  std::string token;
};

/// How a runner works.
struct runner_settings {
  std::string host = "127.0.0.1"; ///< the server's runner port
  uint16_t port = 0;
  std::string certificate, key, authority; ///< files, PEM
  std::string token;
  std::string user;
  int64_t workflow = 0; ///< 0: all workflows of the user
  std::string hostname;
  std::string version; ///< of the program
  int32_t slots = 0;   ///< 0: by resources
  core::capacity room;
  int32_t prefill = -1; ///< -1: chosen from the slots
  std::string output_dir;
  std::string api_url; ///< for TORC_API_URL
  /// After a lost connection: where the runner port is now and which token opens it, since a server
  /// that was started again has others. May block for seconds; a thread of its own. Empty, or a
  /// refusal: those of before.
  std::function<core::result<runner_door>()> find_door;
  int64_t instance = 0; ///< the same for the life of the process, and secret; 0: drawn
  /// What the guardian says to the server should this process die. Empty: nothing.
  std::function<exec::last_will(int64_t instance)> last_will;
  int64_t idle_exit_s = 90; ///< leave after so long without a job; 0: never
  /// Every line of the runner's log; the runner's thread.
  std::function<void(const std::string& line)> log;
  /// Jobs started and ended, for displays and measurements; the runner's thread. May be empty.
  std::function<void(const core::wire::ended&)> on_end;
  /// Each job's own span, where the server traces jobs; the runner's thread. Empty: nobody wants
  /// it.
  std::function<void(telemetry::finished_span)> on_span;
  std::optional<telemetry::trace_context> started_by; ///< what the spans are linked to
};

/// What a runner did.
struct runner_report {
  int64_t started = 0, completed = 0, failed = 0;
  /// Slots without a job while the runner was attached, in slot-seconds / slots.
  double idle_seconds = 0;
  double wall_seconds = 0;
  bool canceled = false; ///< the workflow was
  bool drained = false;  ///< stopped by `stop`
  /// From waitid's return of the last job before it to posix_spawn's return, in microseconds, for
  /// jobs that the runner did not yet hold when that job ended: a round through the server each.
  std::vector<int64_t> hops_us;
};

/// 0: run; 1: drain (start nothing new, give waiting orders back, end when the running jobs have
/// ended); 2: kill the jobs, give them back for another attempt, end. Set from a signal handler or
/// another thread.
using stop_level = std::atomic<int>;

/// The guest of the house; runner_room.hpp says what it owns, hears, tells and promises.
///
/// Attaches, runs jobs until the workflow is finished, canceled, idle for too long or stopped;
/// rides out lost connections. Blocks; the runner's thread is the caller's.
/// @param jobs is used up: its guardian ends when this returns
/// @returns why it could not attach at all, or what it did
core::result<runner_report> run_runner(runner_settings settings, exec::guardian_handle& jobs,
                                       stop_level& stop);

class hands;
struct hands_news;

/// Makes what starts the processes; it tells its news by the function it is given.
using make_hands = std::function<std::unique_ptr<hands>(boost::asio::io_context& io,
                                                        std::function<void(hands_news)> tell)>;

/// The same with other hands, for measurements.
core::result<runner_report> run_runner(runner_settings settings, const make_hands& make,
                                       stop_level& stop);

} // namespace torc::actors
