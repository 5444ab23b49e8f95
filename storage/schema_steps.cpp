#include "storage/schema.hpp"

#include "storage/copy.hpp"

#include <array>
#include <filesystem>
#include <fstream>

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

core::result<core::nothing> check_header(const std::string& path) {
  std::ifstream in{path, std::ios::binary};
  std::array<char, 16> head{};
  if (in.read(head.data(), head.size()); in.gcount() == 0)
    return core::nothing{};
  constexpr std::string_view magic{"SQLite format 3\0", 16};
  if (std::string_view{head.data(), static_cast<size_t>(in.gcount())} != magic)
    return core::refuse(core::refusal::conflict, path + " is no database; name another file");
  return core::nothing{};
}

core::result<core::nothing> migrate(database& db, const std::string& path,
                                    std::span<const migration> steps) {
  const auto from = db.pragma("user_version");
  if (from == steps.back().version)
    return core::nothing{};
  if (from > 0) {
    // A copy of that name is of an attempt that did not end: the database is still at `from`.
    const auto copy = path + ".v" + std::to_string(from) + ".backup";
    std::error_code ignored;
    std::filesystem::remove(copy, ignored);
    if (auto made = copy_database(db, copy, {}); !made)
      return core::refuse(made.why().why, "the database " + path +
                                              " is of an earlier version and must be copied before "
                                              "it is changed, but: " +
                                              made.why().message);
  }
  db.begin_immediate();
  for (const auto& s : steps)
    if (s.version > from)
      db.execute(std::string{s.sql});
  db.set_pragma("application_id", application_id);
  db.set_pragma("user_version", steps.back().version);
  db.execute("COMMIT");
  return core::nothing{};
}

} // namespace torc::storage
