#include "cli/client/api.hpp"
#include "cli/run/host.hpp"
#include "cli/run/run_log.hpp"

#include <boost/test/unit_test.hpp>

using namespace torc::cli;

BOOST_AUTO_TEST_SUITE(this_machine)

BOOST_AUTO_TEST_CASE(has_as_much_memory_as_the_kernel_says) {
  BOOST_TEST(memory_total("MemTotal:       24576 kB\nMemFree: 1 kB\n") == 24576LL * 1024);
  BOOST_TEST(memory_total("nothing") == 0);
  BOOST_TEST(detect_host().memory_bytes > 0);
  BOOST_TEST(detect_host().num_cpus >= 1);
}

BOOST_AUTO_TEST_CASE(has_the_devices_that_are_visible) {
  BOOST_TEST(device_count("") == 0);
  BOOST_TEST(device_count("-1") == 0);
  BOOST_TEST(device_count("0") == 1);
  BOOST_TEST(device_count("0,2,3") == 3);
}

BOOST_AUTO_TEST_CASE(ends_when_the_user_says) {
  const int64_t noon_us = 1'769'860'800'000'000; // 2026-01-31T12:00:00Z
  BOOST_TEST(*seconds_until("2026-01-31T12:01:00Z", noon_us) == 60);
  BOOST_TEST(!seconds_until("2026-01-31T11:59:00Z", noon_us).ok());
  BOOST_TEST(!seconds_until("soon", noon_us).ok());
}

BOOST_AUTO_TEST_CASE(writes_its_log_where_torc_does) {
  BOOST_TEST(run_log::path_of("out", "node7", 3, 1) == "out/job_runner_node7_wf3_r1.log");
}

BOOST_AUTO_TEST_SUITE_END()

BOOST_AUTO_TEST_SUITE(an_answer)

BOOST_AUTO_TEST_CASE(is_an_error_in_words_whatever_its_form) {
  BOOST_TEST(error_of({404, R"({"error":{"message":"no workflow 7"}})"}).message ==
             "no workflow 7 (HTTP 404)");
  BOOST_TEST(error_of({422, R"({"error":{"error":"Forbidden","message":"not yours"}})"}).message ==
             "not yours (HTTP 422)");
  BOOST_TEST(error_of({500, "An internal error occurred"}).message ==
             "An internal error occurred (HTTP 500)");
  BOOST_TEST((error_of({404, ""}).why == torc::core::refusal::not_found));
}

BOOST_AUTO_TEST_CASE(may_need_a_password_as_http_wants_it) {
  BOOST_TEST(basic_authorization("Aladdin", "open sesame") == "Basic QWxhZGRpbjpvcGVuIHNlc2FtZQ==");
  BOOST_TEST(basic_authorization("a", "b") == "Basic YTpi");
  BOOST_TEST(basic_authorization("a", "bc") == "Basic YTpiYw==");
  BOOST_TEST(basic_authorization("a", "bcd") == "Basic YTpiY2Q=");
}

BOOST_AUTO_TEST_CASE(tells_a_missing_endpoint_from_a_missing_thing) {
  BOOST_TEST(lacks_endpoint({404, ""}));
  BOOST_TEST(lacks_endpoint({405, ""}));
  BOOST_TEST(!lacks_endpoint({404, R"({"error":{"message":"no workflow 7"}})"}));
  BOOST_TEST(!lacks_endpoint({200, ""}));
}

BOOST_AUTO_TEST_SUITE_END()
