#pragma once

#include <array>
#include <bit>
#include <cstddef>
#include <cstdint>

namespace torc::telemetry {

/// The buckets of every histogram here, as HdrHistogram lays them out: each power of two in 32
/// equal parts. A value is known to within 1/32 of itself, from 0 to 2^43 (2.4 hours in
/// nanoseconds); larger ones count as the largest.
namespace buckets {

inline constexpr unsigned part_bits = 5;
inline constexpr uint64_t parts = 1U << part_bits;
inline constexpr unsigned highest_bit = 42;
inline constexpr size_t count = (highest_bit - part_bits + 2) * parts;
inline constexpr uint64_t largest = (uint64_t{1} << (highest_bit + 1)) - 1;

constexpr size_t of(uint64_t value) {
  if (value < parts)
    return static_cast<size_t>(value);
  if (value > largest)
    value = largest;
  const auto top = static_cast<unsigned>(std::bit_width(value)) - 1;
  return (top - part_bits + 1) * parts + ((value >> (top - part_bits)) & (parts - 1));
}

/// The least value of a bucket.
constexpr uint64_t lowest_in(size_t bucket) {
  if (bucket < parts)
    return bucket;
  return (parts + bucket % parts) << (bucket / parts - 1);
}

/// The greatest value of a bucket.
constexpr uint64_t highest_in(size_t bucket) {
  return bucket < parts ? bucket : lowest_in(bucket) + (uint64_t{1} << (bucket / parts - 1)) - 1;
}

} // namespace buckets

/// How often which values came. A plain value: histograms are added to and taken from each other.
class histogram {
public:
  void add(uint64_t value, uint64_t times = 1) {
    at_[buckets::of(value)] += times;
    sum_ += value * times;
    count_ += times;
  }
  void add_bucket(size_t bucket, uint64_t times) {
    at_[bucket] += times;
    count_ += times;
  }
  void add_sum(uint64_t sum) { sum_ += sum; }
  histogram& operator+=(const histogram& other);
  /// @pre `other` is an earlier state of this one
  histogram& operator-=(const histogram& other);

  uint64_t count() const { return count_; }
  /// Exact.
  uint64_t sum() const { return sum_; }
  /// The value that this share (0 to 1) of all values do not exceed; 0 where there is none.
  uint64_t quantile(double share) const;
  uint64_t max() const;
  /// How many values are not above `value`, as far as buckets tell.
  uint64_t count_up_to(uint64_t value) const;

private:
  std::array<uint64_t, buckets::count> at_{};
  uint64_t count_ = 0;
  uint64_t sum_ = 0;
};

} // namespace torc::telemetry
