#include "exec/guardian_loop.hpp"

#include "exec/process_tree.hpp"

#include <cerrno>
#include <csignal>
#include <ctime>
#include <poll.h>
#include <sys/epoll.h>
#include <sys/resource.h>
#include <sys/signalfd.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>
#include <utility>

namespace torc::exec {

namespace {

/// A start takes a millisecond, and exits should not wait behind a whole batch of starts.
constexpr int commands_per_turn = 4;
constexpr size_t receive_size = 64 * 1024;
/// A runner that does not read gets no further jobs started.
constexpr size_t most_unsent = 4 * 1024 * 1024;
/// After SIGKILL only a process stuck in the kernel is left; nobody can wait for that.
constexpr int64_t kill_deadline_us = 10'000'000;
/// A tree that forks while it is being killed is looked at again after this.
constexpr int rescan_ms = 20;

int64_t microseconds(const timeval& t) {
  return int64_t{t.tv_sec} * 1'000'000 + t.tv_usec;
}

int64_t steady_us() {
  timespec now{};
  clock_gettime(CLOCK_MONOTONIC, &now);
  return int64_t{now.tv_sec} * 1'000'000 + now.tv_nsec / 1'000;
}

template <class... F>
struct overloaded : F... {
  using F::operator()...;
};
template <class... F>
overloaded(F...) -> overloaded<F...>;

} // namespace

guardian_loop::guardian_loop(int socket, std::unique_ptr<launcher> starts_jobs,
                             guardian_options options)
    : socket_(socket), epoll_(epoll_create1(EPOLL_CLOEXEC)), launcher_(std::move(starts_jobs)),
      options_(std::move(options)) {
  sigset_t child_ended;
  sigemptyset(&child_ended);
  sigaddset(&child_ended, SIGCHLD);
  signals_ = signalfd(-1, &child_ended, SFD_CLOEXEC | SFD_NONBLOCK);
  epoll_event wanted{};
  wanted.events = EPOLLIN;
  wanted.data.fd = signals_;
  epoll_ctl(epoll_, EPOLL_CTL_ADD, signals_, &wanted);
  watched_ = EPOLLIN;
  wanted.data.fd = socket_;
  epoll_ctl(epoll_, EPOLL_CTL_ADD, socket_, &wanted);
  wanted.data.fd = launcher_->news();
  if (wanted.data.fd >= 0)
    epoll_ctl(epoll_, EPOLL_CTL_ADD, wanted.data.fd, &wanted);
}

guardian_loop::~guardian_loop() {
  close(epoll_);
  close(signals_);
  close(socket_);
}

void guardian_loop::run() {
  while (!runner_gone_)
    turn();
  hear_last_will();
  end_job_trees();
  if (will_.empty())
    return;
  dup2(STDIN_FILENO, STDERR_FILENO); // who reads the dead runner's output need not wait for this
  execute(will_);
}

void guardian_loop::turn() {
  epoll_event events[3];
  const int count = epoll_wait(epoll_, events, 3, commands_.empty() ? -1 : 0);
  for (int i = 0; i < count; ++i) {
    if (events[i].data.fd == signals_) {
      signalfd_siginfo news[8];
      while (read(signals_, news, sizeof news) == static_cast<ssize_t>(sizeof news)) {
      }
      reap();
    } else if (events[i].data.fd != socket_) {
      collect_starts();
    } else if (events[i].events & (EPOLLHUP | EPOLLERR)) {
      runner_gone_ = true;
    } else if (events[i].events & EPOLLIN) {
      receive();
    }
  }
  for (int i = 0; i < commands_per_turn && !commands_.empty() && !runner_gone_; ++i) {
    obey(commands_.front());
    commands_.pop_front();
  }
  if (auto complaint = launcher_->take_complaint(); !complaint.empty())
    wire::append(unsent_, wire::event{wire::notice{std::move(complaint)}});
  // A start alone is no news to wake the runner for while more starts are to come.
  if (exit_unsent_ || clogged_ || (commands_.empty() && pending_.empty()))
    flush();
  watch_socket();
}

void guardian_loop::receive() {
  char part[receive_size];
  const ssize_t size = recv(socket_, part, sizeof part, MSG_DONTWAIT);
  if (size < 0 && (errno == EAGAIN || errno == EINTR))
    return;
  if (size <= 0) {
    runner_gone_ = true;
    return;
  }
  frames_.add({part, static_cast<size_t>(size)});
  for (;;) {
    wire::command next;
    const auto outcome = frames_.next(next);
    if (outcome == wire::frame_reader::outcome::frame) {
      commands_.push_back(std::move(next));
      continue;
    }
    runner_gone_ = outcome == wire::frame_reader::outcome::broken;
    return;
  }
}

/// Of what the runner said at the very end only this still matters.
void guardian_loop::hear_last_will() {
  char part[receive_size];
  for (ssize_t size = 0; (size = recv(socket_, part, sizeof part, MSG_DONTWAIT)) > 0;)
    frames_.add({part, static_cast<size_t>(size)});
  wire::command next;
  while (frames_.next(next) == wire::frame_reader::outcome::frame)
    commands_.push_back(std::move(next));
  for (auto& c : commands_)
    if (auto* will = std::get_if<last_will>(&c))
      will_ = std::move(*will);
}

void guardian_loop::obey(const wire::command& what) {
  std::visit(overloaded{[this](const job_command& job) { launch(job); },
                        [this](const wire::signal_job& s) { signal_job(s.tag, s.number); },
                        [this](const wire::signal_all& s) { signal_all(s.number); },
                        [this](const last_will& w) { hear(w); }},
             what);
}

/// Who writes a will is about to work, and still has to be taken in by the server.
void guardian_loop::hear(const last_will& will) {
  will_ = will;
  if (!will.empty())
    launcher_->prepare();
}

void guardian_loop::launch(const job_command& job) {
  if (leaders_.contains(job.tag) || pending_.contains(job.tag))
    return refuse(job.tag, "a job with this tag is still running; wait for its exit");
  const auto started = launcher_->start(job);
  if (started.is_pending)
    pending_.try_emplace(job.tag);
  else
    note_start(job.tag, started);
}

void guardian_loop::note_start(int64_t tag, const launched& started) {
  const auto awaited = pending_.extract(tag);
  if (!started)
    return refuse(tag, started.why);
  jobs_.insert_or_assign(started.pid, running{tag, started.start_us});
  leaders_.emplace(tag, started.pid);
  wire::append(unsent_, wire::event{job_started{tag, started.pid, started.start_us}});
  if (!awaited.empty())
    for (const int number : awaited.mapped())
      signal_group(started.pid, number);
}

bool guardian_loop::collect_starts() {
  const auto late = launcher_->collect();
  for (const auto& [tag, how] : late)
    note_start(tag, how);
  return !late.empty();
}

void guardian_loop::refuse(int64_t tag, std::string why) {
  job_exit never;
  never.tag = tag;
  never.start_us = never.end_us = wall_clock_us();
  never.spawn_failed = true;
  never.why = std::move(why);
  wire::append(unsent_, wire::event{std::move(never)});
  exit_unsent_ = true;
}

bool guardian_loop::reap() {
  for (;;) {
    siginfo_t how{};
    rusage used{};
    // The system call itself, since glibc's wrapper does not hand out the rusage.
    if (syscall(SYS_waitid, P_ALL, 0, &how, WEXITED | WNOHANG, &used) != 0)
      return errno != ECHILD;
    if (how.si_pid == 0)
      return true;
    auto job = jobs_.find(how.si_pid);
    // A job may end before it has been looked whether it has started.
    if (job == jobs_.end() && collect_starts())
      job = jobs_.find(how.si_pid);
    if (job == jobs_.end()) {
      launcher_->ended(how.si_pid); // or an orphan of some job, adopted by the subreaper
      continue;
    }
    job_exit ended;
    ended.tag = job->second.tag;
    ended.start_us = job->second.start_us;
    ended.end_us = wall_clock_us();
    ended.signaled = how.si_code != CLD_EXITED;
    ended.return_code = ended.signaled ? 128 + how.si_status : how.si_status;
    ended.user_us = microseconds(used.ru_utime);
    ended.sys_us = microseconds(used.ru_stime);
    ended.max_rss_bytes = int64_t{used.ru_maxrss} * 1024;
    leaders_.erase(ended.tag);
    jobs_.erase(job);
    wire::append(unsent_, wire::event{std::move(ended)});
    exit_unsent_ = true;
  }
}

void guardian_loop::signal_job(int64_t tag, int number) {
  if (const auto it = leaders_.find(tag); it != leaders_.end())
    signal_group(it->second, number);
  else if (const auto next = pending_.find(tag); next != pending_.end())
    next->second.push_back(number);
  // Neither: it has ended, and its exit is on the way.
}

void guardian_loop::signal_group(pid_t leader, int number) {
  kill(-leader, number);
}

void guardian_loop::signal_all(int number) {
  for (const auto& [leader, job] : jobs_)
    signal_group(leader, number);
  for (auto& [tag, signals] : pending_)
    signals.push_back(number);
}

void guardian_loop::flush() {
  size_t sent = 0;
  while (sent < unsent_.size()) {
    const ssize_t n =
        send(socket_, unsent_.data() + sent, unsent_.size() - sent, MSG_DONTWAIT | MSG_NOSIGNAL);
    if (n < 0 && errno == EINTR)
      continue;
    if (n < 0) {
      runner_gone_ = runner_gone_ || errno != EAGAIN;
      break;
    }
    sent += static_cast<size_t>(n);
  }
  unsent_.erase(0, sent);
  clogged_ = !unsent_.empty();
  exit_unsent_ = exit_unsent_ && clogged_;
}

void guardian_loop::watch_socket() {
  uint32_t wanted = unsent_.size() < most_unsent ? uint32_t{EPOLLIN} : 0u;
  if (clogged_)
    wanted |= EPOLLOUT;
  if (wanted == watched_)
    return;
  epoll_event change{};
  change.events = watched_ = wanted;
  change.data.fd = socket_;
  epoll_ctl(epoll_, EPOLL_CTL_MOD, socket_, &change);
}

void guardian_loop::end_job_trees() {
  commands_.clear();
  launcher_->close();
  collect_starts();
  if (options_.grace_ms > 0) {
    signal_all(SIGTERM);
    signal_all(SIGCONT); // a stopped process could not answer
    const int64_t deadline = steady_us() + int64_t{options_.grace_ms} * 1'000;
    for (int64_t now = 0; !jobs_.empty() && (now = steady_us()) < deadline;) {
      await_exits(static_cast<int>((deadline - now) / 1'000 + 1));
      reap();
    }
  }
  const int64_t deadline = steady_us() + kill_deadline_us;
  while (reap() && steady_us() < deadline) {
    signal_all(SIGKILL);
    for (const pid_t pid : descendants_of(getpid()))
      kill(pid, SIGKILL);
    await_exits(rescan_ms);
  }
}

void guardian_loop::await_exits(int timeout_ms) {
  pollfd waiting{signals_, POLLIN, 0};
  poll(&waiting, 1, timeout_ms);
  signalfd_siginfo news[8];
  while (read(signals_, news, sizeof news) > 0) {
  }
}

} // namespace torc::exec
