#include "telemetry/histogram.hpp"

#include <boost/test/unit_test.hpp>

#include <algorithm>
#include <cmath>
#include <random>
#include <vector>

namespace telemetry = torc::telemetry;
namespace buckets = torc::telemetry::buckets;
using telemetry::histogram;

BOOST_AUTO_TEST_SUITE(a_histogram)

BOOST_AUTO_TEST_CASE(has_buckets_without_gaps_that_are_at_most_a_32nd_wide) {
  BOOST_TEST(buckets::lowest_in(0) == 0U);
  BOOST_TEST(buckets::highest_in(buckets::count - 1) == buckets::largest);
  for (size_t i = 0; i < buckets::count; ++i) {
    const auto low = buckets::lowest_in(i), high = buckets::highest_in(i);
    BOOST_TEST_REQUIRE(buckets::of(low) == i);
    BOOST_TEST_REQUIRE(buckets::of(high) == i);
    BOOST_TEST_REQUIRE((high - low) * 32 <= low);
    if (i > 0)
      BOOST_TEST_REQUIRE(buckets::highest_in(i - 1) + 1 == low);
  }
}

BOOST_AUTO_TEST_CASE(takes_the_largest_number_there_is) {
  histogram h;
  h.add(~uint64_t{0});
  BOOST_TEST(h.max() == buckets::largest);
}

BOOST_AUTO_TEST_CASE(tells_quantiles_to_a_32nd) {
  std::mt19937_64 random{7};
  std::vector<uint64_t> values;
  histogram h;
  for (int i = 0; i < 5000; ++i) {
    values.push_back(random() >> (random() % 40 + 22));
    h.add(values.back());
  }
  std::sort(values.begin(), values.end());
  for (const double share : {0.0, 0.01, 0.5, 0.9, 0.99, 0.999, 1.0}) {
    const auto rank = std::max(1.0, std::ceil(share * 5000));
    const auto exact = static_cast<double>(values[static_cast<size_t>(rank) - 1]);
    const auto told = static_cast<double>(h.quantile(share));
    BOOST_TEST(told >= exact);
    BOOST_TEST(told <= exact * 33 / 32);
  }
  BOOST_TEST(h.max() == h.quantile(1.0));
}

BOOST_AUTO_TEST_CASE(of_two_threads_is_the_histogram_of_both) {
  histogram first, second, both;
  for (uint64_t v = 1; v < 1'000'000'000; v = v * 5 / 3 + 1) {
    (v % 2 ? first : second).add(v, 3);
    both.add(v, 3);
  }
  auto merged = first;
  merged += second;
  for (const double share : {0.1, 0.5, 0.9, 1.0})
    BOOST_TEST(merged.quantile(share) == both.quantile(share));
  BOOST_TEST(merged.count() == both.count());
  BOOST_TEST(merged.sum() == both.sum());
  merged -= first;
  BOOST_TEST(merged.count() == second.count());
  BOOST_TEST(merged.max() == second.max());
}

BOOST_AUTO_TEST_CASE(counts_what_lies_below_an_edge) {
  histogram h;
  for (const uint64_t v : {1U, 10U, 31U, 40U, 1000U})
    h.add(v);
  BOOST_TEST(h.count_up_to(0) == 0U);
  BOOST_TEST(h.count_up_to(31) == 3U);
  BOOST_TEST(h.count_up_to(500) == 4U);
  BOOST_TEST(h.count_up_to(buckets::largest) == 5U);
}

BOOST_AUTO_TEST_CASE(of_nothing_says_zero) {
  const histogram h;
  BOOST_TEST(h.quantile(0.5) == 0U);
  BOOST_TEST(h.max() == 0U);
}

BOOST_AUTO_TEST_SUITE_END()
