#pragma once

#include "core/result.hpp"

#include <string>

namespace torc::storage {

/// `<database>.lock`: held by the one server of a database as long as it lives, and by nobody after
/// it, however it ended. It contains the holder's pid.
class lock_file {
public:
  /// @returns conflict naming the pid of the server that has it; forbidden where the file cannot be
  /// made or written.
  static core::result<lock_file> take(const std::string& database_path);
  lock_file(lock_file&& other) noexcept;
  lock_file& operator=(lock_file&&) = delete;
  ~lock_file();

private:
  explicit lock_file(int fd) : fd_(fd) {}
  int fd_ = -1;
};

/// Who has the write lock of the database, as far as /proc tells: "pid 4711 (sqlite3)".
std::string lock_holder(const std::string& database_path);

} // namespace torc::storage
