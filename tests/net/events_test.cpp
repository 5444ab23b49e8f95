#include "net/event_hub.hpp"
#include "net/stream.hpp"
#include "running_server.hpp"

#include <boost/test/unit_test.hpp>

#include <string>
#include <vector>

using torc::core::happening;
using torc::core::job_status;
using torc::core::workflow_id;
using torc::net::event_hub;
using severity = event_hub::severity;

namespace {

happening ended(int64_t workflow, int64_t job, job_status how = job_status::completed) {
  happening h;
  h.what = happening::kind::job_ended;
  h.workflow.value = workflow;
  h.job.value = job;
  h.job_name = "job " + std::to_string(job);
  h.status = how;
  h.return_code = how == job_status::completed ? 0 : 3;
  h.run = 2;
  h.at.us = 5'000'000;
  return h;
}

size_t count(const std::string& text, std::string_view what) {
  size_t n = 0;
  for (auto at = text.find(what); at != text.npos; at = text.find(what, at + 1))
    ++n;
  return n;
}

std::string take_all(torc::net::body_stream& from) {
  std::string all;
  for (auto part = from.take(); !part.empty(); part = from.take())
    all += part;
  return all;
}

struct streaming_server : running_server {
  explicit streaming_server(torc::net::server_settings settings = {})
      : running_server(std::move(settings)) {
    rows.workflows[1].id.value = 1;
  }
};

struct with_hub {
  void happens(const happening& h) { house.watching({h}); }

  fakes::fake_port house;
  std::shared_ptr<event_hub> hub = std::make_shared<event_hub>(house, 77);
};

} // namespace

BOOST_FIXTURE_TEST_SUITE(an_event_hub, with_hub)

BOOST_AUTO_TEST_CASE(asks_the_house_for_nothing_until_somebody_watches) {
  BOOST_TEST(!house.watching);
  const auto who = hub->watch(workflow_id{1}, severity::info, "");
  BOOST_TEST(!!house.watching);
}

BOOST_AUTO_TEST_CASE(tells_a_watcher_what_happens_in_its_workflow_alone) {
  const auto who = hub->watch(workflow_id{1}, severity::info, "");
  happens(ended(2, 5));
  happens(ended(1, 6));
  BOOST_TEST(who->take() ==
             "id: 77-2\nevent: job_completed\ndata: {\"workflow_id\":1,\"timestamp\":5000,"
             "\"event_type\":\"job_completed\",\"severity\":\"info\",\"data\":{\"job_id\":6,"
             "\"job_name\":\"job 6\",\"status\":\"completed\",\"return_code\":0,"
             "\"compute_node_id\":0,\"run_id\":2}}\n\n");
  BOOST_TEST(who->take().empty());
}

BOOST_AUTO_TEST_CASE(keeps_back_what_is_not_severe_enough) {
  const auto all = hub->watch(workflow_id{1}, severity::debug, "");
  const auto warned = hub->watch(workflow_id{1}, severity::warning, "");
  const auto failed = hub->watch(workflow_id{1}, severity::error, "");
  for (const auto how : {job_status::completed, job_status::terminated, job_status::canceled,
                         job_status::failed, job_status::pending_failed})
    happens(ended(1, 1, how));
  BOOST_TEST(count(take_all(*all), "event: ") == 5U);
  BOOST_TEST(count(take_all(*warned), "event: ") == 3U);
  BOOST_TEST(count(take_all(*failed), "event: job_failed") == 1U);
}

BOOST_AUTO_TEST_CASE(lets_a_slow_watcher_miss_events_and_says_how_many) {
  const auto slow = hub->watch(workflow_id{1}, severity::info, "");
  const auto quick = hub->watch(workflow_id{1}, severity::info, "");
  const size_t many = event_hub::queue_limit + 10;
  size_t seen = 0;
  for (size_t i = 0; i < many; ++i) {
    happens(ended(1, static_cast<int64_t>(i)));
    seen += count(quick->take(), "event: job_completed");
  }
  BOOST_TEST(seen == many);
  const auto late = take_all(*slow);
  BOOST_TEST(count(late, "event: job_completed") == event_hub::queue_limit);
  BOOST_TEST(late.ends_with("event: warning\ndata: {\"dropped\":10}\n\n"));
  happens(ended(1, 1));
  BOOST_TEST(count(take_all(*slow), "event: ") == 1U);
}

BOOST_AUTO_TEST_CASE(replays_what_came_after_the_last_event_that_was_heard) {
  auto who = hub->watch(workflow_id{1}, severity::info, "");
  for (int64_t i = 1; i <= 4; ++i)
    happens(ended(1, i));
  who.reset();
  happens(ended(1, 5));
  who = hub->watch(workflow_id{1}, severity::info, "77-3");
  const auto replayed = take_all(*who);
  BOOST_TEST(count(replayed, "event: ") == 2U);
  BOOST_TEST(replayed.starts_with("id: 77-4\n"));
}

BOOST_AUTO_TEST_CASE(says_that_something_is_missing_where_it_cannot_be_replayed) {
  auto who = hub->watch(workflow_id{1}, severity::info, "");
  for (size_t i = 0; i < event_hub::kept + 5; ++i)
    happens(ended(2, 1));
  for (const char* id : {"77-1", "76-4100", "nonsense"}) {
    who = hub->watch(workflow_id{1}, severity::info, id);
    BOOST_TEST(who->take() == "event: warning\ndata: {\"dropped\":null}\n\n", id);
  }
  who = hub->watch(workflow_id{1}, severity::info, "77-4100");
  BOOST_TEST(who->take().empty());
}

BOOST_AUTO_TEST_CASE(stops_asking_the_house_a_while_after_the_last_watcher_left) {
  hub->watch(workflow_id{1}, severity::info, "").reset();
  happens(ended(1, 1));
  BOOST_TEST(!!house.watching); // it may come back
  BOOST_TEST(hub->watchers() == 0U);
}

BOOST_AUTO_TEST_SUITE_END()

BOOST_AUTO_TEST_SUITE(an_event_stream)

constexpr const char* ask = "GET /torc-service/v1/workflows/1/events/stream HTTP/1.1\r\n"
                            "host: x\r\n\r\n";

BOOST_AUTO_TEST_CASE(comes_in_chunks_as_events_happen) {
  streaming_server server;
  const raw_connection watcher(server.port());
  watcher.send(ask);
  const auto head = watcher.read_until("\r\n\r\n");
  BOOST_TEST(head.starts_with("HTTP/1.1 200"));
  for (const char* line : {"content-type: text/event-stream", "Cache-Control: no-cache",
                           "X-Accel-Buffering: no", "transfer-encoding: chunked"})
    BOOST_TEST(head.find(line) != head.npos, line);
  BOOST_TEST(head.find("content-length") == head.npos);
  for (int i = 1; i <= 2; ++i) {
    server.on_socket_thread([&] { server.house.watching({ended(1, i)}); });
    const auto chunk = watcher.read_until("\n\n\r\n");
    BOOST_TEST(chunk.find("\"job_id\":" + std::to_string(i)) != chunk.npos);
  }
}

BOOST_AUTO_TEST_CASE(tells_of_nodes_that_other_programs_announce_schedule_and_stop) {
  streaming_server server;
  const raw_connection watcher(server.port());
  watcher.send(ask);
  watcher.read_until("\r\n\r\n");
  std::string node =
      R"({"workflow_id":1,"hostname":"h","pid":7,"start_time":"2026-01-01T00:00:00Z",)"
      R"("num_cpus":4,"memory_gb":8.0,"num_gpus":0,"num_nodes":1,"compute_node_type":"slurm")";
  BOOST_TEST(server.ask("POST", "/compute_nodes", node + "}").status == 200);
  auto told = watcher.read_until("\n\n\r\n");
  for (const char* part : {"event: compute_node_started\n", R"("compute_node_id":41)", R"("pid":7)",
                           R"("compute_node_type":"slurm")"})
    BOOST_TEST(told.find(part) != told.npos, told);
  BOOST_TEST(server
                 .ask("POST", "/scheduled_compute_nodes",
                      R"({"workflow_id":1,"scheduler_id":12,"scheduler_config_id":3,)"
                      R"("scheduler_type":"slurm","status":"pending"})")
                 .status == 200);
  told = watcher.read_until("\n\n\r\n");
  for (const char* part : {"event: scheduler_node_created\n", R"("scheduler_id":12)"})
    BOOST_TEST(told.find(part) != told.npos, told);
  server.ask("PUT", "/compute_nodes/41", node + R"(,"is_active":true})");
  server.ask("PUT", "/compute_nodes/41", node + R"(,"is_active":false,"duration_seconds":2.5})");
  told = watcher.read_until("\n\n\r\n");
  for (const char* part : {"event: compute_node_stopped\n", R"("duration_seconds":2.5)"})
    BOOST_TEST(told.find(part) != told.npos, told);
}

BOOST_AUTO_TEST_CASE(is_refused_for_a_workflow_that_does_not_exist) {
  streaming_server server;
  BOOST_TEST(server.ask("GET", "/workflows/99/events/stream").status == 404);
}

BOOST_AUTO_TEST_CASE(says_now_and_then_that_it_lives) {
  torc::net::server_settings s;
  s.keep_alive_ms = 1;
  streaming_server server(s);
  const raw_connection watcher(server.port());
  watcher.send(ask);
  BOOST_TEST(count(watcher.read_until(": still here", 3), ": still here") >= 3U);
}

BOOST_AUTO_TEST_CASE(does_not_keep_the_server_from_stopping) {
  streaming_server server;
  const raw_connection watcher(server.port());
  watcher.send(ask);
  watcher.read_until("\r\n\r\n");
  server.stop().get();
  watcher.read_all();
}

BOOST_AUTO_TEST_CASE(of_a_reader_that_does_not_read_holds_up_nobody) {
  streaming_server server;
  const raw_connection sleeper(server.port()), watcher(server.port());
  for (const auto* one : {&sleeper, &watcher}) {
    one->send(ask);
    one->read_until("\r\n\r\n");
  }
  auto long_one = ended(1, 1);
  long_one.job_name.assign(4000, 'x');
  constexpr int many = 3000; // far more than the sleeper's socket can hold
  for (int i = 0; i < many; i += 100) {
    server.on_socket_thread([&] { server.house.watching(std::vector<happening>(100, long_one)); });
    const auto read = watcher.read_until("event: job_completed", 100);
    BOOST_TEST_REQUIRE(count(read, "event: job_completed") == 100U);
  }
  BOOST_TEST(server.ask("GET", "/ping").status == 200);
}

BOOST_AUTO_TEST_CASE(ends_at_the_server_when_its_reader_goes) {
  streaming_server server;
  {
    const raw_connection watcher(server.port());
    watcher.send(ask);
    watcher.read_until("\r\n\r\n");
    watcher.finish_sending();
    watcher.read_all();
  }
  server.on_socket_thread([&] { server.house.watching({ended(1, 1)}); });
}

BOOST_AUTO_TEST_SUITE_END()
