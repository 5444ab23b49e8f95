#include "core/parameters.hpp"

#include "core/complaints.hpp"

#include <algorithm>
#include <array>
#include <charconv>
#include <cmath>
#include <optional>

namespace torc::core {

namespace {

std::string_view trim(std::string_view text) {
  constexpr std::string_view blank = " \t\r\n";
  const auto first = text.find_first_not_of(blank);
  if (first == std::string_view::npos)
    return {};
  return text.substr(first, text.find_last_not_of(blank) - first + 1);
}

/// The whole of `text` as a number; names such as "inf" and "nan" are no numbers here.
template <class T>
std::optional<T> number(std::string_view text) {
  if (text.starts_with('+') && !text.starts_with("+-"))
    text.remove_prefix(1);
  const auto digits = text.starts_with('-') ? text.substr(1) : text;
  if (digits.empty() || !((digits[0] >= '0' && digits[0] <= '9') || digits[0] == '.'))
    return std::nullopt;
  T value{};
  const auto end = text.data() + text.size();
  const auto [stop, problem] = std::from_chars(text.data(), end, value);
  if (problem != std::errc{} || stop != end)
    return std::nullopt;
  return value;
}

int decimals_of(std::string_view text) {
  if (text.find_first_of("eE") != std::string_view::npos)
    return 17;
  const auto point = text.find('.');
  return point == std::string_view::npos ? 0 : static_cast<int>(text.size() - point - 1);
}

/// The double nearest to `value` written with that many decimals: 0.1 * 3 becomes 0.3.
double rounded(double value, int decimals) {
  std::array<char, 400> text;
  if (decimals >= 17)
    return value;
  const auto [end, problem] = std::to_chars(text.data(), text.data() + text.size(), value,
                                            std::chars_format::fixed, decimals);
  double exact = value;
  if (problem == std::errc{})
    std::from_chars(text.data(), end, exact);
  return exact;
}

void append_integer(int64_t value, value_format format, std::string& out) {
  std::array<char, 24> text;
  const auto end = std::to_chars(text.data(), text.data() + text.size(), value).ptr;
  const std::string_view digits(text.data() + (value < 0 ? 1 : 0), end);
  const size_t size = digits.size() + (value < 0 ? 1 : 0);
  if (value < 0)
    out += '-';
  if (format.is == value_format::zero_padded && format.digits > size)
    out.append(format.digits - size, '0');
  out += digits;
}

/// Shortest form that reads back the same, without an exponent.
void append_float(double value, value_format format, std::string& out) {
  std::array<char, 800> text;
  const auto first = text.data();
  const auto last = first + text.size();
  const auto end = format.is == value_format::decimals
                       ? std::to_chars(first, last, value, std::chars_format::fixed, format.digits)
                       : std::to_chars(first, last, value, std::chars_format::fixed);
  out.append(first, end.ptr);
}

error bad(std::string text) {
  return refuse(refusal::malformed, std::move(text));
}

error too_many(std::string_view text) {
  return bad("range " + std::string(text) + " has more than " + std::to_string(max_instances) +
             " values");
}

error no_values(std::string_view text) {
  return bad("range " + std::string(text) +
             " has no values; the step must lead from the first "
             "number to the last, so count down with a negative step, as in 10:1:-1");
}

} // namespace

value_format value_format::parse(std::string_view text) {
  const auto read = [](std::string_view digits) -> std::optional<uint16_t> {
    uint32_t value = 0;
    const auto end = digits.data() + digits.size();
    const auto [stop, problem] = std::from_chars(digits.data(), end, value);
    if (problem != std::errc{} || stop != end)
      return std::nullopt;
    return static_cast<uint16_t>(std::min<uint32_t>(value, most_digits));
  };
  if (text.size() < 2)
    return {};
  const auto inner = text.substr(1, text.size() - 2);
  if (text.front() == '0' && text.back() == 'd')
    if (const auto width = read(inner))
      return {zero_padded, *width};
  if (text.front() == '.' && text.back() == 'f')
    if (const auto places = read(inner))
      return {decimals, *places};
  return {};
}

parameter_values::value parameter_values::read_item(const parameter_item& item) {
  if (!item.quoted) {
    if (const auto i = number<int64_t>(item.text))
      return *i;
    if (const auto f = number<double>(item.text))
      return *f;
  }
  return item.text;
}

result<std::vector<parameter_values::value>> parameter_values::read_list(std::string_view text) {
  std::vector<value> values;
  auto rest = trim(text.substr(1, text.size() - 2));
  bool more = !rest.empty();
  while (more) {
    rest = trim(rest);
    const char quote = rest.empty() ? '\0' : rest.front();
    size_t end = 0;
    if (quote == '\'' || quote == '"') {
      const auto close = rest.find(quote, 1);
      if (close == std::string_view::npos)
        return bad("list " + quoted(text) + " has an item whose quote is not closed");
      end = rest.find_first_not_of(" \t\r\n", close + 1);
      if (end != std::string_view::npos && rest[end] != ',')
        return bad("list " + quoted(text) + " needs a comma behind " + quoted(rest.substr(0, end)));
      values.emplace_back(std::string(rest.substr(1, close - 1)));
    } else {
      end = rest.find(',');
      const auto item = trim(rest.substr(0, end));
      if (item.empty())
        return bad("list " + quoted(text) + " has an empty item; write '' for an empty text");
      if (item.front() == '[')
        return bad("list " + quoted(text) +
                   " has a list inside; only numbers and texts can be "
                   "items, and a text that starts with [ needs quotes");
      values.push_back(read_item({std::string(item), false}));
    }
    more = end != std::string_view::npos;
    if (more)
      rest.remove_prefix(end + 1);
    if (values.size() > max_instances)
      return bad("the list has more than " + std::to_string(max_instances) + " items");
  }
  return values;
}

result<parameter_values> parameter_values::read_range(std::string_view text) {
  std::array<std::string_view, 3> part;
  size_t parts = 0;
  for (auto rest = text;; ++parts) {
    const auto colon = rest.find(':');
    if (parts < part.size())
      part[parts] = trim(rest.substr(0, colon));
    if (colon == std::string_view::npos)
      break;
    rest.remove_prefix(colon + 1);
  }
  ++parts;
  const auto not_a_range = [&] {
    return bad("parameter value " + quoted(text) +
               " has a colon but is not a range of numbers such "
               "as 1:100 or 0.0:1.0:0.1; if it is meant as text, quote it in a list: \"['...']\"");
  };
  if (parts > 3)
    return not_a_range();
  if (parts < 3)
    part[2] = "1";
  parameter_values range;
  const auto start = number<int64_t>(part[0]), end = number<int64_t>(part[1]),
             step = number<int64_t>(part[2]);
  if (start && end && step) {
    if (*step == 0)
      return bad("range " + std::string(text) + " has the step 0");
    if (*step > 0 ? *start > *end : *start < *end)
      return no_values(text);
    const auto width = *step > 0 ? static_cast<uint64_t>(*end) - static_cast<uint64_t>(*start)
                                 : static_cast<uint64_t>(*start) - static_cast<uint64_t>(*end);
    const auto stride = *step > 0 ? static_cast<uint64_t>(*step) : 0 - static_cast<uint64_t>(*step);
    if (width / stride >= max_instances)
      return too_many(text);
    range.values_ = int_range{*start, *step};
    range.size_ = static_cast<uint32_t>(width / stride + 1);
    return range;
  }
  const auto from = number<double>(part[0]), to = number<double>(part[1]),
             by = number<double>(part[2]);
  if (!from || !to || !by)
    return not_a_range();
  if (*by == 0)
    return bad("range " + std::string(text) + " has the step 0");
  // torc's tolerance, but never enough for another step.
  const double tolerance = std::min(1e-10, std::abs(*by) * 1e-3);
  const double steps = ((*to - *from) * (*by > 0 ? 1 : -1) + tolerance) / std::abs(*by);
  if (!(steps >= 0))
    return no_values(text);
  if (steps >= static_cast<double>(max_instances))
    return too_many(text);
  range.values_ = float_range{
      *from, *by, std::max({decimals_of(part[0]), decimals_of(part[1]), decimals_of(part[2])})};
  range.size_ = static_cast<uint32_t>(steps) + 1;
  return range;
}

result<parameter_values> parameter_values::parse(const parameter_spec& p) {
  parameter_values parsed;
  std::vector<value> list;
  if (p.items) {
    for (const auto& item : *p.items)
      list.push_back(read_item(item));
  } else {
    auto text = trim(p.text.value);
    // Braces around a value are a common slip: {1:100} is meant as 1:100.
    if (text.size() >= 2 && text.starts_with('{') && text.ends_with('}') &&
        text.find(',') == std::string_view::npos)
      text = trim(text.substr(1, text.size() - 2));
    if (text.starts_with('[')) {
      if (!text.ends_with(']') || text.size() < 2)
        return bad("list " + quoted(text) + " is not closed; put a ] at its end");
      auto items = read_list(text);
      if (!items)
        return items.why();
      list = std::move(items).value();
    } else if (text.find(':') != std::string_view::npos) {
      return read_range(text);
    } else {
      list.push_back(read_item({std::string(text), false}));
    }
  }
  if (list.size() > max_instances)
    return bad("the list has more than " + std::to_string(max_instances) + " items");
  if (list.empty())
    return bad("the list is empty; give it at least one value, or there is nothing to run");
  parsed.size_ = static_cast<uint32_t>(list.size());
  parsed.values_ = std::move(list);
  return parsed;
}

parameter_values::value parameter_values::at(uint32_t index) const {
  if (const auto range = std::get_if<int_range>(&values_)) // Unsigned, as a product may overflow.
    return static_cast<int64_t>(static_cast<uint64_t>(range->start) +
                                index * static_cast<uint64_t>(range->step));
  if (const auto range = std::get_if<float_range>(&values_))
    return rounded(range->start + index * range->step, range->decimals);
  return std::get<std::vector<value>>(values_)[index];
}

void parameter_values::append(uint32_t index, value_format format, std::string& out) const {
  if (const auto list = std::get_if<std::vector<value>>(&values_))
    if (const auto text = std::get_if<std::string>(&(*list)[index])) {
      out += *text;
      return;
    }
  const auto v = at(index);
  if (const auto i = std::get_if<int64_t>(&v))
    append_integer(*i, format, out);
  else if (const auto f = std::get_if<double>(&v))
    append_float(*f, format, out);
}

text_template::text_template(std::string_view text, std::span<const std::string_view> parameters) {
  std::string before;
  size_t at = 0;
  while (at < text.size()) {
    const auto open = text.find('{', at);
    before += text.substr(at, open - at);
    if (open == std::string_view::npos)
      break;
    const auto inside = text.substr(open + 1);
    const auto name = std::find_if(parameters.begin(), parameters.end(), [&](std::string_view p) {
      return inside.starts_with(p) && inside.size() > p.size() &&
             (inside[p.size()] == '}' || inside[p.size()] == ':');
    });
    const auto close = name == parameters.end() ? std::string_view::npos : inside.find('}');
    if (close == std::string_view::npos) {
      before += '{';
      at = open + 1;
      continue;
    }
    const auto format =
        close == name->size()
            ? value_format{}
            : value_format::parse(inside.substr(name->size() + 1, close - name->size() - 1));
    pieces_.push_back(
        {std::move(before), static_cast<uint32_t>(name - parameters.begin()), format});
    before.clear();
    at = open + close + 2;
  }
  rest_ = std::move(before);
}

void text_template::render(std::span<const parameter_values* const> values,
                           std::span<const uint32_t> index, std::string& out) const {
  for (const auto& p : pieces_) {
    out += p.before;
    values[p.parameter]->append(index[p.parameter], p.format, out);
  }
  out += rest_;
}

} // namespace torc::core
