#pragma once

#include "core/result.hpp"

#include <string>
#include <utility>

namespace torc::storage {

/// Refuses a file that has a second name (a hard link). SQLite's log and the lock file lie beside a
/// name, so that each name would have its own, and nobody would hear of the other's.
core::result<core::nothing> check_names(const std::string& database_path);

/// `<database>.lock`: held by the one server of a database as long as it lives, and by nobody after
/// it, however it ended. It contains the holder's pid.
class lock_file {
public:
  /// @returns conflict naming the pid of the server that has it; forbidden where the file cannot be
  /// made or written.
  static core::result<lock_file> take(const std::string& database_path);
  /// The database is ours: from now on the file stays. One that `take` has made goes with the lock
  /// otherwise.
  void keep() { made_.clear(); }
  lock_file(lock_file&& other) noexcept;
  lock_file& operator=(lock_file&&) = delete;
  ~lock_file();

private:
  lock_file(int fd, std::string made) : fd_(fd), made_(std::move(made)) {}
  int fd_ = -1;
  std::string made_; ///< the file's name, where it was not there before
};

/// Who has the write lock of the database, as far as /proc tells: "pid 4711 (sqlite3)".
std::string lock_holder(const std::string& database_path);

} // namespace torc::storage
