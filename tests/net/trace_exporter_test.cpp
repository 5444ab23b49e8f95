#include "net/otlp.hpp"
#include "net/trace_exporter.hpp"
#include "tests/net/running_server.hpp"

#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/beast/core/flat_buffer.hpp>
#include <boost/beast/http/message.hpp>
#include <boost/beast/http/read.hpp>
#include <boost/beast/http/string_body.hpp>
#include <boost/beast/http/write.hpp>
#include <boost/json.hpp>
#include <boost/test/unit_test.hpp>

#include <future>
#include <thread>

using namespace torc;

namespace {

namespace asio = boost::asio;
namespace http = boost::beast::http;
using asio::ip::tcp;
using telemetry::finished_span;

/// Answers one request after another as it is told; then accepts, and never answers again.
class collector {
public:
  struct answer {
    http::status status;
    std::string body = {};
  };
  explicit collector(std::vector<answer> answers)
      : acceptor_(io_, {asio::ip::make_address("127.0.0.1"), 0}),
        thread_([this, all = std::move(answers)] { serve(all); }) {}
  ~collector() { thread_.join(); }

  std::string url() const {
    return "http://127.0.0.1:" + std::to_string(acceptor_.local_endpoint().port()) + "/v1/traces";
  }
  /// The spans' names of each request. @pre all answers were given
  std::vector<std::vector<std::string>> heard() {
    done_.get_future().wait();
    return heard_;
  }
  std::string key() const { return key_; }

private:
  void serve(const std::vector<answer>& answers) {
    tcp::socket peer(io_);
    boost::beast::flat_buffer buffer;
    if (!answers.empty())
      acceptor_.accept(peer);
    for (const auto& a : answers) {
      http::request<http::string_body> in;
      http::read(peer, buffer, in);
      key_ = in["api-key"];
      note(in.body());
      http::response<http::string_body> out{a.status, 11};
      out.body() = a.body;
      out.prepare_payload();
      http::write(peer, out);
    }
    done_.set_value();
  }
  void note(const std::string& body) {
    auto& names = heard_.emplace_back();
    const auto parsed = boost::json::parse(body);
    const auto& spans =
        parsed.at("resourceSpans").at(0).at("scopeSpans").at(0).at("spans").as_array();
    for (const auto& s : spans)
      names.emplace_back(s.at("name").as_string());
  }

  asio::io_context io_;
  tcp::acceptor acceptor_;
  std::vector<std::vector<std::string>> heard_;
  std::string key_;
  std::promise<void> done_;
  std::thread thread_;
};

finished_span span(std::string_view name) {
  finished_span s;
  s.trace = {1, 2};
  s.id = 3;
  s.name = name;
  return s;
}

net::trace_settings settings_for(const std::string& url) {
  net::trace_settings s;
  s.url = url;
  s.schedule_delay_ms = 1;
  s.first_pause_ms = 1;
  return s;
}

std::unique_ptr<net::trace_exporter> exporter(net::trace_settings s) {
  return std::make_unique<net::trace_exporter>(std::move(s),
                                               telemetry::trace_seed{1, 2, telemetry::keep_all},
                                               "0", [](const std::string&) {});
}

/// Waits for what the exporter's thread will count.
template <class Reached>
net::trace_exporter::counts until(const net::trace_exporter& e, Reached reached) {
  for (;;)
    if (const auto n = e.so_far(); reached(n))
      return n;
    else
      std::this_thread::yield();
}

using counts = net::trace_exporter::counts;

} // namespace

BOOST_AUTO_TEST_SUITE(trace_exporter)

BOOST_AUTO_TEST_CASE(spans_arrive_with_the_headers_that_were_asked_for) {
  collector there({{http::status::ok, "{}"}});
  auto s = settings_for(there.url());
  s.headers = {{"api-key", "k"}};
  auto e = exporter(s);
  e->offer(span("one"));
  until(*e, [](const counts& n) { return n.exported == 1; });
  BOOST_TEST((there.heard() == std::vector<std::vector<std::string>>{{"one"}}));
  BOOST_TEST(there.key() == "k");
  BOOST_TEST(e->so_far().dropped == 0u);
}

BOOST_AUTO_TEST_CASE(a_collector_that_is_busy_is_asked_again) {
  collector there(
      {{http::status::service_unavailable}, {http::status::too_many_requests}, {http::status::ok}});
  auto e = exporter(settings_for(there.url()));
  e->offer(span("one"));
  const auto n = until(*e, [](const counts& c) { return c.exported == 1; });
  BOOST_TEST(n.failures == 2u);
  BOOST_TEST(n.dropped == 0u);
  BOOST_TEST(there.heard().size() == 3u);
}

BOOST_AUTO_TEST_CASE(what_is_refused_for_good_is_dropped_and_counted) {
  collector there({{http::status::bad_request}, {http::status::ok}});
  auto e = exporter(settings_for(there.url()));
  e->offer(span("one"));
  until(*e, [](const counts& n) { return n.dropped == 1; });
  e->offer(span("two"));
  until(*e, [](const counts& n) { return n.exported == 1; });
  BOOST_TEST((there.heard() == std::vector<std::vector<std::string>>{{"one"}, {"two"}}));
}

BOOST_AUTO_TEST_CASE(tries_have_a_limit) {
  collector there(
      std::vector<collector::answer>(net::trace_exporter::most_tries, {http::status::bad_gateway}));
  auto e = exporter(settings_for(there.url()));
  e->offer(span("one"));
  const auto n = until(*e, [](const counts& c) { return c.dropped == 1; });
  BOOST_TEST(n.failures == static_cast<uint64_t>(net::trace_exporter::most_tries));
}

BOOST_AUTO_TEST_CASE(spans_that_a_collector_refuses_in_part_are_counted) {
  collector there(
      {{http::status::ok, R"({"partialSuccess":{"rejectedSpans":"1","errorMessage":"no"}})"}});
  auto s = settings_for(there.url());
  s.schedule_delay_ms = 3'600'000; // until both are there
  s.max_batch = 2;
  auto e = exporter(s);
  e->offer(span("one"));
  e->offer(span("two"));
  const auto n = until(*e, [](const counts& c) { return c.exported + c.dropped >= 2; });
  BOOST_TEST(n.exported == 1u);
}

BOOST_AUTO_TEST_CASE(one_that_never_answers_holds_up_nobody) {
  collector there({});
  auto s = settings_for(there.url());
  s.timeout_ms = 3'600'000; // nothing here ends by a time limit
  s.max_queue = 10;
  s.max_batch = 10;
  auto e = exporter(s);
  // Far more than the queue holds: all of it is taken and none of it waited for.
  until(*e, [&](const counts& n) {
    e->offer(span("one"));
    return n.dropped >= 1'000;
  });
  std::vector<telemetry::job_note> notes(net::trace_exporter::most_notes);
  until(*e, [&](const counts& n) {
    e->hear(notes);
    return n.lost_notes >= notes.size();
  });
  BOOST_TEST(e->so_far().exported == 0u);
  e.reset(); // and its end is not waited for either
}

BOOST_AUTO_TEST_CASE(what_waits_at_the_end_is_sent) {
  collector there({{http::status::ok}});
  auto s = settings_for(there.url());
  s.schedule_delay_ms = 3'600'000;
  auto e = exporter(s);
  e->offer(span("last"));
  e.reset();
  BOOST_TEST((there.heard() == std::vector<std::vector<std::string>>{{"last"}}));
}

// Under ASan: its name was once the route's, which ends with the server.
BOOST_AUTO_TEST_CASE(a_call_is_told_of_when_its_server_is_gone) {
  collector there({{http::status::ok}});
  auto s = settings_for(there.url());
  s.schedule_delay_ms = 3'600'000;
  std::shared_ptr<net::trace_exporter> e = exporter(s);
  {
    net::server_settings serving;
    serving.api.traces = e;
    const running_server server(std::move(serving));
    server.ask("GET", "/ping");
  }
  e.reset();
  BOOST_TEST((there.heard() == std::vector<std::vector<std::string>>{{"GET /ping"}}));
}

BOOST_AUTO_TEST_CASE(a_request_is_what_the_schema_says) {
  auto s = span("job");
  s.parent = 4;
  s.start_us = 1'800'000'000'000'000;
  s.end_us = s.start_us + 1;
  s.attributes = {{"torc.job.id", int64_t{1} << 60}, {"torc.job.name", std::string("a\"\xff")}};
  s.link = telemetry::trace_context{{5, 6}, 7, true};
  s.failed = true;
  s.why = "failed";
  const auto text =
      net::otlp::request_of(net::otlp::head_of({{"service.name", "x"}}, "1"), {&s, 1});
  BOOST_TEST(
      text ==
      R"({"resourceSpans":[{"resource":{"attributes":[{"key":"service.name","value":)"
      R"({"stringValue":"x"}}]},"scopeSpans":[{"scope":{"name":"torc","version":"1"},"spans":[)"
      R"({"traceId":"00000000000000010000000000000002","spanId":"0000000000000003",)"
      R"("parentSpanId":"0000000000000004","name":"job","kind":1,)"
      R"("startTimeUnixNano":"1800000000000000000","endTimeUnixNano":"1800000000000001000",)"
      R"("attributes":[{"key":"torc.job.id","value":{"intValue":"1152921504606846976"}},)"
      R"({"key":"torc.job.name","value":{"stringValue":"a\"?"}}],)"
      R"("links":[{"traceId":"00000000000000050000000000000006","spanId":"0000000000000007"}],)"
      R"("status":{"message":"failed","code":2}}]}]}]})");
}

BOOST_AUTO_TEST_SUITE_END()
