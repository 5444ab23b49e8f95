#pragma once

#include "exec/job_process.hpp"

#include <cstddef>
#include <cstdint>
#include <string>
#include <sys/types.h>
#include <unordered_set>
#include <vector>

namespace torc::exec {

/// What became of a job that was handed to a warm shell.
struct warm_start {
  int64_t tag = 0;
  pid_t pid = -1; ///< -1: nothing was run, and nothing will be; start it another way
  int64_t start_us = 0;
};

/// Shells that already run. Each turns a request into a process of its own, which is a child of
/// ours, leads a process group and is what `bash -c` would be. Nothing here waits.
class warm_shells {
public:
  struct settings {
    std::string library; ///< path of the builtin that makes a bash a fork server; may be missing
    size_t count = 1;
    int patience_ms = 5'000; ///< a shell that owes an answer for longer is killed
  };
  /// @param bash path of the shell to run
  /// @param env  the environment of every job, "K=V" each
  warm_shells(std::string bash, std::vector<std::string> env, settings chosen);
  ~warm_shells();
  warm_shells(const warm_shells&) = delete;
  warm_shells& operator=(const warm_shells&) = delete;

  /// Starts the shells, so that they are ready when jobs come.
  void prepare();
  /// Takes a job with the environment for its shell. False where no shell is free just now; the
  /// first job has the shells started where nobody has prepared them, and is told so.
  bool hand_over(const job_command& job, const std::vector<std::string>& env);
  /// What has been answered since. To be asked for before an exit is taken for a stranger's.
  std::vector<warm_start> collect();
  /// One of our children has ended; where it was a shell, another takes its place.
  void ended(pid_t pid);
  /// Lets all shells go: what they have not started by now will never be.
  void close();

  /// Becomes readable when collect() has something to do.
  int news() const { return epoll_; }
  /// Why there is no warm shell and will not be, said once; else empty.
  std::string take_complaint();
  /// The processes, for whoever wants to look at them.
  std::vector<pid_t> pids() const;

private:
  struct shell {
    int socket = -1;
    pid_t pid = -1;
    bool ready = false;
    bool useful = false;              ///< has started a job
    std::unordered_set<int64_t> open; ///< handed over, not answered
    int64_t silent_since_us = 0;      ///< while it owes an answer

    bool owes_an_answer() const { return socket >= 0 && (!ready || !open.empty()); }
  };

  void begin();
  void start(shell& s);
  void listen(shell& s);
  void hear(shell& s, uint32_t kind, int64_t tag, int64_t pid, int64_t start_us);
  void give_up(shell& s);
  void look_for_hangs();
  void set_alarm();
  void stop_trying(std::string why);

  std::string bash_;
  std::vector<std::string> env_;
  settings wanted_;
  std::vector<shell> shells_;
  size_t next_ = 0;
  int epoll_;
  int alarm_;
  bool begun_ = false;
  bool over_ = false; ///< no shell is started any more
  bool alarm_set_ = false;
  int useless_ends_ = 0; ///< shells that ended without having started a job
  std::vector<warm_start> told_;
  std::string complaint_;
  std::string packet_;
};

} // namespace torc::exec
