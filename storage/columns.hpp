#pragma once

#include "core/rows.hpp"
#include "core/rows_more.hpp"
#include "storage/statement.hpp"

#include <algorithm>
#include <string>
#include <string_view>
#include <type_traits>
#include <vector>

/// SQL and rows from the one list of columns that a row type tells (core/rows.hpp).
namespace torc::storage {

/// A JSON list of ids as it lies in a column, and back.
std::string to_list(const std::vector<int64_t>& ids);
std::vector<int64_t> from_list(std::string_view text);

/// Members that are told to the API but lie in no column.
template <class Row>
constexpr bool has_column(std::string_view name) {
  if constexpr (std::same_as<Row, core::action_row>)
    return name != "trigger_count";
  if constexpr (std::same_as<Row, core::workflow_row>)
    return name != "status_id";
  return true;
}

template <class Row, class F>
void for_each_column(Row& row, F&& f) {
  using plain = std::remove_const_t<Row>;
  plain::fields(row, [&f](std::string_view name, auto& member, core::field kind) {
    if (has_column<plain>(name))
      f(name, member, kind);
  });
}

template <class Row>
std::vector<std::string> column_names() {
  std::vector<std::string> names;
  Row row;
  for_each_column(row,
                  [&](std::string_view name, auto&, core::field) { names.emplace_back(name); });
  return names;
}

template <class Row>
std::string column_list(std::string_view prefix = {}) {
  std::string list;
  for (const auto& name : column_names<Row>())
    list += (list.empty() ? "" : ", ") + std::string{prefix} + name;
  return list;
}

template <class Row>
std::string insert_sql() {
  std::string sql =
      "INSERT INTO " + std::string{Row::table} + " (" + column_list<Row>() + ") VALUES (";
  for (size_t i = 1; i <= column_names<Row>().size(); ++i)
    sql += (i > 1 ? ", ?" : "?") + std::to_string(i);
  return sql + ")";
}

/// True for the columns that a replace may write: not the id, the workflow, or the server's own.
inline bool may_replace(std::string_view name, core::field kind) {
  return kind != core::field::assigned && name != "id" && name != "workflow_id";
}

/// A file without a time has none: the one column that a null clears.
template <class Row>
constexpr bool null_clears(std::string_view name) {
  return std::same_as<Row, core::file_row> && name == "st_mtime";
}

/// A null keeps what is stored.
template <class Row>
std::string replace_sql() {
  std::string set;
  int at = 0;
  Row row;
  for_each_column(row, [&](std::string_view name, auto&, core::field kind) {
    ++at;
    if (!may_replace(name, kind))
      return;
    const auto column = std::string{name}, value = "?" + std::to_string(at);
    set += (set.empty() ? "" : ", ") + column + " = " +
           (null_clears<Row>(name) ? value : "ifnull(" + value + ", " + column + ")");
  });
  return "UPDATE " + std::string{Row::table} + " SET " + set + " WHERE id = ?1";
}

template <class T>
inline constexpr bool is_list = std::same_as<T, std::optional<std::vector<int64_t>>>;

/// Binds a row to the parameters of insert_sql or replace_sql. `text` keeps what was made for it.
template <class Row>
void bind_row(statement& s, const Row& row, std::string& text) {
  int at = 0;
  for_each_column(row, [&](std::string_view name, const auto& member, core::field kind) {
    using type = std::remove_cvref_t<decltype(member)>;
    ++at;
    if constexpr (is_list<type>) {
      if (member)
        s.bind_text(at, text = to_list(*member));
      else
        s.bind_null(at);
    } else if constexpr (std::same_as<type, std::optional<core::label_set>>) {
      // No label is none.
      if (member && !member->empty())
        s.bind_text(at, text = core::joined(*member));
      else
        s.bind_null(at);
    } else if constexpr (is_id<type>) {
      // A reference to nothing is null where the row allows it to be missing.
      if (member || kind == core::field::required || name == "id")
        s.bind(at, member);
      else
        s.bind_null(at);
    } else {
      s.bind(at, member);
    }
  });
}

/// The row under the cursor, whose columns were selected with column_list.
template <class Row>
Row read_row(const statement::rows& r) {
  Row row;
  int at = 0;
  for_each_column(row, [&](std::string_view, auto& member, core::field) {
    using type = std::remove_cvref_t<decltype(member)>;
    if constexpr (is_list<type>) {
      if (auto text = r.get<std::optional<std::string>>(at))
        member = from_list(*text);
    } else {
      member = r.get<type>(at);
    }
    ++at;
  });
  return row;
}

} // namespace torc::storage
