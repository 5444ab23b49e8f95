// Claims and completes jobs over HTTP and runs nothing, with as many connections as asked: the same
// calls against this server or any other that speaks torc's API. Prints one line of JSON.
//
//   http_bench --url http://127.0.0.1:8080/torc-service/v1 --jobs 2000 --connections 16 --limit 10

#include "scale_tests/http_connection.hpp"

#include <boost/json.hpp>

#include <algorithm>
#include <atomic>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <string>
#include <string_view>
#include <thread>
#include <vector>

namespace json = boost::json;
using namespace torc::scale_tests;
using clock_type = std::chrono::steady_clock;

namespace {

constexpr const char* usage =
    "http_bench --url URL [--jobs N] [--ready R] [--connections C] [--limit L] [--by-resources] "
    "[--start]\n"
    "  --jobs N         jobs that are claimed and completed (default 2000)\n"
    "  --ready R        jobs that are ready at the start (default: as many, all without "
    "dependencies)\n"
    "  --connections C  connections, each with one request in flight (default 1)\n"
    "  --limit L        jobs that one claim asks for (default 10)\n"
    "  --by-resources   claim what fits into a node, as a runner does, instead of a number of "
    "jobs\n"
    "  --start          also tell the start of every job, as a runner does\n";

/// What one bulk call carries at most; the peer's own limit is 100,000.
constexpr int64_t bulk = 10'000;

struct settings {
  std::string url;
  int64_t jobs = 2000;
  int64_t ready = 0;
  int64_t connections = 1;
  int64_t limit = 10;
  bool by_resources = false;
  bool start = false;
};

struct workload {
  std::string workflow;
  std::string run;
  int64_t node = 0;
};

/// What one connection measured, in milliseconds a call.
struct tally {
  std::vector<double> claims;
  std::vector<double> completes;
  int64_t jobs = 0;
};

settings read_settings(int argc, char** argv) {
  settings s;
  for (int i = 1; i < argc; ++i) {
    const std::string_view option = argv[i];
    if (option == "--start") {
      s.start = true;
      continue;
    }
    if (option == "--by-resources") {
      s.by_resources = true;
      continue;
    }
    if (option == "--help" || i + 1 == argc) {
      std::fputs(usage, stdout);
      std::exit(option == "--help" ? 0 : 2);
    }
    const char* value = argv[++i];
    const auto count = [&] {
      const long long n = std::atoll(value);
      return n > 0 ? n : (give_up(std::string(option) + " wants a positive number"), 0);
    };
    if (option == "--url")
      s.url = value;
    else if (option == "--jobs")
      s.jobs = count();
    else if (option == "--ready")
      s.ready = count();
    else if (option == "--connections")
      s.connections = count();
    else if (option == "--limit")
      s.limit = count();
    else
      give_up("no such option: " + std::string(option));
  }
  if (s.url.empty())
    give_up(std::string("--url is missing\n") + usage);
  s.ready = std::max(s.ready, s.jobs);
  return s;
}

json::value ask(http_connection& server, std::string_view method, const std::string& path,
                const json::value& body) {
  const auto got = server.ask(method, path, json::serialize(body));
  if (got.status != 200)
    give_up(std::string(method) + " " + path + " was answered " + std::to_string(got.status) +
            ": " + got.body.substr(0, 400));
  boost::system::error_code error;
  auto value = json::parse(got.body, error);
  if (error)
    give_up(path + " was answered with what is no JSON: " + got.body.substr(0, 400));
  return value;
}

double since(clock_type::time_point start) {
  return std::chrono::duration<double, std::milli>(clock_type::now() - start).count();
}

workload prepare(http_connection& server, const settings& s) {
  const auto made = ask(server, "POST", "/workflows", {{"name", "http_bench"}, {"user", "bench"}});
  const int64_t id = made.at("id").to_number<int64_t>();
  workload w{std::to_string(id), "0", 0};
  json::value needs; // null: what the server takes for a job that names nothing
  if (s.by_resources)
    needs = ask(server, "POST", "/resource_requirements",
                {{"workflow_id", id},
                 {"name", "one core"},
                 {"num_cpus", 1},
                 {"num_gpus", 0},
                 {"num_nodes", 1},
                 {"memory", "1m"},
                 {"runtime", "PT1M"}})
                .at("id");
  for (int64_t first = 0; first < s.ready; first += bulk) {
    json::array jobs;
    for (int64_t i = first; i < std::min(first + bulk, s.ready); ++i)
      jobs.push_back({{"workflow_id", id},
                      {"name", "job_" + std::to_string(i)},
                      {"command", "true"},
                      {"resource_requirements_id", needs},
                      {"scheduler_id", nullptr}});
    ask(server, "POST", "/bulk_jobs", {{"jobs", std::move(jobs)}});
  }
  ask(server, "POST", "/workflows/" + w.workflow + "/initialize_jobs", json::object());
  const auto status = ask(server, "GET", "/workflows/" + w.workflow + "/status", json::object());
  w.run = std::to_string(status.at("run_id").to_number<int64_t>());
  const auto node = ask(server, "POST", "/compute_nodes",
                        {{"workflow_id", id},
                         {"hostname", "bench"},
                         {"pid", 1},
                         {"start_time", "2026-01-01T00:00:00Z"},
                         {"is_active", true},
                         {"num_cpus", 16},
                         {"memory_gb", 64.0},
                         {"num_gpus", 0},
                         {"num_nodes", 1},
                         {"compute_node_type", "local"}});
  w.node = node.at("id").to_number<int64_t>();
  return w;
}

void complete(http_connection& server, const settings& s, const workload& w, int64_t job,
              tally& t) {
  const auto path = "/jobs/" + std::to_string(job);
  if (s.start)
    ask(server, "PUT", path + "/start_job/" + w.run + "/" + std::to_string(w.node), json::object());
  const json::value result{{"job_id", job},
                           {"workflow_id", std::atoll(w.workflow.c_str())},
                           {"run_id", std::atoll(w.run.c_str())},
                           {"attempt_id", 1},
                           {"compute_node_id", w.node},
                           {"return_code", 0},
                           {"exec_time_minutes", 0.001},
                           {"completion_time", "2026-01-01T00:00:00.000Z"},
                           {"status", "completed"}};
  const auto start = clock_type::now();
  ask(server, "POST", path + "/complete_job/completed/" + w.run, result);
  t.completes.push_back(since(start));
}

/// A claim's body: a node that has as many free cores as it asks for jobs.
json::value room_for(const settings& s, int64_t limit) {
  if (!s.by_resources)
    return json::object();
  return {{"num_cpus", limit}, {"memory_gb", 64.0}, {"num_gpus", 0}, {"num_nodes", 1}};
}

/// @param left jobs that nobody has begun to claim
void work(const settings& s, const workload& w, std::atomic<int64_t>& left, tally& t) {
  http_connection server(parse_url(s.url));
  const auto path =
      "/workflows/" + w.workflow +
      (s.by_resources ? "/claim_jobs_based_on_resources/" : "/claim_next_jobs?limit=");
  // A runner sends its workflow's jobs_sort_method, and this is what a workflow has unless told.
  const std::string order = s.by_resources ? "?sort_method=gpus_runtime_memory" : "";
  for (;;) {
    const auto limit = std::min(s.limit, left.fetch_sub(s.limit));
    if (limit <= 0)
      return;
    const auto start = clock_type::now();
    const auto claimed =
        ask(server, "POST", std::string(path).append(std::to_string(limit)).append(order),
            room_for(s, limit));
    t.claims.push_back(since(start));
    const auto& jobs = claimed.at("jobs").as_array();
    if (static_cast<int64_t>(jobs.size()) != limit)
      give_up("a claim of " + std::to_string(limit) + " jobs brought " +
              std::to_string(jobs.size()));
    for (const auto& job : jobs)
      complete(server, s, w, job.at("id").to_number<int64_t>(), t);
    t.jobs += limit;
  }
}

json::value percentiles(std::vector<double> ms) {
  std::sort(ms.begin(), ms.end());
  const auto at = [&](double p) {
    return ms.empty() ? 0.0 : ms[static_cast<size_t>(p * static_cast<double>(ms.size() - 1))];
  };
  return {{"count", ms.size()}, {"p50", at(0.5)}, {"p99", at(0.99)}};
}

} // namespace

int main(int argc, char** argv) {
  const settings s = read_settings(argc, argv);
  http_connection server(parse_url(s.url));
  const workload w = prepare(server, s);

  std::vector<tally> tallies(static_cast<size_t>(s.connections));
  std::vector<std::thread> threads;
  threads.reserve(tallies.size());
  std::atomic<int64_t> left = s.jobs;
  const auto start = clock_type::now();
  for (auto& t : tallies)
    threads.emplace_back([&] { work(s, w, left, t); });
  for (auto& t : threads)
    t.join();
  const double seconds = since(start) / 1e3;

  tally all;
  for (const auto& t : tallies) {
    all.claims.insert(all.claims.end(), t.claims.begin(), t.claims.end());
    all.completes.insert(all.completes.end(), t.completes.begin(), t.completes.end());
    all.jobs += t.jobs;
  }
  if (all.jobs != s.jobs)
    give_up(std::to_string(all.jobs) + " of " + std::to_string(s.jobs) + " jobs were claimed");
  const json::object report{{"jobs", all.jobs},
                            {"ready", s.ready},
                            {"connections", s.connections},
                            {"limit", s.limit},
                            {"seconds", seconds},
                            {"jobs_per_s", static_cast<double>(all.jobs) / seconds},
                            {"claim_ms", percentiles(all.claims)},
                            {"complete_ms", percentiles(all.completes)}};
  std::puts(json::serialize(report).c_str());
  return 0;
}
