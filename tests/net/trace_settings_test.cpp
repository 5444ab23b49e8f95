#include "net/trace_settings.hpp"

#include <boost/test/unit_test.hpp>

#include <map>

using namespace torc;

namespace {

using variables = std::map<std::string, std::string>;

net::trace_settings read(const variables& v) {
  return net::read_trace_settings(
      [&](const char* name) {
        const auto at = v.find(name);
        return at == v.end() ? std::nullopt : std::optional(at->second);
      },
      "torc-server");
}

const std::pair<const std::string, std::string> to_collector{"OTEL_EXPORTER_OTLP_ENDPOINT",
                                                             "http://h:4318"};

} // namespace

BOOST_AUTO_TEST_SUITE(trace_settings)

BOOST_AUTO_TEST_CASE(nothing_is_exported_unless_an_endpoint_is_named) {
  BOOST_TEST(!read({}).exports());
  BOOST_TEST(!read({{"OTEL_SERVICE_NAME", "x"}}).exports());
  BOOST_TEST(!read({{"OTEL_EXPORTER_OTLP_ENDPOINT", ""}}).exports());
  BOOST_TEST(read({to_collector}).exports());
  BOOST_TEST(!read({to_collector, {"OTEL_SDK_DISABLED", "TRUE"}}).exports());
  BOOST_TEST(!read({to_collector, {"OTEL_TRACES_EXPORTER", "none"}}).exports());
  BOOST_TEST(!read({to_collector, {"OTEL_EXPORTER_OTLP_PROTOCOL", "grpc"}}).exports());
  const auto wrong = read({{"OTEL_EXPORTER_OTLP_ENDPOINT", "ftp://h:4318"}});
  BOOST_TEST(!wrong.exports());
  BOOST_REQUIRE(wrong.notes.size() == 1u);
  BOOST_TEST(wrong.notes[0].find("nothing is exported") != std::string::npos, wrong.notes[0]);
  BOOST_TEST(read({{"OTEL_EXPORTER_OTLP_ENDPOINT", "https://h:4318"}}).exports());
}

BOOST_AUTO_TEST_CASE(the_path_is_added_to_the_common_endpoint_alone) {
  BOOST_TEST(read({to_collector}).url == "http://h:4318/v1/traces");
  BOOST_TEST(read({{"OTEL_EXPORTER_OTLP_ENDPOINT", "http://h/otlp/"}}).url ==
             "http://h/otlp/v1/traces");
  BOOST_TEST(read({to_collector, {"OTEL_EXPORTER_OTLP_TRACES_ENDPOINT", "http://t/x"}}).url ==
             "http://t/x");
}

BOOST_AUTO_TEST_CASE(headers_are_pairs_and_the_ones_for_traces_win) {
  const auto s = read({to_collector, {"OTEL_EXPORTER_OTLP_HEADERS", "api-key=a%20b%3D, x = y ,,"}});
  BOOST_REQUIRE(s.headers.size() == 2u);
  BOOST_TEST(s.headers[0].first == "api-key");
  BOOST_TEST(s.headers[0].second == "a b=");
  BOOST_TEST(s.headers[1].first == "x");
  BOOST_TEST(s.headers[1].second == "y");
  const auto own = read({to_collector,
                         {"OTEL_EXPORTER_OTLP_HEADERS", "a=b"},
                         {"OTEL_EXPORTER_OTLP_TRACES_HEADERS", "c=d"}});
  BOOST_REQUIRE(own.headers.size() == 1u);
  BOOST_TEST(own.headers[0].first == "c");
  // What would break the request is ignored, and a secret is not repeated.
  for (const auto* bad : {"secret", "=secret", "a=secret%0d%0aX: y", "a b=secret", "a=secret%"}) {
    const auto refused = read({to_collector, {"OTEL_EXPORTER_OTLP_HEADERS", bad}});
    BOOST_TEST(refused.headers.empty(), bad);
    BOOST_REQUIRE(refused.notes.size() == 1u);
    BOOST_TEST(refused.notes[0].find("secret") == std::string::npos);
  }
}

BOOST_AUTO_TEST_CASE(the_sampler_decides_as_its_name_says) {
  const telemetry::trace_id low{1, 2}, high{1, ~uint64_t{0}};
  const std::optional<telemetry::trace_context> none, yes{{low, 1, true}}, no{{low, 1, false}};
  const auto with = [&](const char* name, const char* argument = "") {
    return read(
               {to_collector, {"OTEL_TRACES_SAMPLER", name}, {"OTEL_TRACES_SAMPLER_ARG", argument}})
        .keep;
  };
  const auto usual = read({to_collector}).keep;
  BOOST_TEST((usual.keeps(high, none) && usual.keeps(high, yes) && !usual.keeps(low, no)));
  const auto on = with("always_on");
  BOOST_TEST((on.keeps(high, none) && on.keeps(high, no)));
  const auto off = with("always_off");
  BOOST_TEST((!off.keeps(low, none) && !off.keeps(low, yes)));
  const auto by_parent = with("parentbased_always_off");
  BOOST_TEST((!by_parent.keeps(low, none) && by_parent.keeps(low, yes)));
  const auto half = with("traceidratio", "0.5");
  BOOST_TEST((half.keeps(low, no) && !half.keeps(high, yes)));
  const auto half_by_parent = with("parentbased_traceidratio", "0.5");
  BOOST_TEST((half_by_parent.keeps(low, none) && !half_by_parent.keeps(high, none)));
  BOOST_TEST((half_by_parent.keeps(high, yes) && !half_by_parent.keeps(low, no)));
  for (const auto* bad : {"2", "-1", "x", "nan"})
    BOOST_TEST(with("traceidratio", bad).keeps(high, none), bad);
  BOOST_TEST(!with("traceidratio", "0").keeps(low, none));
}

BOOST_AUTO_TEST_CASE(numbers_that_make_no_sense_are_ignored_and_noted) {
  const auto good = read({to_collector,
                          {"OTEL_EXPORTER_OTLP_TIMEOUT", "7"},
                          {"OTEL_BSP_SCHEDULE_DELAY", "8"},
                          {"OTEL_BSP_MAX_QUEUE_SIZE", "9"},
                          {"OTEL_EXPORTER_OTLP_TRACES_COMPRESSION", "none"},
                          {"OTEL_BSP_MAX_EXPORT_BATCH_SIZE", "10"}});
  BOOST_TEST(good.timeout_ms == 7);
  BOOST_TEST(good.schedule_delay_ms == 8);
  BOOST_TEST(good.max_queue == 9u);
  BOOST_TEST(good.max_batch == 9u);
  BOOST_TEST(good.notes.empty());
  const auto bad = read({to_collector,
                         {"OTEL_EXPORTER_OTLP_TIMEOUT", "-7"},
                         {"OTEL_BSP_SCHEDULE_DELAY", "1s"},
                         {"OTEL_EXPORTER_OTLP_COMPRESSION", "gzip"},
                         {"OTEL_BSP_MAX_QUEUE_SIZE", "0"}});
  BOOST_TEST(bad.timeout_ms == net::trace_settings{}.timeout_ms);
  BOOST_TEST(bad.schedule_delay_ms == net::trace_settings{}.schedule_delay_ms);
  BOOST_TEST(bad.max_queue == net::trace_settings{}.max_queue);
  BOOST_TEST(bad.notes.size() == 4u);
}

BOOST_AUTO_TEST_CASE(the_service_has_a_name_and_the_resource_its_attributes) {
  const auto name = [](const variables& v) { return read(v).resource.at(0).second; };
  BOOST_TEST(name({to_collector}) == "torc-server");
  BOOST_TEST(name({to_collector, {"OTEL_RESOURCE_ATTRIBUTES", "service.name=a,b.c=d"}}) == "a");
  BOOST_TEST(name({to_collector,
                   {"OTEL_RESOURCE_ATTRIBUTES", "service.name=a"},
                   {"OTEL_SERVICE_NAME", "mine"}}) == "mine");
  const auto more = read({to_collector, {"OTEL_RESOURCE_ATTRIBUTES", "b.c=d,host.name=h"}});
  BOOST_REQUIRE(more.resource.size() == 3u);
  BOOST_TEST(more.resource[1].first == "b.c");
  BOOST_TEST(more.resource[2].second == "h");
}

BOOST_AUTO_TEST_CASE(a_seed_stays_the_same_with_its_secret) {
  const net::sampler all;
  BOOST_TEST((net::trace_seed_of("s", all) == net::trace_seed_of("s", all)));
  BOOST_TEST(!(net::trace_seed_of("s", all) == net::trace_seed_of("t", all)));
  BOOST_TEST(net::trace_seed_of("s", all).traces());
  BOOST_TEST(!net::trace_seed_of("s", net::sampler{true, 0}).traces());
}

BOOST_AUTO_TEST_SUITE_END()
