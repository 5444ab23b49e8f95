#include "net/api/crud.hpp"

namespace torc::net::api {

core::filter read_filter(query_reader& q, const std::vector<filter_column>& columns) {
  core::filter f;
  f.workflow.value = q.must_integer("workflow_id");
  f.at = read_page(q);
  for (const auto& column : columns) {
    const auto value = q.text(column.name);
    if (!value)
      continue;
    switch (column.kind) {
    case filter_column::type::text:
      break;
    case filter_column::type::integer:
      q.integer(column.name);
      break;
    case filter_column::type::real:
      q.real(column.name);
      break;
    case filter_column::type::flag:
      q.flag(column.name);
      break;
    }
    f.equals.emplace_back(column.name, *value);
  }
  return f;
}

} // namespace torc::net::api
