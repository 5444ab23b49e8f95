#include "storage/backup.hpp"

#include "storage/copy.hpp"
#include "storage/lock_file.hpp"
#include "storage/schema.hpp"

#include <filesystem>

namespace torc::storage {

using core::refusal;
using core::refuse;

namespace {

std::vector<table_digest> all_digests(database& db, const core::new_digest& hash) {
  std::vector<table_digest> all;
  for (const auto& table : tables_of(db))
    all.push_back(digest_of(db, table, hash));
  return all;
}

core::result<core::nothing> compare(const std::vector<table_digest>& before,
                                    const std::vector<table_digest>& after) {
  for (size_t i = 0; i < before.size(); ++i)
    if (i >= after.size() || before[i] != after[i])
      return refuse(refusal::unprocessable, "the copy has other rows than the database in table " +
                                                before[i].table + "; is the disk sound?");
  if (after.size() != before.size())
    return refuse(refusal::unprocessable, "the copy has other tables than the database");
  return core::nothing{};
}

} // namespace

int64_t backup_report::rows() const {
  int64_t all = 0;
  for (const auto& t : tables)
    all += t.rows;
  return all;
}

core::result<backup_report> back_up(const std::string& path, const std::string& to,
                                    const core::new_digest& hash) {
  std::error_code none;
  if (!std::filesystem::is_regular_file(path, none) || std::filesystem::file_size(path, none) == 0)
    return refuse(refusal::not_found, "there is no database " + path);
  if (auto ok = check_names(path); !ok)
    return ok.why();
  if (auto ok = check_header(path); !ok)
    return ok.why();
  std::string why;
  auto db = database::open(path, database::mode::read_only, why);
  if (!db)
    return refuse(refusal::forbidden, "cannot read the database " + path + ": " + why);
  db->tune_reader();
  db->execute("BEGIN");
  if (auto ok = recognise(*db, path, migrations()); !ok)
    return ok.why();
  backup_report report;
  report.tables = all_digests(*db, hash);
  auto copied = copy_database(
      *db, to, [&](database& copy) { return compare(report.tables, all_digests(copy, hash)); });
  db->execute("COMMIT");
  if (!copied)
    return copied.why();
  report.bytes = static_cast<int64_t>(std::filesystem::file_size(to, none));
  return report;
}

} // namespace torc::storage
