#include "storage/lock_file.hpp"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstring>
#include <fstream>
#include <sstream>
#include <system_error>
#include <utility>

namespace torc::storage {

namespace {

std::string content(int fd) {
  std::array<char, 32> text{};
  const auto n = pread(fd, text.data(), text.size(), 0);
  std::string s{text.data(), static_cast<size_t>(n > 0 ? n : 0)};
  return s.substr(0, s.find('\n'));
}

std::string reason() {
  return std::generic_category().message(errno);
}

/// The byte that SQLite's one writer locks in the -shm file (WAL_WRITE_LOCK, see SQLite's wal.c).
constexpr int64_t wal_write_lock = 120;

struct held_lock {
  std::string kind, access;
  int64_t pid = 0;
  uint64_t inode = 0;
  int64_t first = 0, last = 0;
};

/// One line of /proc/locks: "1: POSIX  ADVISORY  WRITE 4711 08:01:131 120 120". A waiter has an
/// arrow.
bool parse(const std::string& line, held_lock& l) {
  std::istringstream in{line};
  std::string number, mode, place, last;
  if (!(in >> number >> l.kind >> mode >> l.access >> l.pid >> place >> l.first >> last))
    return false;
  l.last = last == "EOF" ? INT64_MAX : std::strtoll(last.c_str(), nullptr, 10);
  const auto colon = place.rfind(':');
  if (colon == std::string::npos)
    return false;
  l.inode = std::strtoull(place.c_str() + colon + 1, nullptr, 10);
  return true;
}

uint64_t inode_of(const std::string& path) {
  struct stat s {};
  return stat(path.c_str(), &s) == 0 ? s.st_ino : 0;
}

/// Whether the file is the one of that name: the last holder may have removed it meanwhile.
bool is_still(int fd, const std::string& path) {
  struct stat locked {
  }, named{};
  return fstat(fd, &locked) == 0 && stat(path.c_str(), &named) == 0 &&
         locked.st_ino == named.st_ino && locked.st_dev == named.st_dev;
}

std::string describe(int64_t pid) {
  if (pid <= 0)
    return "a process outside of this container";
  std::ifstream in{"/proc/" + std::to_string(pid) + "/comm"};
  std::string name;
  std::getline(in, name);
  return "pid " + std::to_string(pid) + (name.empty() ? "" : " (" + name + ")");
}

} // namespace

core::result<core::nothing> check_names(const std::string& database_path) {
  struct stat s {};
  if (stat(database_path.c_str(), &s) != 0 || !S_ISREG(s.st_mode) || s.st_nlink <= 1)
    return core::nothing{};
  return core::refuse(core::refusal::conflict,
                      database_path + " has " + std::to_string(s.st_nlink) +
                          " names (hard links), and a server under each of them would destroy it; "
                          "remove the other names, which find -samefile shows");
}

core::result<lock_file> lock_file::take(const std::string& database_path) {
  if (auto one = check_names(database_path); !one)
    return one.why();
  const auto path = database_path + ".lock";
  const auto cannot_write = [&path] {
    return core::refuse(core::refusal::forbidden,
                        "cannot write " + path + ": " + reason() +
                            "; the server needs a folder that it may write in");
  };
  for (;;) {
    constexpr int flags = O_RDWR | O_CREAT | O_CLOEXEC;
    int fd = open(path.c_str(), flags | O_EXCL, 0644);
    const bool is_new = fd >= 0;
    if (!is_new && errno == EEXIST)
      fd = open(path.c_str(), flags, 0644);
    if (fd < 0)
      return cannot_write();
    lock_file held{fd, ""};
    struct flock range {};
    range.l_type = F_WRLCK;
    range.l_whence = SEEK_SET;
    if (fcntl(fd, F_OFD_SETLK, &range) != 0) {
      const auto pid = content(fd);
      return core::refuse(core::refusal::conflict, database_path +
                                                       " is in use by a running server" +
                                                       (pid.empty() ? "" : " (pid " + pid + ")") +
                                                       "; stop that one or name another database");
    }
    if (!is_still(fd, path))
      continue;
    if (is_new)
      held.made_ = path;
    const auto pid = std::to_string(getpid()) + "\n";
    if (ftruncate(fd, 0) != 0 || pwrite(fd, pid.data(), pid.size(), 0) < 0)
      return cannot_write();
    return held;
  }
}

lock_file::lock_file(lock_file&& other) noexcept
    : fd_(std::exchange(other.fd_, -1)), made_(std::exchange(other.made_, {})) {}

lock_file::~lock_file() {
  if (fd_ < 0)
    return;
  // Under the lock, so that whoever had it open finds that it is gone and takes another.
  if (!made_.empty())
    unlink(made_.c_str());
  close(fd_);
}

std::string lock_holder(const std::string& database_path) {
  const auto shm = inode_of(database_path + "-shm");
  const auto main = inode_of(database_path);
  std::string other;
  std::ifstream in{"/proc/locks"};
  for (std::string line; std::getline(in, line);) {
    held_lock l;
    if (!parse(line, l) || l.access != "WRITE")
      continue;
    if (shm != 0 && l.inode == shm && l.first <= wal_write_lock && wal_write_lock <= l.last)
      return describe(l.pid);
    if (main != 0 && l.inode == main)
      other = describe(l.pid);
  }
  return other.empty() ? "an unknown process" : other;
}

} // namespace torc::storage
