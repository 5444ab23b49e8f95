#include "fixture.hpp"

#include <random>

using namespace torc;
using namespace torc::test;

namespace {

/// Counts of the published progress and of the disk, as text.
std::string published(const disk& d, core::workflow_id w) {
  std::array<int64_t, core::job_status_count> sum{};
  for (const auto& s : d.store->progress()->workflows.at(w)->stages)
    for (size_t i = 0; i < sum.size(); ++i)
      sum[i] += s.by_status[i];
  std::string all;
  for (auto n : sum)
    all += std::to_string(n) + " ";
  return all + std::to_string(d.store->progress()->workflows.at(w)->results);
}

std::string counted(const disk& d, core::workflow_id w) {
  std::array<int64_t, core::job_status_count> sum{};
  for (const auto& [status, n] : d.read->job_counts(w))
    sum[static_cast<size_t>(status)] = n;
  std::string all;
  for (auto n : sum)
    all += std::to_string(n) + " ";
  core::result_filter f;
  f.workflow = w;
  return all + std::to_string(d.read->results(f).total);
}

/// Plays rooms that make no mistake: knows what is ready and open, and does something random with
/// it.
struct player {
  disk& d;
  core::workflow_id w;
  std::mt19937 random;
  std::vector<core::job_id> ready;
  std::vector<core::grant> open;

  size_t below(size_t n) { return std::uniform_int_distribution<size_t>{0, n - 1}(random); }
  template <class T>
  T take(std::vector<T>& from) {
    std::swap(from[below(from.size())], from.back());
    T t = std::move(from.back());
    from.pop_back();
    return t;
  }

  core::turn next() {
    core::turn t;
    auto& v = t.cause.cause;
    std::vector<core::ready_job> again;
    for (auto n = below(5); n > 0 && !open.empty(); --n) {
      auto g = take(open);
      switch (below(6)) {
      case 0:
        v.retried.push_back({g, g.attempt + 1, {}});
        again.push_back({w, g.job, 0, g.attempt + 1});
        break;
      case 1:
        v.returned.push_back(g);
        again.push_back({w, g.job, 0, g.attempt});
        break;
      case 2:
        v.started.push_back({g.id, g.job, {}, core::instant{1}, {}, {}});
        open.push_back(g);
        break;
      case 3:
        v.ended.push_back(d.ended(g, job_status::failed));
        break;
      default:
        v.ended.push_back(d.ended(g));
        break;
      }
    }
    for (auto n = below(6); n > 0 && !ready.empty(); --n) {
      t.grants.push_back(d.grant(w, take(ready)));
      t.grants.back().attempt = 1 + static_cast<int32_t>(below(3));
    }
    for (const auto& r : again)
      if (below(2) == 0)
        t.grants.push_back(d.grant(w, r.job, r.attempt));
      else
        ready.push_back(r.job);
    t.cause.ready = again;
    return t;
  }
};

} // namespace

BOOST_FIXTURE_TEST_SUITE(random_walk, disk)

BOOST_AUTO_TEST_CASE(the_published_counts_are_those_of_the_disk_whatever_the_turns) {
  const auto w = workflow();
  core::job_row row;
  row.workflow = w;
  row.name = "j";
  row.command = "c";
  edit(core::create_jobs{w, std::vector<core::job_row>(2000, row), false});
  BOOST_TEST(published(*this, w) == counted(*this, w));
  player p{*this, w, std::mt19937{7}, {}, {}};
  for (const auto& j : initialize(w).jobs)
    p.ready.push_back(j.job);
  core::turn first;
  first.cause.cause.joined.push_back(joining());
  turn(first);
  for (int step = 0; step < 300; ++step) {
    store->begin();
    for (auto group = 1 + p.below(3); group > 0; --group)
      for (auto& o : store->apply(p.next()).orders)
        p.open.push_back(o.open);
    store->commit();
    if (step % 20 == 0)
      BOOST_REQUIRE_EQUAL(published(*this, w), counted(*this, w));
    if (step % 100 == 50) {
      const auto image = reboot();
      BOOST_TEST(image.open.size() == p.open.size());
      BOOST_REQUIRE_EQUAL(published(*this, w), counted(*this, w));
      BOOST_TEST(store->contradictions() == 0);
    }
  }
  BOOST_TEST(published(*this, w) == counted(*this, w));
  BOOST_TEST(control(core::cancel_workflow{w}).ok());
  BOOST_TEST(published(*this, w) == counted(*this, w));
  BOOST_TEST(control(core::reset_jobs{w, false, {}}).ok());
  BOOST_TEST(published(*this, w) == counted(*this, w));
}

BOOST_AUTO_TEST_CASE(many_workflows_nobody_touches_are_forgotten_and_found_again) {
  const auto busy = workflow();
  jobs(busy, {{}});
  initialize(busy);
  const auto first = workflow();
  jobs(first, {{}, {}});
  store->begin();
  for (int i = 0; i < 600; ++i) {
    core::workflow_row row;
    row.name = "w";
    row.user = "u";
    BOOST_REQUIRE(store->apply(core::create<core::workflow_row>{row}).ok());
  }
  store->commit();
  BOOST_TEST(store->progress()->workflows.size() <= 300u);
  BOOST_TEST(store->progress()->workflows.contains(busy));
  BOOST_TEST(!store->progress()->workflows.contains(first));
  initialize(first);
  BOOST_TEST(published(*this, first) == "0 0 2 0 0 0 0 0 0 0 0 0");
}

BOOST_AUTO_TEST_CASE(a_large_workflow_arrives_in_chunks_and_is_admitted_whole) {
  constexpr int64_t count = 20'000, chunk = 5'000;
  core::open_submission o;
  o.workflow.name = "large";
  o.workflow.user = "ada";
  o.job_count = count;
  const auto ids = edit(o).ids;
  const core::workflow_id w{ids[0]};
  for (int64_t from = 0; from < count; from += chunk) {
    core::create_jobs c{w, {}, true};
    for (auto i = from; i < from + chunk; ++i) {
      core::job_row j;
      j.id = core::job_id{ids[6] + i};
      j.name = "j";
      j.command = "c";
      if (i >= count / 2)
        j.depends_on_job_ids = {{ids[6] + i - count / 2}};
      c.jobs.push_back(std::move(j));
    }
    edit(c);
  }
  edit(core::close_submission{w, {}});
  const auto planned = initialize(w);
  BOOST_TEST(planned.edges.size() == static_cast<size_t>(count / 2));
  const auto& stages = store->progress()->workflows.at(w)->stages;
  BOOST_REQUIRE_EQUAL(stages.size(), 2u);
  BOOST_TEST(stages[0].by_status[2] == count / 2);
  BOOST_TEST(stages[1].by_status[1] == count / 2);
  BOOST_TEST(rows()["job_run"] == 1);
  core::job_filter f;
  f.workflow = w;
  f.at = {count - 2, 10, "", false};
  BOOST_TEST(read->jobs(f).items.size() == 2u);
  BOOST_TEST(reboot().workflows.at(0).jobs.size() == static_cast<size_t>(count));
}

BOOST_AUTO_TEST_SUITE_END()
