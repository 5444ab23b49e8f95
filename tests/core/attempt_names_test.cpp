#include "core/attempt_names.hpp"

#include <boost/test/unit_test.hpp>

BOOST_AUTO_TEST_SUITE(attempt_names)

BOOST_AUTO_TEST_CASE(only_whole_names_of_attempts_are_renamed) {
  const auto more = [](int64_t job) { return job == 9 ? 0 : job + 100; };
  using torc::core::with_new_jobs;
  BOOST_TEST(with_new_jobs("#job-7-attempt-1", more) == "#job-107-attempt-1");
  BOOST_TEST(with_new_jobs(R"({"@id":"#job-7-attempt-1","x":["#job-8-attempt-2"]})", more) ==
             R"({"@id":"#job-107-attempt-1","x":["#job-108-attempt-2"]})");
  BOOST_TEST(with_new_jobs("#job-9-attempt-1", more) == "#job-9-attempt-1");
  for (const auto* as_it_is : {"", "#job-", "#job-7", "#job-x-attempt-1", "job-7-attempt-1",
                               "#job-99999999999999999999-attempt-1", "#job-7-attemp"})
    BOOST_TEST(with_new_jobs(as_it_is, more) == as_it_is);
}

BOOST_AUTO_TEST_SUITE_END()
