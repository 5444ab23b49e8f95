#pragma once

#include "telemetry/histogram.hpp"

#include <cstdint>
#include <initializer_list>
#include <string>
#include <string_view>
#include <utility>

namespace torc::net {

/// Writes Prometheus' text format, version 0.0.4: a family's head, then its samples.
class exposition {
public:
  enum class kind { counter, gauge, histogram, summary };
  using labels = std::initializer_list<std::pair<std::string_view, std::string_view>>;

  /// @param help one sentence without a line break
  void family(std::string_view name, kind what, std::string_view help);
  // Samples of the family that was begun last.
  void add(int64_t value, labels with = {});
  void add(double value, labels with = {});
  /// Of values that are `unit` times too large: 1e9 for nanoseconds that are shown as seconds.
  void add_histogram(const telemetry::histogram& h, double unit, labels with = {});
  /// Quantiles 0.5 and 0.99, sum and count.
  void add_summary(const telemetry::histogram& h, double unit, labels with = {});

  std::string take() { return std::move(text_); }

private:
  void sample(std::string_view suffix, labels with,
              const std::pair<std::string_view, std::string>& extra, const std::string& value);

  std::string text_;
  std::string name_;
};

} // namespace torc::net
