#pragma once

#include "net/api/services.hpp"

#include <algorithm>
#include <vector>

/// Lists of rows as replies.
namespace torc::net::api {

/// One page, or 404 where the workflow is not.
template <class Row>
reply page_reply(core::read_model& r, const core::filter& f, int64_t max_limit = core::max_page) {
  if (!r.workflow(f.workflow))
    return refusal_reply(no_workflow(f.workflow));
  const auto page = r.page_where<Row>(f);
  return list_reply(page.items, f.at.offset, page.total, &json::write<Row>, max_limit);
}

/// The page of those rows that `wanted` accepts, where no column tells.
template <class Row, class Wanted>
reply wanted_page_reply(core::read_model& r, core::filter f, Wanted wanted) {
  if (!r.workflow(f.workflow))
    return refusal_reply(no_workflow(f.workflow));
  const auto at = f.at;
  f.at.offset = 0;
  f.at.limit = core::max_page;
  auto rows = r.page_where<Row>(f).items;
  std::erase_if(rows, [&](const Row& row) { return !wanted(row); });
  const auto total = static_cast<int64_t>(rows.size());
  const auto first = std::min(at.offset, total);
  const auto last = first + std::min(at.limit, total - first);
  const std::vector<Row> page(rows.begin() + first, rows.begin() + last);
  return list_reply(page, at.offset, total, &json::write<Row>);
}

} // namespace torc::net::api
