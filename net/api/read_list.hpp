#pragma once

#include "core/read_model.hpp"
#include "net/json/document.hpp"

#include <optional>
#include <string>
#include <vector>

namespace torc::net::api {

/// The list `name` of a body that has nothing else: one Row an item, at most a page of them.
/// @param read_one result<Row>(item, rows before it); its refusal is told with the item's place
/// @param things what they are called where they are too many
template <class Row, class ReadOne>
core::result<std::vector<Row>> read_list(std::string_view body, json::unknown_keys& unknown,
                                         std::string_view name, std::string_view things,
                                         ReadOne read_one) {
  using core::refusal;
  json::members from;
  if (const auto opened = json::open(body, from); !opened)
    return opened.why();
  const auto list = from.take(name);
  if (!list || json::kind_of(*list) != json::kind::array)
    return core::refuse(refusal::malformed, "`" + std::string(name) + "` must be a list");
  std::vector<Row> rows;
  std::optional<core::error> wrong;
  json::elements(*list, [&](std::string_view item) {
    auto row = read_one(item, rows);
    if (!row)
      wrong = core::refuse(row.why().why, std::string(name) + "[" + std::to_string(rows.size()) +
                                              "]: " + row.why().message);
    else if (static_cast<int64_t>(rows.size()) == core::max_page)
      wrong = core::refuse(refusal::unprocessable, "more than " + std::to_string(core::max_page) +
                                                       " " + std::string(things) +
                                                       " in one call; send them in parts");
    else
      rows.push_back(std::move(*row));
    return !wrong;
  });
  if (wrong)
    return *wrong;
  unknown.add(from);
  return rows;
}

} // namespace torc::net::api
