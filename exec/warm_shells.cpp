#include "exec/warm_shells.hpp"

#include "exec/spawn.hpp"
#include "exec/warm_shell/protocol.h"

#include <array>
#include <cerrno>
#include <csignal>
#include <cstring>
#include <ctime>
#include <string_view>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <sys/timerfd.h>
#include <unistd.h>
#include <utility>

namespace torc::exec {

namespace {

/// A start takes a fifth of a millisecond; a shell with more than this before it has a queue.
constexpr size_t most_open = 32;
constexpr int most_useless_ends = 3;

int64_t steady_us() {
  timespec now{};
  clock_gettime(CLOCK_MONOTONIC, &now);
  return int64_t{now.tv_sec} * 1'000'000 + now.tv_nsec / 1'000;
}

std::string quoted(const std::string& word) {
  std::string text = "'";
  for (const char c : word)
    if (c == '\'')
      text.append("'\\''");
    else
      text.push_back(c);
  return text + "'";
}

void append_string(std::string& packet, std::string_view text) {
  packet.append(text).push_back('\0');
}

void write_request(std::string& packet, const job_command& job,
                   const std::vector<std::string>& env) {
  const warm_request head{job.tag, job.stdio != stdio_mode::separate,
                          static_cast<uint32_t>(env.size())};
  packet.assign(reinterpret_cast<const char*>(&head), sizeof head);
  append_string(packet, job.stdio == stdio_mode::none ? std::string_view{} : job.stdout_path);
  append_string(packet, job.stderr_path);
  append_string(packet, job.cwd);
  for (const std::string_view word :
       {std::string_view{"bash"}, std::string_view{"-c"}, std::string_view{job.command}})
    append_string(packet, word);
  for (const auto& entry : env)
    append_string(packet, entry);
}

} // namespace

warm_shells::warm_shells(std::string bash, std::vector<std::string> env, settings chosen)
    : bash_(std::move(bash)), env_(std::move(env)), wanted_(std::move(chosen)),
      shells_(wanted_.count), epoll_(epoll_create1(EPOLL_CLOEXEC)),
      alarm_(timerfd_create(CLOCK_MONOTONIC, TFD_CLOEXEC | TFD_NONBLOCK)) {
  epoll_event wanted{};
  wanted.events = EPOLLIN;
  wanted.data.fd = alarm_;
  epoll_ctl(epoll_, EPOLL_CTL_ADD, alarm_, &wanted);
}

warm_shells::~warm_shells() {
  close();
  ::close(alarm_);
  ::close(epoll_);
}

void warm_shells::prepare() {
  if (!begun_)
    begin();
}

bool warm_shells::hand_over(const job_command& job, const std::vector<std::string>& env) {
  prepare();
  shell* free = nullptr;
  for (size_t i = 0; i < shells_.size() && !free; ++i) {
    auto& next = shells_[next_++ % shells_.size()];
    if (next.ready && next.open.size() < most_open)
      free = &next;
  }
  if (!free)
    return false;
  write_request(packet_, job, env);
  if (packet_.size() > warm_longest_request ||
      send(free->socket, packet_.data(), packet_.size(), MSG_DONTWAIT | MSG_NOSIGNAL) < 0)
    return false;
  if (free->open.empty())
    free->silent_since_us = steady_us();
  free->open.insert(job.tag);
  set_alarm();
  return true;
}

std::vector<warm_start> warm_shells::collect() {
  std::array<epoll_event, 4> events;
  const int count = epoll_wait(epoll_, events.data(), static_cast<int>(events.size()), 0);
  for (int i = 0; i < count; ++i) {
    const int fd = events[static_cast<size_t>(i)].data.fd;
    if (fd == alarm_) {
      uint64_t times = 0;
      [[maybe_unused]] const auto n = read(alarm_, &times, sizeof times);
      alarm_set_ = false;
      look_for_hangs();
      set_alarm();
    }
    for (auto& s : shells_)
      if (s.socket == fd)
        listen(s);
  }
  return std::exchange(told_, {});
}

void warm_shells::ended(pid_t pid) {
  for (auto& s : shells_) {
    if (s.pid != pid)
      continue;
    give_up(s);
    s.pid = -1;
    if (!s.useful && ++useless_ends_ >= most_useless_ends)
      return stop_trying("it ended " + std::to_string(useless_ends_) +
                         " times before it had started a job");
    start(s);
  }
}

void warm_shells::close() {
  over_ = true;
  for (auto& s : shells_)
    give_up(s);
}

std::string warm_shells::take_complaint() {
  return std::exchange(complaint_, {});
}

std::vector<pid_t> warm_shells::pids() const {
  std::vector<pid_t> all;
  for (const auto& s : shells_)
    if (s.pid > 0)
      all.push_back(s.pid);
  return all;
}

void warm_shells::begin() {
  begun_ = true;
  if (wanted_.library.empty())
    return stop_trying("no builtin for it was found");
  if (access(wanted_.library.c_str(), R_OK) != 0)
    return stop_trying("cannot read " + wanted_.library + ": " + std::strerror(errno));
  for (auto& s : shells_)
    start(s);
}

void warm_shells::start(shell& s) {
  if (over_)
    return;
  s = {};
  int ends[2];
  if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, ends) != 0)
    return stop_trying(std::string("cannot make a socket: ") + std::strerror(errno));
  file_actions files;
  files.duplicate(ends[1], warm_socket);
  files.duplicate(STDIN_FILENO, STDERR_FILENO); // the guardian's, /dev/null: no word of its own
  const int failed = spawn(
      s.pid, bash_, {"bash", "-c", "enable -f " + quoted(wanted_.library) + " torc_warm_shell"},
      env_, files, job_attributes{});
  ::close(ends[1]);
  s.socket = ends[0];
  if (failed) {
    s.pid = -1;
    give_up(s);
    return stop_trying(std::string("cannot run ") + bash_ + ": " + std::strerror(failed));
  }
  epoll_event wanted{};
  wanted.events = EPOLLIN;
  wanted.data.fd = s.socket;
  epoll_ctl(epoll_, EPOLL_CTL_ADD, s.socket, &wanted);
  s.silent_since_us = steady_us();
  set_alarm();
}

/// Reads all there is: who has looked and not found a start must be sure that there was none.
void warm_shells::listen(shell& s) {
  std::array<warm_answer, 16> answers;
  std::array<iovec, answers.size()> places;
  std::array<mmsghdr, answers.size()> messages{};
  for (size_t i = 0; i < answers.size(); ++i) {
    places[i] = {&answers[i], sizeof answers[i]};
    messages[i].msg_hdr.msg_iov = &places[i];
    messages[i].msg_hdr.msg_iovlen = 1;
  }
  for (size_t count = answers.size(); count == answers.size();) {
    const int n = recvmmsg(s.socket, messages.data(), messages.size(), MSG_DONTWAIT, nullptr);
    count = n > 0 ? static_cast<size_t>(n) : 0;
    for (size_t i = 0; i < count; ++i) {
      if (messages[i].msg_len == 0) { // the end: its process will be waited for, too
        epoll_ctl(epoll_, EPOLL_CTL_DEL, s.socket, nullptr);
        return;
      }
      hear(s, answers[i].kind, answers[i].tag, answers[i].pid, answers[i].start_us);
    }
  }
}

void warm_shells::hear(shell& s, uint32_t kind, int64_t tag, int64_t pid, int64_t start_us) {
  const bool started = kind == warm_started;
  s.ready = s.ready || kind == warm_ready;
  s.useful = s.useful || started;
  s.silent_since_us = steady_us();
  if (s.open.erase(tag) > 0)
    told_.push_back({tag, started ? static_cast<pid_t>(pid) : -1, start_us});
}

/// After the shutdown nobody below the shell can announce himself any more, and who cannot, runs
/// nothing. So what is not in the socket by then will never be.
void warm_shells::give_up(shell& s) {
  if (s.socket < 0)
    return;
  s.ready = false;
  shutdown(s.socket, SHUT_RDWR);
  listen(s);
  for (const int64_t tag : s.open)
    told_.push_back({tag, -1, 0});
  s.open.clear();
  s.ready = false;
  ::close(std::exchange(s.socket, -1));
  if (s.pid > 0)
    kill(s.pid, SIGKILL);
}

void warm_shells::look_for_hangs() {
  const int64_t now = steady_us();
  for (auto& s : shells_)
    if (s.owes_an_answer() && now - s.silent_since_us >= int64_t{wanted_.patience_ms} * 1'000)
      give_up(s);
}

void warm_shells::set_alarm() {
  if (alarm_set_)
    return;
  const itimerspec look_again{
      {0, 0}, {wanted_.patience_ms / 1'000, wanted_.patience_ms % 1'000 * 1'000'000L}};
  for (const auto& s : shells_)
    if (s.owes_an_answer())
      alarm_set_ = timerfd_settime(alarm_, 0, &look_again, nullptr) == 0;
}

void warm_shells::stop_trying(std::string why) {
  close();
  complaint_ = "no shell is kept warm, each job starts one of its own: " + std::move(why);
}

} // namespace torc::exec
