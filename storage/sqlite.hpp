#pragma once

#include <sqlite3.h>

#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <utility>

/// A connection to a database. PRAGMAs are written only here and in sqlite.cpp. What fails is a bug
/// or a broken disk, and so a core::fault, unless it says otherwise.
namespace torc::storage {

/// SQLITE_BUSY results of all connections of this process, since it started.
int64_t busy_results();

/// One connection, for one thread at a time. A lock that somebody else holds is waited for.
class database {
public:
  enum class mode { read_only, read_write_create };
  using lock_listener = std::function<void(bool still_locked)>;

  /// @returns nothing and a sentence in `why` when the file cannot be opened as a database.
  static std::unique_ptr<database> open(const std::string& path, mode m, std::string& why);
  ~database();
  database(const database&) = delete;
  database& operator=(const database&) = delete;

  /// Journal, caches and synchronous for the one writer.
  void tune_writer(bool full_sync);
  /// Small cache, mapped file, no writing.
  void tune_reader();

  void execute(const char* sql);
  void execute(const std::string& sql) { execute(sql.c_str()); }
  /// BEGIN IMMEDIATE, as often as it takes.
  void begin_immediate();
  /// BEGIN IMMEDIATE, once. @returns false while somebody else has the write lock
  bool try_begin_immediate();
  /// The first integer of the first row.
  int64_t number(const char* sql);
  /// @pre name is a name of SQLite's own
  int64_t pragma(const char* name);
  void set_pragma(const char* name, int64_t value);
  /// A checkpoint that waits for nobody. @param truncate also cuts the log file.
  void checkpoint(bool truncate);
  /// Fills the log file's unused part with zeros. To sync a page that overwrites another takes half
  /// the time of one that makes the file longer. Not while somebody else writes.
  /// @pre the log exists: something was written
  void lay_out_log(int64_t bytes);
  /// Bytes of the log that commits have filled since it was begun anew. For the one writer.
  int64_t log_end() const;
  /// Whether the log has become so long that it should be folded in. For the one writer.
  bool log_is_long() const;

  int64_t changes() const { return sqlite3_changes64(db_); }
  int64_t total_changes() const { return sqlite3_total_changes64(db_); }
  /// Called while a foreign lock is waited for, after half a second and then once a minute, and
  /// once when it is gone.
  void on_lock(lock_listener f) { listener_ = std::move(f); }
  sqlite3* handle() const { return db_; }
  [[noreturn]] void fail(std::string_view doing) const;

private:
  explicit database(sqlite3* db);
  static int busy(void* self, int times);
  static int committed(void* self, sqlite3* db, const char* name, int pages_in_log);
  void note_lock();
  void lock_gone();

  sqlite3* db_;
  lock_listener listener_;
  bool patient_ = true; ///< false: a lock is an answer, not something to wait for
  int64_t waiting_since_ms_ = 0;
  int64_t told_ms_ = 0;
  int64_t pages_in_log_ = 0;
};

/// Undone at the end of its life, unless kept.
class savepoint {
public:
  explicit savepoint(database& db) : db_(db) { db_.execute("SAVEPOINT edit"); }
  ~savepoint() {
    if (!kept_)
      db_.execute("ROLLBACK TO edit; RELEASE edit");
  }
  savepoint(const savepoint&) = delete;
  savepoint& operator=(const savepoint&) = delete;
  void keep() {
    db_.execute("RELEASE edit");
    kept_ = true;
  }

private:
  database& db_;
  bool kept_ = false;
};

} // namespace torc::storage
