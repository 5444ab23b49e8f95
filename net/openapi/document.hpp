#pragma once

#include <string>
#include <string_view>

namespace torc::net::openapi {

/// The description of the API, OpenAPI 3.1, as JSON. The rows' schemas are made from their `fields`
/// visitors, as their JSON is.
std::string document(std::string_view version);

} // namespace torc::net::openapi
