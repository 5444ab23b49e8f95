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
  condition& add(std::string term, value v) {
    values_.push_back(std::move(v));
    return add(std::move(term));
  }
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
};

/// Reads the rows of the page with `read`, and counts all that the condition holds for.
template <class Row, class Read>
core::page_of<Row> read_page(connection& c, const selection& what, const condition& where,
                             const core::page& at, Read read) {
  const std::string direction = at.reverse ? " DESC" : "";
  std::string order = what.sort.empty() ? "" : what.sort + direction + ", ";
  for (char ch : what.id_order)
    ch == '%' ? order += direction : order += ch;
  const auto limit = std::clamp<int64_t>(at.limit, 0, core::max_page);
  const auto offset = std::max<int64_t>(at.offset, 0);
  auto& s = c.prepare("SELECT " + what.columns + " " + what.from + where.text() + " ORDER BY " +
                      order + " LIMIT ? OFFSET ?");
  core::page_of<Row> page;
  const int bound = where.bind(s);
  s.bind(bound + 1, limit);
  s.bind(bound + 2, offset);
  for (auto r = s.query(); r.next();)
    page.items.push_back(read(r));
  const auto count = static_cast<int64_t>(page.items.size());
  if (count < limit && (count > 0 || offset == 0)) {
    page.total = offset + count;
    return page;
  }
  auto& all = c.prepare("SELECT count(*) " + what.from + where.text());
  where.bind(all);
  page.total = all.first<int64_t>().value_or(0);
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
