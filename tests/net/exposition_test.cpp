#include "net/exposition.hpp"

#include <boost/test/unit_test.hpp>

using torc::net::exposition;
using torc::telemetry::histogram;
using kind = exposition::kind;

BOOST_AUTO_TEST_SUITE(prometheus_text)

BOOST_AUTO_TEST_CASE(has_a_head_for_each_family_and_a_line_for_each_sample) {
  exposition e;
  e.family("a_total", kind::counter, "What it counts.");
  e.add(int64_t{3});
  e.add(0.25, {{"x", "1"}, {"y", "2"}});
  BOOST_TEST(e.take() == "# HELP a_total What it counts.\n# TYPE a_total counter\n"
                         "a_total 3\na_total{x=\"1\",y=\"2\"} 0.25\n");
}

BOOST_AUTO_TEST_CASE(escapes_what_would_break_a_line) {
  exposition e;
  e.family("a", kind::gauge, "A.");
  e.add(int64_t{1}, {{"x", "say \"\\\"\nnow"}});
  BOOST_TEST(e.take().ends_with("a{x=\"say \\\"\\\\\\\"\\nnow\"} 1\n"));
}

BOOST_AUTO_TEST_CASE(shows_times_in_seconds_with_buckets_that_add_up) {
  histogram h;
  h.add(1'500'000, 3);       // 1.5 ms
  h.add(300'000'000'000, 1); // five minutes
  exposition e;
  e.family("t_seconds", kind::histogram, "T.");
  e.add_histogram(h, 1e9, {{"x", "1"}});
  const auto text = e.take();
  for (const char* line :
       {"t_seconds_bucket{x=\"1\",le=\"1e-05\"} 0\n", "t_seconds_bucket{x=\"1\",le=\"0.001\"} 0\n",
        "t_seconds_bucket{x=\"1\",le=\"0.002\"} 3\n", "t_seconds_bucket{x=\"1\",le=\"0.005\"} 3\n",
        "t_seconds_bucket{x=\"1\",le=\"100\"} 3\n", "t_seconds_bucket{x=\"1\",le=\"+Inf\"} 4\n",
        "t_seconds_sum{x=\"1\"} 300.0045\n", "t_seconds_count{x=\"1\"} 4\n"})
    BOOST_TEST(text.find(line) != text.npos, line << "not in\n" << text);
}

BOOST_AUTO_TEST_CASE(shows_sizes_as_they_are) {
  histogram h;
  h.add(7);
  exposition e;
  e.family("n", kind::histogram, "N.");
  e.add_histogram(h, 1);
  const auto text = e.take();
  BOOST_TEST(text.find("n_bucket{le=\"5\"} 0\nn_bucket{le=\"10\"} 1\n") != text.npos, text);
  BOOST_TEST(text.find("n_bucket{le=\"10000\"} 1\nn_bucket{le=\"+Inf\"} 1\n") != text.npos, text);
}

BOOST_AUTO_TEST_CASE(shows_quantiles_of_a_summary) {
  histogram h;
  h.add(31, 99);
  h.add(1'000'000);
  exposition e;
  e.family("s", kind::summary, "S.");
  e.add_summary(h, 1, {{"x", "1"}});
  const auto text = e.take();
  BOOST_TEST(text.find("s{x=\"1\",quantile=\"0.5\"} 31\n") != text.npos, text);
  BOOST_TEST(text.find("s_count{x=\"1\"} 100\n") != text.npos, text);
}

BOOST_AUTO_TEST_SUITE_END()
