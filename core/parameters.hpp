#pragma once

#include "core/result.hpp"
#include "core/spec.hpp"

#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

namespace torc::core {

/// A spec may make that many jobs, or files, and a parameter may have that many values.
inline constexpr uint64_t max_instances = 5'000'000;

/// What follows the colon in "{i:05d}" or "{lr:.2f}".
struct value_format {
  enum kind : uint8_t { plain, zero_padded, decimals } is = plain;
  uint16_t digits = 0;

  static constexpr uint16_t most_digits = 64;
  /// "05d" pads integers with zeros, ".2f" gives floats two decimals. As in torc, everything else
  /// is plain, and so is a format on a value of the other kind. More than 64 digits are cut to 64.
  static value_format parse(std::string_view text);
};

/// The values of one parameter, in order. Ranges are not written out.
class parameter_values {
public:
  /// "1:100", "1:100:5", "0.0:1.0:0.1", "[1, 2.5, 'a,b']" or a scalar; ends are inclusive.
  /// @returns malformed with a sentence that says what is wrong and what to write.
  static result<parameter_values> parse(const parameter_spec& p);

  uint32_t size() const { return size_; }
  /// Appends the value, as text. @pre index < size()
  void append(uint32_t index, value_format format, std::string& out) const;

private:
  using value = std::variant<int64_t, double, std::string>;
  struct int_range {
    int64_t start = 0, step = 1;
  };
  struct float_range {
    double start = 0, step = 1;
    int decimals = 0; ///< of the longest number the range was written with; values are cut to it
  };

  static value read_item(const parameter_item& item);
  static result<std::vector<value>> read_list(std::string_view text);
  static result<parameter_values> read_range(std::string_view text);
  value at(uint32_t index) const;

  std::variant<std::vector<value>, int_range, float_range> values_;
  uint32_t size_ = 0;
};

/// A text with placeholders, taken apart once and rendered many times. "{p}" and "{p:format}" stand
/// for a value of the parameter p; braces around anything else are text.
class text_template {
public:
  text_template(std::string_view text, std::span<const std::string_view> parameters);

  bool constant() const { return pieces_.empty(); }
  /// Appends the text with the values put in. @param index of the value of each parameter
  void render(std::span<const parameter_values* const> values, std::span<const uint32_t> index,
              std::string& out) const;

private:
  struct piece {
    std::string before; ///< the text in front of the value
    uint32_t parameter = 0;
    value_format format;
  };
  std::vector<piece> pieces_;
  std::string rest_;
};

} // namespace torc::core
