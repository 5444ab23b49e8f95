#include "storage/sqlite.hpp"

#include "core/result.hpp"
#include "storage/statement.hpp"

#include <atomic>
#include <chrono>
#include <thread>

namespace torc::storage {

namespace {

std::atomic<int64_t> busy_total{0};

constexpr auto poll_interval = std::chrono::milliseconds{2};
constexpr int64_t first_notice_ms = 500;
constexpr int64_t notice_interval_ms = 60'000;

/// A checkpoint is due when the log has so many pages, and begins it anew. Fewer cost a large
/// workflow more than they save.
constexpr int64_t log_pages = 20000;
/// The file format of SQLite's log: a header, then pages of 4,096 bytes with a header each.
constexpr int64_t log_header_bytes = 32;
constexpr int64_t log_page_bytes = 24 + 4096;

/// Nobody asks SQLite how much memory it has, and counting it takes a mutex at every allocation.
void forgo_memory_statistics() {
  static const int once = sqlite3_config(SQLITE_CONFIG_MEMSTATUS, 0);
  static_cast<void>(once); // Refused when SQLite is in use already, which does no harm.
}

int64_t monotonic_ms() {
  using namespace std::chrono;
  return duration_cast<milliseconds>(steady_clock::now().time_since_epoch()).count();
}

/// Zeros from the end of a file on. A disk that is full or broken will say so to the next commit.
void lay_out(sqlite3_file& log, int64_t bytes) {
  sqlite3_int64 end = 0;
  if (log.pMethods->xFileSize(&log, &end) != SQLITE_OK)
    return;
  // SQLite's own VFS takes less than 128 KiB at once.
  const std::string zeros(size_t{1} << 16, '\0');
  const auto size = static_cast<sqlite3_int64>(zeros.size());
  for (; end < bytes; end += size)
    if (log.pMethods->xWrite(&log, zeros.data(), static_cast<int>(size), end) != SQLITE_OK)
      return;
}

/// What is wrong and what to do, for those who keep the server.
const char* advice(int code) {
  switch (code & 0xff) {
  case SQLITE_FULL:
    return ": its disk is full. What was acknowledged is safe; make space and start the server "
           "again";
  case SQLITE_CORRUPT:
  case SQLITE_NOTADB:
    return ": a page of the file is damaged. Nothing more is written to it; put it aside and start "
           "the server on a copy that torc-server backup made";
  case SQLITE_IOERR:
    return ": its disk cannot be read or written. Look at the disk and the kernel's log, then "
           "start the server again";
  case SQLITE_READONLY:
  case SQLITE_PERM:
    return ": the file may not be written. Make it so and start the server again";
  default:
    return "";
  }
}

std::string shortened(std::string_view sql) {
  constexpr size_t longest = 60;
  std::string text;
  for (const char c : sql) {
    const bool blank = c == ' ' || c == '\n' || c == '\t';
    if (blank && (text.empty() || text.back() == ' '))
      continue;
    if (text.size() == longest)
      return text + "...";
    text += blank ? ' ' : c;
  }
  return text;
}

} // namespace

int64_t busy_results() {
  return busy_total.load(std::memory_order_relaxed);
}

database::database(sqlite3* db) : db_(db) {
  sqlite3_extended_result_codes(db_, 1);
  sqlite3_busy_handler(db_, busy, this);
}

database::~database() {
  patient_ = false;
  sqlite3_close_v2(db_);
}

std::unique_ptr<database> database::open(const std::string& path, mode m, std::string& why) {
  const int flags =
      m == mode::read_only ? SQLITE_OPEN_READONLY : SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE;
  forgo_memory_statistics();
  sqlite3* raw = nullptr;
  if (sqlite3_open_v2(path.c_str(), &raw, flags | SQLITE_OPEN_NOMUTEX, nullptr) != SQLITE_OK) {
    why = raw ? sqlite3_errmsg(raw) : "out of memory";
    sqlite3_close_v2(raw);
    return nullptr;
  }
  return std::unique_ptr<database>{new database{raw}};
}

/// core::fault ends the process without closing anything: nothing more is written to the file.
void database::fail(std::string_view doing) const {
  const auto* file = sqlite3_db_filename(db_, "main");
  const int code = sqlite3_extended_errcode(db_);
  core::fault(std::string{"database "} + (file ? file : "?") + ": " + sqlite3_errmsg(db_) + " (" +
              std::to_string(code) + ")" + advice(code) + "; met in: " + shortened(doing));
}

/// A foreign lock sends no message: it is asked for again and again, here and in the DB writer.
int database::busy(void* self, int) {
  auto& db = *static_cast<database*>(self);
  if (!db.patient_)
    return 0;
  db.note_lock();
  std::this_thread::sleep_for(poll_interval);
  return 1;
}

void database::note_lock() {
  busy_total.fetch_add(1, std::memory_order_relaxed);
  const auto now = monotonic_ms();
  if (waiting_since_ms_ == 0) {
    waiting_since_ms_ = now;
    told_ms_ = 0;
  }
  const bool due = told_ms_ == 0 ? now - waiting_since_ms_ >= first_notice_ms
                                 : now - told_ms_ >= notice_interval_ms;
  if (due) {
    told_ms_ = now;
    if (listener_)
      listener_(true);
  }
}

void database::lock_gone() {
  if (waiting_since_ms_ == 0)
    return;
  waiting_since_ms_ = 0;
  if (std::exchange(told_ms_, 0) != 0 && listener_)
    listener_(false);
}

void database::tune_writer(bool full_sync) {
  execute("PRAGMA journal_mode=WAL");
  execute(full_sync ? "PRAGMA synchronous=FULL" : "PRAGMA synchronous=NORMAL");
  sqlite3_wal_hook(db_, committed, this); // in place of SQLite's own checkpoints
  execute("PRAGMA cache_size=-32000");    // 32 MB
  execute("PRAGMA temp_store=MEMORY");
  execute("PRAGMA foreign_keys=OFF");
}

void database::tune_reader() {
  execute("PRAGMA query_only=ON");
  execute("PRAGMA cache_size=-8000"); // 8 MB
  execute("PRAGMA mmap_size=67108864");
  execute("PRAGMA temp_store=MEMORY");
}

void database::execute(const char* sql) {
  if (sqlite3_exec(db_, sql, nullptr, nullptr, nullptr) != SQLITE_OK)
    fail(sql);
}

void database::begin_immediate() {
  while (!try_begin_immediate())
    std::this_thread::sleep_for(poll_interval);
}

bool database::try_begin_immediate() {
  // SQLite reports some locks without asking the busy handler, so it is not asked for any.
  patient_ = false;
  const int rc = sqlite3_exec(db_, "BEGIN IMMEDIATE", nullptr, nullptr, nullptr);
  patient_ = true;
  if (rc != SQLITE_OK && (rc & 0xff) != SQLITE_BUSY)
    fail("BEGIN IMMEDIATE");
  if (rc != SQLITE_OK)
    note_lock();
  else
    lock_gone();
  return rc == SQLITE_OK;
}

int64_t database::number(const char* sql) {
  return statement{*this, sql}.first<int64_t>().value_or(0);
}

int64_t database::pragma(const char* name) {
  return number((std::string{"PRAGMA "} + name).c_str());
}

void database::set_pragma(const char* name, int64_t value) {
  execute(std::string{"PRAGMA "} + name + "=" + std::to_string(value));
}

void database::checkpoint(bool truncate) {
  patient_ = false;
  const int rc = sqlite3_wal_checkpoint_v2(
      db_, nullptr, truncate ? SQLITE_CHECKPOINT_TRUNCATE : SQLITE_CHECKPOINT_PASSIVE, nullptr,
      nullptr);
  patient_ = true;
  if (rc != SQLITE_OK && (rc & 0xff) != SQLITE_BUSY && (rc & 0xff) != SQLITE_LOCKED)
    fail("checkpoint");
}

int database::committed(void* self, sqlite3*, const char*, int pages_in_log) {
  static_cast<database*>(self)->pages_in_log_ = pages_in_log;
  return SQLITE_OK;
}

int64_t database::log_end() const {
  return log_header_bytes + pages_in_log_ * log_page_bytes;
}

bool database::log_is_long() const {
  return pages_in_log_ >= log_pages;
}

void database::lay_out_log(int64_t bytes) {
  sqlite3_file* log = nullptr;
  if (sqlite3_file_control(db_, "main", SQLITE_FCNTL_JOURNAL_POINTER, &log) != SQLITE_OK || !log ||
      !log->pMethods || !try_begin_immediate())
    return;
  lay_out(*log, bytes);
  execute("ROLLBACK");
}

} // namespace torc::storage
