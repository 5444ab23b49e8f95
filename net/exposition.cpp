#include "net/exposition.hpp"

#include <array>
#include <charconv>

namespace torc::net {

namespace {

std::string number(double value) {
  std::array<char, 32> text{};
  const auto end = std::to_chars(text.data(), text.data() + text.size(), value).ptr;
  return {text.data(), end};
}

void put_label(std::string& out, std::string_view name, std::string_view value) {
  out.append(out.ends_with('{') ? "" : ",").append(name).append("=\"");
  for (const char c : value) {
    if (c == '\n') {
      out += "\\n";
      continue;
    }
    if (c == '"' || c == '\\')
      out += '\\';
    out += c;
  }
  out += '"';
}

} // namespace

void exposition::family(std::string_view name, kind what, std::string_view help) {
  constexpr std::array<std::string_view, 4> kinds{"counter", "gauge", "histogram", "summary"};
  name_ = name;
  text_.append("# HELP ").append(name_).append(" ").append(help).append("\n");
  text_.append("# TYPE ").append(name_).append(" ");
  text_.append(kinds[static_cast<size_t>(what)]).append("\n");
}

void exposition::sample(std::string_view suffix, labels with,
                        const std::pair<std::string_view, std::string>& extra,
                        const std::string& value) {
  text_.append(name_).append(suffix);
  if (with.size() > 0 || !extra.first.empty()) {
    text_ += '{';
    for (const auto& [name, content] : with)
      put_label(text_, name, content);
    if (!extra.first.empty())
      put_label(text_, extra.first, extra.second);
    text_ += '}';
  }
  text_.append(" ").append(value).append("\n");
}

void exposition::add(int64_t value, labels with) {
  sample("", with, {}, std::to_string(value));
}

void exposition::add(double value, labels with) {
  sample("", with, {}, number(value));
}

void exposition::add_histogram(const telemetry::histogram& h, double unit, labels with) {
  // 1, 2, 5, 10 and so on: times from 10 microseconds to 100 seconds, sizes from 1 to 10,000.
  const bool is_time = unit > 1;
  const double last = is_time ? 100 * unit : 10'000;
  int step = 0;
  for (double edge = is_time ? 10'000 : 1; edge <= last; edge *= step++ % 3 == 1 ? 2.5 : 2)
    sample("_bucket", with, {"le", number(edge / unit)},
           std::to_string(h.count_up_to(static_cast<uint64_t>(edge))));
  sample("_bucket", with, {"le", "+Inf"}, std::to_string(h.count()));
  sample("_sum", with, {}, number(static_cast<double>(h.sum()) / unit));
  sample("_count", with, {}, std::to_string(h.count()));
}

void exposition::add_summary(const telemetry::histogram& h, double unit, labels with) {
  for (const double share : {0.5, 0.99})
    sample("", with, {"quantile", number(share)},
           number(static_cast<double>(h.quantile(share)) / unit));
  sample("_sum", with, {}, number(static_cast<double>(h.sum()) / unit));
  sample("_count", with, {}, std::to_string(h.count()));
}

} // namespace torc::net
