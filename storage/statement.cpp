#include "storage/statement.hpp"

namespace torc::storage {

statement::statement(database& db, std::string_view sql) : db_(&db) {
  sqlite3_stmt* raw = nullptr;
  if (sqlite3_prepare_v3(db.handle(), sql.data(), static_cast<int>(sql.size()),
                         SQLITE_PREPARE_PERSISTENT, &raw, nullptr) != SQLITE_OK)
    db.fail(sql);
  raw_.reset(raw);
}

bool statement::step() {
  const int rc = sqlite3_step(raw_.get());
  if (rc == SQLITE_ROW)
    return true;
  if (rc != SQLITE_DONE)
    db_->fail(sqlite3_sql(raw_.get()));
  return false;
}

bool statement::step_unless_constraint() {
  const int rc = sqlite3_step(raw_.get());
  if (rc == SQLITE_DONE)
    return true;
  // A key that is no integer is no constraint to SQLite.
  if ((rc & 0xff) != SQLITE_CONSTRAINT && (rc & 0xff) != SQLITE_MISMATCH)
    db_->fail(sqlite3_sql(raw_.get()));
  return false;
}

void statement::bind_null(int at) {
  sqlite3_bind_null(raw_.get(), at);
}

void statement::bind_number(int at, int64_t value) {
  sqlite3_bind_int64(raw_.get(), at, value);
}

void statement::bind_real(int at, double value) {
  sqlite3_bind_double(raw_.get(), at, value);
}

void statement::bind_text(int at, std::string_view value) {
  if (sqlite3_bind_text64(raw_.get(), at, value.data() ? value.data() : "", value.size(),
                          SQLITE_STATIC, SQLITE_UTF8) != SQLITE_OK)
    db_->fail(sqlite3_sql(raw_.get()));
}

} // namespace torc::storage
