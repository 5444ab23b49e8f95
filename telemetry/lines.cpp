#include "telemetry/lines.hpp"

#include <algorithm>
#include <cstdio>

namespace torc::telemetry {

namespace {
std::atomic<void (*)(std::string_view)> printer{nullptr};
} // namespace

void print_lines(void (*print)(std::string_view line)) {
  printer.store(print);
  detail::lines_wanted.store(print != nullptr);
}

fields& fields::add(std::string_view name, int64_t value) {
  return add(name, std::string_view(std::to_string(value)));
}

fields& fields::add(std::string_view name, std::string_view value) {
  if (!text_.empty())
    text_ += ' ';
  text_.append(name).append("=").append(value);
  return *this;
}

std::string name_with(span s, const fields& f, std::string_view parent) {
  std::string out(parent);
  if (!out.empty())
    out += ':';
  out += to_string(s);
  if (!f.text().empty())
    out += '{' + f.text() + '}';
  return out;
}

std::string in_ms(int64_t ns) {
  char text[32];
  std::snprintf(text, sizeof text, "%.4f", static_cast<double>(std::max<int64_t>(ns, 0)) / 1e6);
  std::string out = text;
  while (out.ends_with('0') && !out.ends_with(".0"))
    out.pop_back();
  return out + "ms";
}

void print_close(std::string_view name, int64_t busy_ns, int64_t idle_ns) {
  const auto print = printer.load();
  if (print == nullptr)
    return;
  print(std::string(name) + ": close time.busy=" + in_ms(busy_ns) + " time.idle=" + in_ms(idle_ns));
}

} // namespace torc::telemetry
