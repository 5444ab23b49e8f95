#pragma once

#include "net/http.hpp"
#include "telemetry/lines.hpp"

#include <string>
#include <string_view>
#include <vector>

namespace torc::net {

/// The span that a route is, or `none`.
telemetry::span span_of(std::string_view method, std::string_view pattern);

/// What a call says of itself in its line: the path's parameters by their names, and the query's
/// `workflow_id` and `limit`.
telemetry::fields fields_of(const std::vector<std::string>& pattern,
                            const std::vector<std::string>& path, const query_pairs& query);

} // namespace torc::net
