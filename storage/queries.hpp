#pragma once

#include "core/read_model.hpp"
#include "storage/columns.hpp"
#include "storage/statement.hpp"

#include <map>
#include <memory>
#include <string>
#include <utility>
#include <variant>
#include <vector>

namespace torc::storage {

/// WHERE, with its values. A term may say "?" once.
class condition {
public:
  using value = std::variant<int64_t, double, std::string>;

  condition& add(std::string term) {
    text_ += (text_.empty() ? " WHERE " : " AND ") + std::move(term);
    return *this;
  }
  condition& add(std::string term, value v);
  /// A term of several values.
  condition& add(std::string term, const std::vector<std::string>& all);
  template <class T>
  condition& add_if(const std::optional<T>& v, std::string term) {
    if (v)
      add(std::move(term), value{*v});
    return *this;
  }
  const std::string& text() const { return text_; }
  /// Binds the values behind the first `at`. @returns how many are bound then
  int bind(statement& s, int at = 0) const;

private:
  std::string text_;
  std::vector<value> values_;
};

/// A connection for reading, and the statements that it prepared.
class connection {
public:
  explicit connection(std::unique_ptr<database> db) : db_(std::move(db)) {}
  database& db() { return *db_; }
  /// Prepared once.
  statement& prepare(const std::string& sql);
  /// Forgets all when there are many. @pre no statement is in use
  void trim();

private:
  std::unique_ptr<database> db_;
  std::map<std::string, std::unique_ptr<statement>, std::less<>> prepared_;
};

/// All reads until the end of its life see one state of the file.
class snapshot {
public:
  explicit snapshot(connection& c) : db_(c.db()) {
    c.trim();
    db_.execute("BEGIN");
  }
  ~snapshot() { db_.execute("COMMIT"); }
  snapshot(const snapshot&) = delete;
  snapshot& operator=(const snapshot&) = delete;

private:
  database& db_;
};

/// One page of a list: what to select, from where, in which order.
struct selection {
  std::string columns;
  std::string from;     ///< tables and joins, "FROM" in front
  std::string id_order; ///< ORDER BY in the order of the ids; "%" stands for the direction
  std::string sort;     ///< the column to sort by first, or empty
  /// What counting needs of `from`; empty: all of it.
  std::string count_from = {};
};

/// How many rows the condition holds for.
int64_t count_rows(connection& c, const selection& what, const condition& where);

/// The rows of the page, read with `read`.
template <class Row, class Read>
std::vector<Row> read_items(connection& c, const selection& what, const condition& where,
                            const core::page& at, Read read) {
  const std::string direction = at.reverse ? " DESC" : "";
  std::string order = what.sort.empty() ? "" : what.sort + direction + ", ";
  for (char ch : what.id_order)
    ch == '%' ? order += direction : order += ch;
  auto& s = c.prepare("SELECT " + what.columns + " " + what.from + where.text() + " ORDER BY " +
                      order + " LIMIT ? OFFSET ?");
  const int bound = where.bind(s);
  s.bind(bound + 1, std::clamp<int64_t>(at.limit, 0, core::max_page));
  s.bind(bound + 2, std::max<int64_t>(at.offset, 0));
  std::vector<Row> items;
  for (auto r = s.query(); r.next();)
    items.push_back(read(r));
  return items;
}

/// The page, and how many rows the condition holds for: counted where the page does not show it
/// and nobody knows.
template <class Row, class Read>
core::page_of<Row> read_page(connection& c, const selection& what, const condition& where,
                             const core::page& at, Read read,
                             std::optional<int64_t> known_total = {}) {
  const auto limit = std::clamp<int64_t>(at.limit, 0, core::max_page);
  const auto offset = std::max<int64_t>(at.offset, 0);
  core::page_of<Row> page;
  page.items = read_items<Row>(c, what, where, at, read);
  const auto count = static_cast<int64_t>(page.items.size());
  if (count < limit && (count > 0 || offset == 0))
    page.total = offset + count;
  else
    page.total = known_total ? *known_total : count_rows(c, what, where);
  return page;
}

/// `wanted` if the row has such a column, else nothing: lists are sorted by id then.
template <class Row>
std::string sort_column(const std::string& wanted) {
  for (const auto& name : column_names<Row>())
    if (name == wanted)
      return name;
  return {};
}

/// Rows of workflows that are still arriving are not shown.
inline constexpr auto arrived = "workflow_id NOT IN (SELECT x.workflow_id FROM submission AS x)";

} // namespace torc::storage
