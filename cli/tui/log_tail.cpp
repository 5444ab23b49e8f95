#include "cli/tui/log_tail.hpp"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>

namespace torc::cli::tui {

namespace {

constexpr int64_t billion = 1'000'000'000;

/// Never waits, whatever lies there: a pipe without a writer would keep an ordinary open for ever.
class file {
public:
  explicit file(const std::string& path)
      : fd_(::open(path.c_str(), O_RDONLY | O_NONBLOCK | O_CLOEXEC)) {}
  ~file() {
    if (fd_ >= 0)
      ::close(fd_);
  }
  file(const file&) = delete;
  file& operator=(const file&) = delete;
  int fd() const { return fd_; }

private:
  int fd_;
};

std::string read_end(int fd, int64_t size) {
  const auto from = std::max<int64_t>(0, size - log_tail::most_bytes);
  std::string text(static_cast<size_t>(size - from), '\0');
  size_t have = 0;
  while (have < text.size()) {
    const auto got =
        ::pread(fd, text.data() + have, text.size() - have, from + static_cast<int64_t>(have));
    if (got <= 0)
      break;
    have += static_cast<size_t>(got);
  }
  text.resize(have);
  // The first line is whole only where the file begins with it.
  if (from > 0)
    text.erase(0, std::min(text.find('\n'), text.size() - 1) + 1);
  return text;
}

} // namespace

std::vector<std::string> lines_of(std::string_view text) {
  std::vector<std::string> lines;
  while (!text.empty()) {
    const auto end = std::min(text.find('\n'), text.size());
    std::string line;
    for (const char c : text.substr(0, end)) {
      constexpr size_t tab = 8;
      if (c == '\t')
        line.append(tab - line.size() % tab, ' ');
      else if (c != '\r')
        line += c;
    }
    lines.push_back(std::move(line));
    text.remove_prefix(std::min(end + 1, text.size()));
  }
  return lines;
}

bool log_tail::follow(const std::string& path) {
  if (path == text_.path && looked_)
    return false;
  text_ = {path, {}, {}};
  size_ = changed_ns_ = -1;
  looked_ = true;
  return true;
}

bool log_tail::look() {
  if (text_.path.empty())
    return false;
  const auto fail = [this](std::string why) {
    const bool is_new = why != text_.trouble;
    text_.lines.clear();
    text_.trouble = std::move(why);
    size_ = changed_ns_ = -1;
    return is_new;
  };
  const file log(text_.path);
  if (log.fd() < 0)
    return fail(errno == ENOENT ? "There is no such file on this machine (yet)."
                                : "cannot read it: " + std::string(std::strerror(errno)));
  struct stat facts {};
  if (::fstat(log.fd(), &facts) != 0 || !S_ISREG(facts.st_mode))
    return fail("it is no regular file");
  const auto changed = int64_t{facts.st_mtim.tv_sec} * billion + facts.st_mtim.tv_nsec;
  if (facts.st_size == size_ && changed == changed_ns_)
    return false;
  size_ = facts.st_size;
  changed_ns_ = changed;
  text_.trouble.clear();
  text_.lines = lines_of(read_end(log.fd(), size_));
  return true;
}

} // namespace torc::cli::tui
