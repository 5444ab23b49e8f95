#include "exec/guardian_link.hpp"

#include "exec/process_tree.hpp"
#include "exec/wire.hpp"

#include <boost/asio/io_context.hpp>
#include <boost/asio/posix/stream_descriptor.hpp>
#include <boost/asio/post.hpp>

#include <algorithm>
#include <cerrno>
#include <csignal>
#include <string>
#include <sys/socket.h>
#include <unordered_set>
#include <utility>

namespace torc::exec {

namespace asio = boost::asio;
using boost::system::error_code;

namespace {
constexpr size_t receive_size = 64 * 1024;
/// So many reads per wake-up before the other users of the thread have their turn.
constexpr int reads_per_turn = 8;
} // namespace

class guardian_link::state : public std::enable_shared_from_this<state> {
public:
  state(asio::io_context& io, guardian_handle handle, guardian_events events)
      : io_(io), socket_(io, handle.release_socket()), pid_(handle.pid()),
        events_(std::move(events)) {}

  void await_news() {
    socket_.async_wait(asio::posix::descriptor_base::wait_read,
                       [self = shared_from_this()](const error_code& failed) {
                         if (!failed && !self->closed_)
                           self->receive();
                       });
  }

  void launch(job_command job) {
    if (lost_ || closed_)
      return refuse(job.tag);
    open_.insert(job.tag);
    wire::append(unsent_, wire::command{std::move(job)});
    flush_soon();
  }

  void tell(const wire::command& what) {
    if (lost_ || closed_)
      return;
    wire::append(unsent_, what);
    flush_soon();
  }

  void close() {
    if (std::exchange(closed_, true))
      return;
    error_code ignored;
    socket_.close(ignored);
  }

  void bequeath(last_will will) {
    if (lost_ || closed_)
      return;
    wire::append(unsent_, wire::command{std::move(will)});
    flush();
  }

  pid_t pid() const { return pid_; }
  size_t open_jobs() const { return open_.size(); }

private:
  /// One write for all that this turn of the io_context has to say.
  void flush_soon() {
    if (!std::exchange(flush_posted_, true))
      asio::post(io_, [self = shared_from_this()] { self->flush(); });
  }

  void flush() {
    flush_posted_ = false;
    size_t sent = 0;
    while (sent < unsent_.size() && !closed_ && !lost_) {
      const ssize_t n = send(socket_.native_handle(), unsent_.data() + sent, unsent_.size() - sent,
                             MSG_DONTWAIT | MSG_NOSIGNAL);
      if (n >= 0) {
        sent += static_cast<size_t>(n);
      } else if (errno == EAGAIN) {
        flush_when_writable();
        break;
      } else if (errno != EINTR) {
        break; // gone; the pending read says so
      }
    }
    unsent_.erase(0, sent);
  }

  void flush_when_writable() {
    flush_posted_ = true;
    socket_.async_wait(asio::posix::descriptor_base::wait_write,
                       [self = shared_from_this()](const error_code&) { self->flush(); });
  }

  void receive() {
    std::vector<job_started> started;
    std::vector<job_exit> exited;
    read_all();
    const bool alive = take_frames(started, exited);
    for (const auto& e : exited)
      open_.erase(e.tag);
    if (!started.empty() && events_.on_started)
      events_.on_started(std::move(started));
    if (!exited.empty() && events_.on_exit && !closed_)
      events_.on_exit(std::move(exited));
    if (closed_)
      return;
    if (alive)
      await_news();
    else
      lose();
  }

  /// Sets `gone_` at the end of file; what the guardian said before counts all the same.
  void read_all() {
    char part[receive_size];
    for (int i = 0; i < reads_per_turn; ++i) {
      const ssize_t n = recv(socket_.native_handle(), part, sizeof part, MSG_DONTWAIT);
      if (n < 0 && errno == EINTR)
        continue;
      gone_ = n == 0 || (n < 0 && errno != EAGAIN);
      if (n <= 0)
        return;
      frames_.add({part, static_cast<size_t>(n)});
      if (static_cast<size_t>(n) < sizeof part)
        return;
    }
  }

  bool take_frames(std::vector<job_started>& started, std::vector<job_exit>& exited) {
    using outcome = wire::frame_reader::outcome;
    wire::event next;
    auto got = outcome::frame;
    while ((got = frames_.next(next)) == outcome::frame) {
      if (auto* s = std::get_if<job_started>(&next))
        started.push_back(*s);
      else if (auto* n = std::get_if<wire::notice>(&next))
        notice(n->text);
      else
        exited.push_back(std::move(std::get<job_exit>(next)));
    }
    return got == outcome::incomplete && !gone_;
  }

  void notice(const std::string& text) {
    if (events_.on_notice)
      events_.on_notice(text);
  }

  void lose() {
    lost_ = true;
    error_code ignored;
    socket_.close(ignored);
    unsent_.clear();
    // Its jobs are this process's children now. Their session is the guardian's, whose number
    // stays taken for as long as the session has a member or the guardian is not waited for.
    kill(pid_, SIGKILL);
    for (const pid_t pid : session_of(pid_))
      kill(pid, SIGKILL);
    std::vector<int64_t> tags(open_.begin(), open_.end());
    open_.clear();
    std::sort(tags.begin(), tags.end());
    if (events_.on_lost)
      events_.on_lost(std::move(tags));
  }

  void refuse(int64_t tag) {
    job_exit never;
    never.tag = tag;
    never.start_us = never.end_us = wall_clock_us();
    never.spawn_failed = true;
    never.why = "the guardian process is gone; start the runner again";
    asio::post(io_, [self = shared_from_this(), never = std::move(never)] {
      if (self->events_.on_exit && !self->closed_)
        self->events_.on_exit({never});
    });
  }

  asio::io_context& io_;
  asio::posix::stream_descriptor socket_;
  pid_t pid_;
  guardian_events events_;
  wire::frame_reader frames_;
  std::string unsent_;
  std::unordered_set<int64_t> open_;
  bool flush_posted_ = false;
  bool gone_ = false; ///< end of file was read
  bool lost_ = false; ///< and on_lost was told
  bool closed_ = false;
};

guardian_link::guardian_link(asio::io_context& io, guardian_handle handle, guardian_events events)
    : state_(std::make_shared<state>(io, std::move(handle), std::move(events))) {
  state_->await_news();
}

guardian_link::~guardian_link() {
  state_->close();
}

void guardian_link::launch(job_command job) {
  state_->launch(std::move(job));
}

void guardian_link::signal(int64_t tag, int number) {
  state_->tell(wire::signal_job{tag, number});
}

void guardian_link::bequeath(last_will will) {
  state_->bequeath(std::move(will));
}

void guardian_link::kill_all() {
  state_->tell(wire::signal_all{SIGKILL});
}
void guardian_link::close() {
  state_->close();
}
pid_t guardian_link::pid() const {
  return state_->pid();
}
size_t guardian_link::open_jobs() const {
  return state_->open_jobs();
}

} // namespace torc::exec
