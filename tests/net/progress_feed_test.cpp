#include "running_server.hpp"

#include <boost/test/unit_test.hpp>

#include <string>

using torc::core::job_status;
using torc::core::workflow_id;

namespace {

struct watched_server : running_server {
  watched_server() {
    for (const int64_t id : {1, 2}) {
      rows.workflows[id].id.value = id;
      rows.statuses[id].id.value = id;
    }
  }
  /// So many of two jobs are done, and it is on disk.
  void commit(int64_t workflow, int64_t done) {
    on_socket_thread([&] {
      auto now = std::make_shared<torc::core::workflow_progress>();
      now->workflow.value = workflow;
      now->stages.resize(2);
      now->stages[0].by_status[static_cast<size_t>(job_status::completed)] = done;
      now->stages[1].by_status[static_cast<size_t>(job_status::ready)] = 2 - done;
      auto all = std::make_shared<torc::core::progress>(*house.counters);
      all->workflows[workflow_id{workflow}] = now;
      house.counters = all;
      if (house.committed)
        house.committed();
    });
  }
};

std::string get(const std::string& path) {
  return "GET /torc-service/v1" + path + " HTTP/1.1\r\nhost: here\r\n\r\n";
}

} // namespace

BOOST_AUTO_TEST_SUITE(a_stream_of_progress)

BOOST_AUTO_TEST_CASE(begins_with_what_there_is_and_tells_what_changes) {
  watched_server server;
  server.commit(1, 0);
  const raw_connection watcher(server.port());
  watcher.send(get("/workflows/1/progress/stream"));
  const auto first = watcher.read_until("\n\n\r\n");
  BOOST_TEST(first.find("content-type: text/event-stream") != first.npos);
  BOOST_TEST(first.find(R"(event: progress)"
                        "\n"
                        R"(data: {"workflow_id":1,"run_id":0,"is_canceled":false,"stages":[)"
                        R"({"by_status":{},"total":0,"first_start_us":0,"last_end_us":0},)"
                        R"({"by_status":{"ready":2},"total":2,)") != first.npos,
             first);
  server.commit(2, 1); // somebody else's
  server.commit(1, 1);
  const auto next = watcher.read_until("\n\n\r\n");
  BOOST_TEST(next.find(R"("stages":[{"by_status":{"completed":1},"total":1,)") != next.npos, next);
  BOOST_TEST(next.find("\"workflow_id\":2") == next.npos);
}

BOOST_AUTO_TEST_CASE(skips_states_for_a_reader_that_is_late) {
  watched_server server;
  const raw_connection watcher(server.port());
  watcher.send(get("/workflows/1/progress/stream"));
  watcher.read_until("\n\n\r\n");
  for (int i = 0; i < 1000; ++i)
    server.commit(1, i % 2);
  server.commit(1, 2);
  const auto told = watcher.read_until(R"("completed":2)");
  BOOST_TEST(told.find(R"("completed":2)") != told.npos);
  size_t frames = 0;
  for (auto at = told.find("event: "); at != told.npos; at = told.find("event: ", at + 1))
    ++frames;
  BOOST_TEST(frames < 500U);
}

BOOST_AUTO_TEST_CASE(of_several_workflows_has_their_sums_and_comes_with_every_commit) {
  watched_server server;
  server.commit(1, 1);
  const raw_connection watcher(server.port());
  watcher.send(get("/progress/stream?workflow_ids=1,2,99"));
  const auto first = watcher.read_until("\n\n\r\n");
  BOOST_TEST(first.find(R"(data: {"workflows":[{"workflow_id":1,"run_id":0,"is_canceled":false,)"
                        R"("stages":[{"by_status":{"ready":1,"completed":1},"total":2,)") !=
                 first.npos,
             first);
  BOOST_TEST(first.find("\"workflow_id\":2") != first.npos);
  BOOST_TEST(first.find("\"workflow_id\":99") == first.npos);
  server.commit(7, 1); // nobody asked for it, but the list may be another now
  const auto next = watcher.read_until("\n\n\r\n");
  BOOST_TEST(next.find(R"(data: {"workflows":[]})") != next.npos, next);
}

BOOST_AUTO_TEST_CASE(asks_the_house_for_nothing_when_nobody_reads_it) {
  watched_server server;
  BOOST_TEST(!server.house.committed);
  {
    const raw_connection watcher(server.port());
    watcher.send(get("/workflows/1/progress/stream"));
    watcher.read_until("\n\n\r\n");
    server.on_socket_thread([&] { BOOST_TEST(!!server.house.committed); });
    watcher.finish_sending();
    watcher.read_all();
  }
  bool listens = true;
  server.on_socket_thread([&] { listens = !!server.house.committed; });
  BOOST_TEST(!listens);
}

BOOST_AUTO_TEST_CASE(is_refused_where_the_question_makes_no_sense) {
  watched_server server;
  BOOST_TEST(server.ask("GET", "/workflows/99/progress/stream").status == 404);
  BOOST_TEST(server.ask("GET", "/progress/stream?workflow_ids=1,x").status == 400);
  std::string many = "1";
  for (int i = 0; i < 200; ++i)
    many += ",1";
  BOOST_TEST(server.ask("GET", "/progress/stream?workflow_ids=" + many).status == 400);
}

BOOST_AUTO_TEST_CASE(does_not_keep_the_server_from_stopping) {
  watched_server server;
  const raw_connection watcher(server.port());
  watcher.send(get("/workflows/1/progress/stream"));
  watcher.read_until("\n\n\r\n");
  server.commit(1, 1);
  server.stop().get();
  watcher.read_all();
}

BOOST_AUTO_TEST_SUITE_END()

BOOST_AUTO_TEST_SUITE(a_window_over_http)

BOOST_AUTO_TEST_CASE(asks_the_database_for_what_the_query_says) {
  watched_server server;
  auto& job = server.rows.jobs[5];
  job.id.value = 5;
  job.workflow.value = 1;
  job.name = "five";
  const auto reply =
      server.ask("GET", "/workflows/1/job_window?status=ready&status=failed&stage=3&search=a%20b"
                        "&sort_by=name&reverse_sort=true&after=4&limit=10");
  BOOST_TEST(reply.status == 200);
  BOOST_TEST(reply.body == R"({"items":[{"id":5,"name":"five","status":"uninitialized","stage":0,)"
                           R"("attempt_id":0,"run_id":0,"compute_node_id":0}],"has_more":true})");
  const auto& asked = server.rows.last_window.value();
  BOOST_TEST((asked.statuses == std::vector{job_status::ready, job_status::failed}));
  BOOST_TEST(asked.stage.value() == 3);
  BOOST_TEST(asked.search == "a b");
  BOOST_TEST(asked.sort_by == "name");
  BOOST_TEST(asked.reverse);
  BOOST_TEST(asked.after.value == 4);
  BOOST_TEST(asked.limit == 10);
}

BOOST_AUTO_TEST_CASE(is_refused_where_the_question_makes_no_sense) {
  watched_server server;
  BOOST_TEST(server.ask("GET", "/workflows/99/job_window").status == 404);
  const auto status_of = [&](const std::string& query) {
    return server.ask("GET", "/workflows/1/job_window?" + query).status;
  };
  for (const char* query : {"status=odd", "limit=0", "limit=1001", "stage=x", "after=x"})
    BOOST_TEST(status_of(query) == 400, query);
  BOOST_TEST(status_of("search=" + std::string(1000, 'a')) == 200);
  BOOST_TEST(status_of("search=" + std::string(1001, 'a')) == 400);
}

BOOST_AUTO_TEST_SUITE_END()

BOOST_AUTO_TEST_SUITE(a_client)

BOOST_AUTO_TEST_CASE(that_is_interrupted_follows_no_further) {
  watched_server server;
  auto client = server.connect();
  std::promise<void> heard;
  auto following = std::async(std::launch::async, [&] {
    return client.follow("/workflows/1/progress/stream", {}, 0, [&](std::string_view) {
      heard.set_value();
      return true;
    });
  });
  heard.get_future().wait();
  client.interrupt();
  BOOST_TEST(!following.get().ok());
}

BOOST_AUTO_TEST_SUITE_END()
