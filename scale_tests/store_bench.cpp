#include "storage/reader.hpp"
#include "storage/store.hpp"

#include <algorithm>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <ctime>
#include <filesystem>
#include <string>
#include <vector>

/// What the database writer alone can do: creation, admission, completions, recovery. No actor, no
/// socket.
///   store_bench [jobs] [folder]

namespace {

using namespace torc;
namespace fs = std::filesystem;

struct moment {
  double wall = 0, cpu = 0;
};

/// The clock, and what this process used of the machine: the second tells more on a busy one.
moment seconds() {
  using namespace std::chrono;
  return {duration<double>(steady_clock::now().time_since_epoch()).count(),
          static_cast<double>(std::clock()) / CLOCKS_PER_SEC};
}

void say(const char* what, moment from, int64_t count) {
  const auto now = seconds();
  const double took = now.wall - from.wall;
  std::printf("%-34s %8.3f s %8.3f s CPU %12.0f /s\n", what, took, now.cpu - from.cpu,
              static_cast<double>(count) / took);
  std::fflush(stdout);
}

std::unique_ptr<storage::store> open(const std::string& path) {
  auto s = storage::store::open(path, {});
  if (!s) {
    std::fprintf(stderr, "%s\n", s.why().message.c_str());
    std::exit(1);
  }
  return std::move(*s);
}

core::edited edit(storage::store& s, const core::edit& e) {
  s.begin();
  auto r = s.apply(e);
  s.commit();
  if (!r) {
    std::fprintf(stderr, "%s\n", r.why().message.c_str());
    std::exit(1);
  }
  return *r;
}

/// Four rounds of jobs with a barrier job between them, each job with an output file.
core::workflow_id create(storage::store& s, int64_t jobs) {
  const int64_t chunk = 10000;
  const int64_t round = jobs / 4;
  core::open_submission o;
  o.workflow.name = "bench";
  o.workflow.user = "bench";
  o.job_count = jobs;
  const auto ids = edit(s, o).ids;
  const core::workflow_id w{ids[0]};
  const auto first = ids[static_cast<size_t>(core::submission_ids::jobs)];
  for (int64_t i = 0; i < jobs; i += chunk) {
    core::create_jobs c{w, {}, true};
    for (int64_t j = i; j < std::min(i + chunk, jobs); ++j) {
      core::job_row row;
      row.id = core::job_id{first + j};
      row.name = "work_" + std::to_string(j);
      row.command = "echo " + std::to_string(j);
      row.depends_on_job_ids.emplace();
      // The first job of each round is the barrier: it waits for the round before.
      if (const auto at = j % round; at > 0 && j >= round)
        row.depends_on_job_ids->push_back(first + j - at);
      else if (j >= round)
        for (int64_t b = j - round; b < j; ++b)
          row.depends_on_job_ids->push_back(first + b);
      c.jobs.push_back(std::move(row));
    }
    edit(s, c);
  }
  edit(s, core::close_submission{w, {}});
  return w;
}

std::vector<core::job_id> admit(storage::store& s, core::read_model& r, core::workflow_id w) {
  auto from = seconds();
  edit(s, core::begin_initialize{w, true, true});
  auto facts = r.facts_for_admission(w);
  say("read the facts", from, static_cast<int64_t>(facts->jobs.size()));
  core::turn t;
  storage::admitted_stages stages;
  t.cause.admitted = core::plan_admission(*facts, core::admit_mode::all, stages.stages).value();
  for (const auto& j : facts->jobs)
    stages.jobs.push_back(j.job);
  auto jobs = stages.jobs;
  from = seconds();
  s.begin();
  s.apply(std::move(t), stages);
  s.commit();
  say("write the admission", from, static_cast<int64_t>(jobs.size()));
  return jobs;
}

/// Ends the open attempts of a group and grants the next ones, as a busy ring does.
void complete(storage::store& s, core::workflow_id w, const std::vector<core::job_id>& jobs,
              size_t from, size_t to, size_t group, const core::runner_joined& guest) {
  std::vector<core::grant> open;
  auto grant_id = core::first_id_of(s.epoch()) + static_cast<int64_t>(from);
  for (size_t next = from; next < to || !open.empty();) {
    core::turn t;
    if (next == from)
      t.cause.cause.joined.push_back(guest);
    for (auto& g : open) {
      t.cause.cause.started.push_back({g.id, g.job, {}, core::instant{1'000'000}, {}, {}});
      core::attempt_ended e;
      e.open = g;
      e.start = core::instant{1'700'000'000'000'000};
      e.end = core::instant{1'700'000'000'500'000};
      t.cause.cause.ended.push_back(std::move(e));
    }
    for (size_t n = 0; n < group && next < to; ++n, ++next) {
      core::grant g;
      g.id = core::grant_id{grant_id++};
      g.workflow = w;
      g.job = jobs[next];
      g.runner = guest.runner;
      t.cause.ready.push_back({w, g.job, 0, 1});
      t.grants.push_back(g);
    }
    s.begin();
    auto l = s.apply(std::move(t));
    s.commit();
    open.clear();
    for (auto& o : l.orders)
      open.push_back(o.open);
  }
}

/// One turn that makes jobs ready, as the end of a barrier does.
void open_barrier(storage::store& s, core::workflow_id w, const std::vector<core::job_id>& jobs,
                  size_t from) {
  core::turn t;
  for (size_t i = from; i < jobs.size(); ++i)
    t.cause.ready.push_back({w, jobs[i], 0, 1});
  s.begin();
  s.apply(std::move(t));
  s.commit();
}

} // namespace

int main(int argc, char** argv) {
  const int64_t jobs = argc > 1 ? std::atoll(argv[1]) : 100000;
  const fs::path folder = argc > 2 ? fs::path{argv[2]} : fs::temp_directory_path() / "store_bench";
  fs::remove_all(folder);
  const auto path = (folder / "torc.db").string();
  auto s = open(path);
  s->recover();
  auto from = seconds();
  const auto w = create(*s, jobs);
  say("create jobs and dependencies", from, jobs);
  auto r = storage::open_reader(path);
  const auto all = admit(*s, *r, w);

  core::runner_joined guest;
  guest.runner = core::runner_id{1};
  guest.hostname = "bench";
  from = seconds();
  complete(*s, w, all, 0, all.size() / 100, 1, guest);
  say("completions, one by one, FULL", from, static_cast<int64_t>(all.size() / 100));
  from = seconds();
  complete(*s, w, all, all.size() / 100, all.size() / 2, 64, guest);
  say("completions, groups of 64, FULL", from, static_cast<int64_t>(all.size() / 2));
  from = seconds();
  complete(*s, w, all, all.size() / 2, all.size() * 3 / 4, 256, guest);
  say("completions, groups of 256, FULL", from, static_cast<int64_t>(all.size() / 4));
  from = seconds();
  open_barrier(*s, w, all, all.size() * 3 / 4);
  say("a barrier opens, FULL", from, static_cast<int64_t>(all.size() / 4));
  from = seconds();
  core::job_filter f;
  f.workflow = w;
  f.include_relationships = true;
  r->jobs(f);
  say("list a page with relationships", from, 1);
  f.include_relationships = false;
  f.status = core::job_status::ready;
  f.at.limit = 10;
  from = seconds();
  r->jobs(f);
  say("list 10 ready jobs", from, 1);
  from = seconds();
  r->job_counts(w);
  say("count by status", from, 1);
  core::result_filter latest;
  latest.workflow = w;
  from = seconds();
  r->results(latest);
  say("list a page of results", from, 1);
  const auto bad = s->contradictions();
  r.reset();
  s.reset();
  s = open(path);
  from = seconds();
  s->recover();
  say("recover", from, jobs);
  std::printf("database %ld MB, contradictions %ld\n", static_cast<long>(fs::file_size(path) >> 20),
              static_cast<long>(bad));
  s.reset();
  fs::remove_all(folder);
  return bad == 0 ? 0 : 1;
}
