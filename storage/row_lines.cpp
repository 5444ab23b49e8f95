#include "storage/row_lines.hpp"

#include <map>

namespace torc::storage {

std::vector<std::string> tables_of(database& db) {
  std::vector<std::string> all;
  statement list{db, "SELECT name FROM sqlite_schema WHERE type = 'table' "
                     "AND name NOT LIKE 'sqlite\\_%' ESCAPE '\\' ORDER BY name"};
  for (auto r = list.query(); r.next();)
    all.push_back(r.get<std::string>(0));
  return all;
}

table_columns columns_of(database& db, const std::string& table) {
  table_columns found;
  std::map<int64_t, std::string> key;
  statement list{db, "SELECT name, pk FROM pragma_table_info(?1) ORDER BY cid"};
  for (auto r = list.query(table); r.next();) {
    found.names.push_back(r.get<std::string>(0));
    if (const auto place = r.get<int64_t>(1); place > 0)
      key[place] = found.names.back();
  }
  for (const auto& [place, name] : key)
    found.key += (found.key.empty() ? "" : ", ") + name;
  return found;
}

std::vector<core::cell> read_cells(const statement::rows& r, size_t count) {
  std::vector<core::cell> row;
  row.reserve(count);
  for (size_t i = 0; i < count; ++i)
    row.push_back(r.get<core::cell>(static_cast<int>(i)));
  return row;
}

table_digest digest_of(database& db, const std::string& table, const core::new_digest& hash) {
  const auto columns = columns_of(db, table);
  std::string list;
  for (const auto& name : columns.names)
    list += (list.empty() ? "\"" : ", \"") + name + "\"";
  statement all{db, "SELECT " + list + " FROM \"" + table + "\" ORDER BY " +
                        (columns.key.empty() ? "rowid" : columns.key)};
  const auto sum = hash();
  table_digest found{table, 0, {}};
  for (auto r = all.query(); r.next(); ++found.rows)
    sum->add(core::line_of(read_cells(r, columns.names.size())));
  found.sum = sum->end();
  return found;
}

} // namespace torc::storage
