// The server alone: simulated runners, each with its own TLS connection, end every job at once.
// Prints one JSON object; exit code 0 only if the result rows are right by count and hash.
//
//   server_bench --jobs 100000 --rounds 4 --dir DIR     a server of its own, database in DIR
//   server_bench --chain 1000 --dir DIR                 every job waits for the one before
//   server_bench --url URL --workflow 7                 somebody else's server, initialized
//   workflow

#include "cli/client/workflow.hpp"
#include "cli/create/create.hpp"
#include "net/authority.hpp"
#include "scale_tests/instant_hands.hpp"
#include "scale_tests/server_process.hpp"

#include <boost/program_options.hpp>

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <iostream>
#include <optional>
#include <thread>

namespace torc::scale {

namespace {

namespace json = boost::json;
namespace po = boost::program_options;
using clock = std::chrono::steady_clock;

struct settings {
  int64_t jobs = 0, rounds = 0, chain = 0, workflow = 0;
  int runners = 4;
  int32_t slots = 16, prefill = 256;
  std::string folder, url;
};

/// What a bench is worth nothing without.
[[noreturn]] void give_up(const std::string& why) {
  std::cerr << "server_bench: " << why << '\n';
  std::exit(1);
}

template <class T>
T must(core::result<T> r) {
  if (!r)
    give_up(r.why().message);
  return std::move(*r);
}

double seconds_since(clock::time_point start) {
  return std::chrono::duration<double>(clock::now() - start).count();
}

settings read_settings(int argc, char** argv) {
  auto s = settings{};
  auto known = po::options_description{"server_bench"};
  known.add_options()("help", "print this")(
      "jobs", po::value(&s.jobs), "jobs in all rounds together")("rounds", po::value(&s.rounds),
                                                                 "rounds, a barrier after each")(
      "chain", po::value(&s.chain), "so many jobs, one after another")(
      "dir", po::value(&s.folder), "an empty folder for the database")(
      "url", po::value(&s.url), "a server that runs, instead of one of our own")(
      "workflow", po::value(&s.workflow),
      "an initialized workflow there")("runners", po::value(&s.runners), "simulated runners")(
      "slots", po::value(&s.slots), "jobs at a time of each")("prefill", po::value(&s.prefill),
                                                              "orders sent ahead to each");
  auto given = po::variables_map{};
  po::store(po::parse_command_line(argc, argv, known), given);
  po::notify(given);
  if (given.contains("help")) {
    std::cout << known;
    std::exit(0);
  }
  if (s.workflow == 0 && ((s.chain == 0) == (s.jobs == 0) || (s.jobs != 0) != (s.rounds != 0)))
    give_up("say --jobs and --rounds, or --chain, or --url and --workflow");
  if (s.workflow == 0 && s.folder.empty())
    give_up("--dir is missing");
  if (s.workflow != 0 && s.url.empty())
    give_up("--url is missing");
  return s;
}

int64_t create(cli::api& server, const settings& s) {
  auto file = s.folder + "/workflow.yaml";
  auto command = std::vector<std::string>{program_folder() + "/generate"};
  if (s.chain)
    command.insert(command.end(), {"--chain", std::to_string(s.chain)});
  else
    command.insert(command.end(),
                   {"--rounds", std::to_string(s.rounds), "--jobs", std::to_string(s.jobs)});
  must(run_into(file, std::move(command)));
  auto spec = config::load_spec(file);
  if (!spec)
    give_up("the generated spec is refused");
  return must(cli::create_workflow(server, *spec.value));
}

/// The certificate and token with which every simulated runner comes in.
actors::runner_settings knock(cli::api& server, const std::string& folder) {
  auto door = must(server.get("/runner_door"));
  auto made = must(net::make_key_and_request());
  auto request = json::object{{"csr_pem", made.csr_pem}};
  if (cli::bool_member(door, "needs_secret")) {
    auto file = std::ifstream{cli::text_member(door, "secret_path")};
    request["secret"] = std::string{std::istreambuf_iterator<char>{file}, {}};
  }
  auto granted = must(server.post("/runner_certificates", request));
  auto s = actors::runner_settings{};
  s.host = "127.0.0.1";
  s.port = static_cast<uint16_t>(cli::integer_member(door, "port"));
  s.token = cli::text_member(granted, "token");
  s.certificate = folder + "/runner.crt";
  s.key = folder + "/runner.key";
  s.authority = folder + "/authority.crt";
  must(net::write_private(s.certificate, cli::text_member(granted, "certificate_pem")));
  must(net::write_private(s.key, made.key_pem));
  must(net::write_private(s.authority, cli::text_member(door, "authority_pem")));
  return s;
}

/// Runs all simulated runners until the workflow is finished. @returns the hops of all of them
std::vector<int64_t> run_all(const settings& s, const actors::runner_settings& how, span& seen) {
  auto stop = actors::stop_level{0};
  auto hops = std::vector<std::vector<int64_t>>(static_cast<size_t>(s.runners));
  auto threads = std::vector<std::thread>{};
  for (size_t i = 0; i < hops.size(); ++i)
    threads.emplace_back([&, i] {
      auto mine = how;
      mine.hostname = "simulated-" + std::to_string(i);
      auto make = [&](boost::asio::io_context& io, std::function<void(actors::hands_news)> tell) {
        return std::make_unique<instant_hands>(io, std::move(tell), seen);
      };
      hops[i] = must(actors::run_runner(std::move(mine), actors::make_hands{make}, stop)).hops_us;
    });
  for (auto& t : threads)
    t.join();
  auto all = std::vector<int64_t>{};
  for (auto& h : hops)
    all.insert(all.end(), h.begin(), h.end());
  std::sort(all.begin(), all.end());
  return all;
}

/// Of a set of numbers, whatever their order.
struct set_hash {
  int64_t count = 0;
  uint64_t sum = 0, mix = 0;
  void add(int64_t number) {
    auto x = static_cast<uint64_t>(number) * 0x9e3779b97f4a7c15U;
    x = (x ^ (x >> 31)) * 0xbf58476d1ce4e5b9U;
    ++count;
    sum += x;
    mix ^= x ^ (x >> 29);
  }
  bool operator==(const set_hash&) const = default;
};

/// Every job has exactly one result, and it is a good one.
bool results_are_right(cli::api& server, int64_t workflow, int64_t expected) {
  auto of = "?workflow_id=" + std::to_string(workflow);
  auto jobs = set_hash{}, results = set_hash{};
  auto bad = int64_t{0};
  must(server.each("/jobs" + of, [&](const json::value& j) {
    bad += cli::text_member(j, "status") != "completed";
    jobs.add(cli::integer_member(j, "id"));
    return true;
  }));
  must(server.each("/results" + of + "&all_runs=true", [&](const json::value& r) {
    bad += cli::integer_member(r, "return_code", -1) != 0 ||
           cli::text_member(r, "status") != "completed";
    results.add(cli::integer_member(r, "job_id"));
    return true;
  }));
  if (bad == 0 && jobs == results && (expected == 0 || jobs.count == expected))
    return true;
  std::cerr << "server_bench: " << jobs.count << " jobs, " << results.count << " results, " << bad
            << " of them bad\n";
  return false;
}

int64_t percentile(const std::vector<int64_t>& sorted, double share) {
  if (sorted.empty())
    return 0;
  return sorted[static_cast<size_t>(share * static_cast<double>(sorted.size() - 1))];
}

int bench(settings s) {
  auto own = std::optional<server_process>{};
  if (s.folder.empty())
    s.folder = std::filesystem::temp_directory_path().string();
  if (s.url.empty()) {
    own.emplace(must(server_process::start(s.folder + "/torc.db")));
    s.url = own->url();
  }
  auto server = cli::api{s.url};
  auto report = json::object{};
  auto expected = int64_t{0};
  if (s.workflow == 0) {
    expected = s.chain ? s.chain : s.jobs + s.rounds;
    auto started = clock::now();
    s.workflow = create(server, s);
    report["create_seconds"] = seconds_since(started);
    started = clock::now();
    must(cli::initialize(server, s.workflow, false));
    report["initialize_seconds"] = seconds_since(started);
  }
  auto how = knock(server, s.folder);
  how.user = "bench";
  how.workflow = s.workflow;
  how.slots = s.chain ? 1 : s.slots;
  how.prefill = s.chain ? 2 : s.prefill;
  if (s.chain)
    s.runners = 1;
  auto seen = span{};
  auto hops = run_all(s, how, seen);
  auto seconds = static_cast<double>(seen.last_us - seen.first_us) / 1e6;
  report["jobs"] = seen.jobs.load();
  report["seconds"] = seconds;
  report["jobs_per_second"] = seconds > 0 ? static_cast<double>(seen.jobs) / seconds : 0;
  report["hop_p50_us"] = percentile(hops, 0.5);
  report["hop_p99_us"] = percentile(hops, 0.99);
  if (own) {
    auto used = own->usage();
    report["peak_rss_bytes"] = used.peak_rss_bytes;
    report["server_cpu_seconds"] = used.cpu_seconds;
  }
  auto right = results_are_right(server, s.workflow, expected);
  if (own && !own->stop())
    give_up("the server did not end in order");
  std::cout << json::serialize(report) << std::endl;
  return right ? 0 : 1;
}

} // namespace

} // namespace torc::scale

int main(int argc, char** argv) {
  try {
    return torc::scale::bench(torc::scale::read_settings(argc, argv));
  } catch (const std::exception& e) {
    torc::scale::give_up(e.what());
  }
}
