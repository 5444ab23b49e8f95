#include "storage/schema.hpp"

#include <filesystem>

namespace torc::storage {

namespace {

bool has_table(database& db, std::string_view name) {
  return statement{db, "SELECT 1 FROM sqlite_schema WHERE name = ?1"}.any(name);
}

} // namespace

core::result<core::nothing> recognise(database& db, const std::string& path,
                                      std::span<const migration> steps) {
  const auto id = db.pragma("application_id");
  const auto version = db.pragma("user_version");
  const bool empty = db.number("SELECT count(*) FROM sqlite_schema") == 0;
  if (id == 0 && version == 0 && empty)
    return core::nothing{};
  if (id != application_id && has_table(db, "_sqlx_migrations"))
    return core::refuse(core::refusal::conflict,
                        path + " is a database of torc 0.x, which this server cannot use; name "
                               "another file");
  if (id != application_id)
    return core::refuse(core::refusal::conflict,
                        path + " is a database of another program; name another file");
  if (version > steps.back().version)
    return core::refuse(core::refusal::conflict,
                        path + " was written by a newer version of this server (schema " +
                            std::to_string(version) + ", this one knows " +
                            std::to_string(steps.back().version) + "); start that one");
  return core::nothing{};
}

void migrate(database& db, const std::string& path, std::span<const migration> steps) {
  const auto from = db.pragma("user_version");
  if (from == steps.back().version)
    return;
  if (from > 0) {
    // A copy of that name is of an attempt that did not end: the database is still at `from`.
    const auto copy = path + ".v" + std::to_string(from) + ".backup";
    std::error_code ignored;
    std::filesystem::remove(copy, ignored);
    db.copy_to(copy);
  }
  db.begin_immediate();
  for (const auto& s : steps)
    if (s.version > from)
      db.execute(std::string{s.sql});
  db.set_pragma("application_id", application_id);
  db.set_pragma("user_version", steps.back().version);
  db.execute("COMMIT");
}

} // namespace torc::storage
