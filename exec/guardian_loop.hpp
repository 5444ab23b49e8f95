#pragma once

#include "exec/guardian.hpp"
#include "exec/launcher.hpp"
#include "exec/wire.hpp"

#include <cstdint>
#include <deque>
#include <memory>
#include <string>
#include <sys/types.h>
#include <unordered_map>
#include <vector>

namespace torc::exec {

/// What the guardian does all day: obeys commands from the socket, starts jobs, reaps them and
/// tells. One thread; no call in it waits but the epoll.
class guardian_loop {
public:
  /// @param socket nonblocking; its end of file means that the runner is gone
  guardian_loop(int socket, std::unique_ptr<launcher> starts_jobs, guardian_options options);
  ~guardian_loop();
  guardian_loop(const guardian_loop&) = delete;
  guardian_loop& operator=(const guardian_loop&) = delete;

  /// Returns after the runner is gone and all job trees have ended.
  void run();

private:
  struct running {
    int64_t tag = 0;
    int64_t start_us = 0;
  };

  void turn();
  void receive();
  void hear_last_will();
  void obey(const wire::command& what);
  void hear(const last_will& will);
  void launch(const job_command& job);
  void note_start(int64_t tag, const launched& started);
  /// Notes the starts that were pending. True where there was one.
  bool collect_starts();
  void refuse(int64_t tag, std::string why);
  /// Takes all exits that there are. False where no child is left at all.
  bool reap();
  void signal_job(int64_t tag, int number);
  void signal_group(pid_t leader, int number);
  void signal_all(int number);
  void flush();
  void watch_socket();
  void end_job_trees();
  void await_exits(int timeout_ms);

  int socket_;
  int signals_; ///< becomes readable when a child has ended
  int epoll_;
  uint32_t watched_ = 0; ///< what epoll is asked about the socket
  std::unique_ptr<launcher> launcher_;
  guardian_options options_;
  wire::frame_reader frames_;
  std::deque<wire::command> commands_; ///< received, not yet obeyed
  std::unordered_map<pid_t, running> jobs_;
  std::unordered_map<int64_t, pid_t> leaders_;
  std::unordered_map<int64_t, std::vector<int>> pending_; ///< and the signals that await each
  std::string unsent_;
  bool exit_unsent_ = false;
  bool clogged_ = false; ///< the socket did not take all that was to be sent
  bool runner_gone_ = false;
  last_will will_;
};

} // namespace torc::exec
