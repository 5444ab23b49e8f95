#include "core/resources.hpp"
#include "core/time.hpp"

#include <boost/test/unit_test.hpp>

#include <string>

using namespace torc::core;

BOOST_AUTO_TEST_SUITE(values)

BOOST_AUTO_TEST_CASE(memory_is_an_integer_with_a_power_of_1024) {
  BOOST_TEST(*parse_memory("0") == 0);
  BOOST_TEST(*parse_memory("7") == 7);
  BOOST_TEST(*parse_memory("10k") == 10'240);
  BOOST_TEST(*parse_memory("512m") == 536'870'912);
  BOOST_TEST(*parse_memory("2G") == 2'147'483'648);
  BOOST_TEST(*parse_memory("1T") == 1'099'511'627'776);
  BOOST_TEST(*parse_memory("4194304t") == int64_t{1} << 62);
}

BOOST_AUTO_TEST_CASE(other_memory_is_refused) {
  for (const auto* text : {"", "m", "-1m", "1.5g", "1 g", "1gb", "1x", " 1m", "4194305t", "+1m",
                           "99999999999999999999", "0x10"})
    BOOST_TEST(!parse_memory(text).ok(), text);
}

BOOST_AUTO_TEST_CASE(durations_add_up) {
  BOOST_TEST(*parse_duration("PT1M") == 60);
  BOOST_TEST(*parse_duration("P0DT1M") == 60);
  BOOST_TEST(*parse_duration("PT1H30M") == 5'400);
  BOOST_TEST(*parse_duration("P1DT12H") == 129'600);
  BOOST_TEST(*parse_duration("P2W") == 1'209'600);
  BOOST_TEST(*parse_duration("P1Y") == 31'557'600);
  BOOST_TEST(*parse_duration("P1M") == 2'629'800);
  BOOST_TEST(*parse_duration("PT90.7S") == 90);
}

BOOST_AUTO_TEST_CASE(other_durations_are_refused) {
  for (const auto* text :
       {"", "P", "PT", "1H", "PT1", "P1H", "PT1D", "PT1M1H", "P1DT", "PT-1M", "PT1.5H", "pt1m",
        "PT1H ", "01:00:00", "PT1H1H", "P99999999999999999999Y"})
    BOOST_TEST(!parse_duration(text).ok(), text);
}

BOOST_AUTO_TEST_CASE(a_job_fits_where_nothing_is_short) {
  const needs n{2, 1, 1, 100, 60};
  const capacity enough{2, 1, 1, 100, 60};
  BOOST_TEST(fits(n, enough));
  for (auto short_of : {&capacity::num_cpus, &capacity::num_gpus, &capacity::num_nodes}) {
    auto c = enough;
    --(c.*short_of);
    BOOST_TEST(!fits(n, c));
  }
  auto c = enough;
  c.memory_bytes = 99;
  BOOST_TEST(!fits(n, c));
  c = enough;
  c.time_limit_s = 59;
  BOOST_TEST(!fits(n, c));
  c.time_limit_s.reset();
  BOOST_TEST(fits(n, c));
}

BOOST_AUTO_TEST_CASE(a_moment_is_written_with_milliseconds_in_utc) {
  BOOST_TEST(to_iso8601({0}) == "1970-01-01T00:00:00.000Z");
  BOOST_TEST(to_iso8601({1'769'860'800'123'999}) == "2026-01-31T12:00:00.123Z");
  BOOST_TEST(to_iso8601({-1}) == "1969-12-31T23:59:59.999Z");
}

BOOST_AUTO_TEST_CASE(milliseconds_from_outside_are_held_within_the_years_1970_to_9999) {
  BOOST_TEST(instant_of_ms(1'769'860'800'123).us == 1'769'860'800'123'000);
  for (const auto early : {INT64_MIN, int64_t{-1}, int64_t{0}})
    BOOST_TEST(instant_of_ms(early).us == 0);
  for (const auto late : {int64_t{253'402'300'799'999}, int64_t{253'402'300'800'000}, INT64_MAX})
    BOOST_TEST(to_iso8601(instant_of_ms(late)) == "9999-12-31T23:59:59.999Z");
}

BOOST_AUTO_TEST_CASE(a_written_moment_is_read_again) {
  BOOST_TEST(from_iso8601("2026-01-31T12:00:00.123Z")->us == 1'769'860'800'123'000);
  BOOST_TEST(from_iso8601("2026-01-31T14:00:00.123456+02:00")->us == 1'769'860'800'123'456);
  BOOST_TEST(from_iso8601("2026-01-31T07:00:00-05:00")->us == 1'769'860'800'000'000);
  BOOST_TEST(from_iso8601("2024-02-29T00:00:00Z").has_value());
  for (const auto us : {int64_t{0}, int64_t{951'782'400'000'000}, int64_t{4'102'444'799'999'000}})
    BOOST_TEST(from_iso8601(to_iso8601({us}))->us == us);
}

BOOST_AUTO_TEST_CASE(what_is_no_moment_is_not_read) {
  for (const auto* text :
       {"", "2026-01-31", "2026-02-30T00:00:00Z", "2026-01-31T25:00:00Z", "2026-01-31T12:00:00",
        "2026-01-31T12:00:00Zx", "2026-13-01T00:00:00Z", "2026-01-31T12:00:00.Z"})
    BOOST_TEST(!from_iso8601(text).has_value(), text);
}

BOOST_AUTO_TEST_SUITE_END()
