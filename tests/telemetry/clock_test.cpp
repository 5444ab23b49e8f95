#include "telemetry/clock.hpp"

#include <boost/test/unit_test.hpp>

using namespace torc::telemetry;

BOOST_AUTO_TEST_SUITE(the_clock)

BOOST_AUTO_TEST_CASE(never_goes_back_on_one_thread) {
  auto last = now_ns();
  for (int i = 0; i < 100'000; ++i) {
    const auto now = now_ns();
    BOOST_TEST_REQUIRE(now >= last);
    last = now;
  }
}

BOOST_AUTO_TEST_CASE(runs_as_fast_as_the_system_s) {
  // Ours is read within the system's for an upper limit, around it for a lower one; a hundredth is
  // far more than the comparison leaves open.
  const auto outer_ours = now_ns();
  const auto begin = detail::steady_ns();
  const auto inner_ours = now_ns();
  while (detail::steady_ns() - begin < 50'000'000) {
  }
  const auto inner = now_ns() - inner_ours;
  const auto system = detail::steady_ns() - begin;
  const auto outer = now_ns() - outer_ours;
  BOOST_TEST(inner <= system + system / 100);
  BOOST_TEST(outer >= system - system / 100);
}

BOOST_AUTO_TEST_SUITE_END()
