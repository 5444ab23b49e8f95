#include "telemetry/histogram.hpp"

#include <algorithm>
#include <cmath>

namespace torc::telemetry {

histogram& histogram::operator+=(const histogram& other) {
  for (size_t i = 0; i < buckets::count; ++i)
    at_[i] += other.at_[i];
  count_ += other.count_;
  sum_ += other.sum_;
  return *this;
}

histogram& histogram::operator-=(const histogram& other) {
  for (size_t i = 0; i < buckets::count; ++i)
    at_[i] -= other.at_[i];
  count_ -= other.count_;
  sum_ -= other.sum_;
  return *this;
}

uint64_t histogram::quantile(double share) const {
  const auto wanted = std::max(1.0, std::ceil(share * static_cast<double>(count_)));
  uint64_t seen = 0;
  for (size_t i = 0; i < buckets::count; ++i) {
    seen += at_[i];
    if (static_cast<double>(seen) >= wanted)
      return buckets::highest_in(i);
  }
  return 0;
}

uint64_t histogram::max() const {
  for (size_t i = buckets::count; i-- > 0;)
    if (at_[i] > 0)
      return buckets::highest_in(i);
  return 0;
}

uint64_t histogram::count_up_to(uint64_t value) const {
  uint64_t seen = 0;
  for (size_t i = 0; i < buckets::count && buckets::highest_in(i) <= value; ++i)
    seen += at_[i];
  return seen;
}

} // namespace torc::telemetry
