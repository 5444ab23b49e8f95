#pragma once

#include <boost/json.hpp>

#include <cstdint>
#include <iosfwd>
#include <optional>
#include <string>
#include <string_view>

/// Small conveniences for JSON that comes from a server and goes to people: a missing or oddly
/// typed member is "nothing", never a crash.
namespace torc::cli {

namespace json = boost::json;

/// Indented by two, members in their order, with a newline at the end.
void print_json(std::ostream& out, const json::value& v);

/// The member, or null where `v` is no object or has none of that name.
const json::value& member(const json::value& v, std::string_view name);

std::optional<int64_t> integer(const json::value& v);
std::optional<double> number(const json::value& v);

/// A cell's text: strings bare, null empty, anything else as JSON.
std::string cell(const json::value& v);

int64_t integer_member(const json::value& v, std::string_view name, int64_t otherwise = 0);
bool bool_member(const json::value& v, std::string_view name, bool otherwise = false);
std::string text_member(const json::value& v, std::string_view name);
/// The member as a list; empty where it is none.
const json::array& list_member(const json::value& v, std::string_view name);

} // namespace torc::cli
