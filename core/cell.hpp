#pragma once

#include <cstdint>
#include <string>
#include <variant>
#include <vector>

/// Rows of any table as values and as text: for what copies tables whole and does not ask what is
/// in them.
namespace torc::core {

/// What a column holds: nothing, a whole number, a number or a text.
using cell = std::variant<std::monostate, int64_t, double, std::string>;

/// The row as a JSON list in one line, the line break included. Equal rows are equal texts: a
/// number that is not whole has a point or an exponent, and as few digits as tell it from others.
std::string line_of(const std::vector<cell>& row);

} // namespace torc::core
