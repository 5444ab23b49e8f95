#pragma once

#include "clients.hpp"
#include "runners.hpp"

#include <array>
#include <map>
#include <memory>
#include <string>
#include <vector>

namespace torc::simulation {

/// How one job came out.
struct ending {
  core::job_status status = core::job_status::uninitialized;
  int64_t return_code = -1; ///< -1: it never ran
  int64_t attempt = 1;
  bool operator==(const ending&) const = default;
};

/// What a walk came to.
struct outcome {
  std::string wrong;                  ///< empty: nothing
  std::map<std::string, ending> jobs; ///< by name
  int64_t messages = 0, commits = 0, crashes = 0, virtual_ms = 0;
};

struct walk_settings {
  bool has_faults = true;
  bool tells = false;
};

/// How a seed is tried.
struct seed_settings {
  bool tells = false;
  bool may_be_harsh = true;
};

/// One seed: a server, its runners and its callers, message by message.
class world {
public:
  world(const scenario& plan, walk_settings settings);
  ~world();
  outcome walk();

private:
  void storm();
  void calm();
  void step();
  bool act();
  bool act_once(int64_t kind);
  void fault();
  void arm_crash_within();
  void start_a_runner();
  void crash_now(bool in_mid_commit);
  void watch_disk();
  void boot_if_due();
  void after_step();
  void pass_time();
  void check_idle();
  bool is_idle();
  bool all_done();
  std::string what_is_left();
  void settle_people();
  bool people_rest() const;
  void end();
  void record(outcome& out);
  int64_t workflow_to_claim();

  const scenario& plan_;
  walk_settings settings_;
  findings found_;
  environment env_;
  server server_;
  committed_rows rows_;
  witness saw_;
  wire wire_;
  runners runners_;
  std::vector<std::unique_ptr<author>> authors_;
  http_runner http_;
  std::array<meddler, 3> meddlers_;
  bool in_storm_ = true;
  int64_t boot_at_us_ = 0;
  int64_t seen_commits_ = -1;
  int64_t messages_ = 0, commits_ = 0, crashes_ = 0;
  size_t started_runners_ = 0;
  /// A crash in the middle of a commit: what is left of the disk at that call.
  std::unique_ptr<test::faulty_disk::files> left_;
  bool was_cut_short_ = false;
};

outcome walk(const scenario& plan, walk_settings settings);

/// The walk with faults and the one without, compared. @returns what is wrong, or nothing
std::string try_seed(uint64_t seed, seed_settings how = {});

} // namespace torc::simulation
