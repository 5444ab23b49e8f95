#include "core/cell.hpp"

#include "core/json_text.hpp"

#include <array>
#include <charconv>
#include <cmath>
#include <string_view>

namespace torc::core {

namespace {

void put_real(std::string& out, double n) {
  if (!std::isfinite(n)) { // JSON has no word for them; the first too large number is as good.
    out += std::isnan(n) ? "null" : n < 0 ? "-1e999" : "1e999";
    return;
  }
  std::array<char, 32> digits{};
  const auto end = std::to_chars(digits.data(), digits.data() + digits.size(), n).ptr;
  const std::string_view text{digits.data(), static_cast<size_t>(end - digits.data())};
  out += text;
  if (text.find_first_of(".e") == text.npos)
    out += ".0";
}

} // namespace

std::string line_of(const std::vector<cell>& row) {
  std::string out = "[";
  for (const auto& c : row) {
    if (out.size() > 1)
      out += ',';
    if (const auto* n = std::get_if<int64_t>(&c))
      out += std::to_string(*n);
    else if (const auto* r = std::get_if<double>(&c))
      put_real(out, *r);
    else if (const auto* s = std::get_if<std::string>(&c))
      out += json_string(*s);
    else
      out += "null";
  }
  return out += "]\n";
}

} // namespace torc::core
