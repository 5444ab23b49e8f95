#pragma once

#include "core/read_model.hpp"
#include "core/result.hpp"
#include "storage/queries.hpp"

#include <cstdlib>
#include <type_traits>

namespace torc::storage {

/// A filter's text as the type of the column that it is compared with.
template <class Member>
condition::value as_column_value(const std::string& text) {
  using type = Member;
  if constexpr (is_optional<type>)
    return as_column_value<typename type::value_type>(text);
  else if constexpr (std::same_as<type, bool>)
    return int64_t{text == "true" || text == "1"};
  else if constexpr (std::integral<type> || is_id<type>)
    return int64_t{std::strtoll(text.c_str(), nullptr, 10)};
  else if constexpr (std::floating_point<type>)
    return std::strtod(text.c_str(), nullptr);
  else
    return text;
}

template <class Row>
void add_equals(condition& where, const std::string& name, const std::string& text) {
  bool found = false;
  Row row;
  for_each_column(row, [&](std::string_view column, auto& member, core::field) {
    if (column != name)
      return;
    using type = std::remove_cvref_t<decltype(member)>;
    if constexpr (!is_list<type>) {
      where.add(name + " = ?", as_column_value<type>(text));
      found = true;
    }
  });
  if (!found)
    core::fault("no filter \"" + name + "\" on table " + std::string{Row::table});
}

/// Gets and lists the rows of one table.
template <class Row>
std::optional<Row> get_row(connection& c, int64_t id) {
  const auto table = std::string{Row::table};
  auto& s = c.prepare("SELECT " + column_list<Row>() + " FROM " + table + " WHERE id = ?1 AND " +
                      arrived);
  auto r = s.query(id);
  if (!r.next())
    return std::nullopt;
  return read_row<Row>(r);
}

template <class Row>
core::page_of<Row> list_rows(connection& c, const core::filter& f) {
  condition where;
  where.add("workflow_id = ?", f.workflow.value).add(arrived);
  for (const auto& [name, text] : f.equals)
    add_equals<Row>(where, name, text);
  const selection what{column_list<Row>(), "FROM " + std::string{Row::table}, "id%",
                       sort_column<Row>(f.at.sort_by)};
  return read_page<Row>(c, what, where, f.at,
                        [](const statement::rows& r) { return read_row<Row>(r); });
}

/// Adds core::table_reads<Row> for each Row to Base. `Base::with_row(row)` may fill in what no
/// column holds.
template <class Base, class... Rows>
struct table_reader;

template <class Base>
struct table_reader<Base> : Base {};

template <class Base, class Row, class... Rows>
struct table_reader<Base, Row, Rows...> : table_reader<Base, Rows...> {
  std::optional<Row> get(std::type_identity<Row>, int64_t id) override {
    const snapshot now{*this->c_};
    auto row = get_row<Row>(*this->c_, id);
    if constexpr (std::same_as<Row, core::action_row>)
      if (row)
        this->count_triggers(&*row, 1);
    return row;
  }
  core::page_of<Row> list(std::type_identity<Row>, const core::filter& f) override {
    const snapshot now{*this->c_};
    auto page = list_rows<Row>(*this->c_, f);
    if constexpr (std::same_as<Row, core::action_row>)
      this->count_triggers(page.items.data(), page.items.size());
    return page;
  }
};

} // namespace torc::storage
