#include "world.hpp"

#include "core/image.hpp"

#include <cstdlib>

namespace torc::test {

namespace {

actors::runner_actor::behavior_type play(actors::runner_actor::pointer,
                                         std::shared_ptr<inbox> heard) {
  return {
      [heard](const core::sealed& envelope) {
        if (auto run = core::open_sealed<core::wire::run_jobs>(envelope)) {
          heard->trace = run->trace;
          for (auto& o : run->orders)
            BOOST_TEST(heard->orders.emplace(o.what.grant, o).second);
        } else if (auto r = core::open_sealed<core::wire::revoke>(envelope))
          heard->revokes.push_back(*r);
        else if (auto a = core::open_sealed<core::wire::ack>(envelope))
          heard->acks.push_back(a->seq);
        else if (auto f = core::open_sealed<core::wire::finished>(envelope))
          heard->finished.push_back(*f);
        else
          BOOST_ERROR("a runner was sent something it cannot read");
      },
  };
}

} // namespace

world::world(std::shared_ptr<telemetry::trace_sink> traces, core::ledger::settings ledger)
    : traces_(std::move(traces)), ledger_(ledger) {
  auto pattern = (std::filesystem::temp_directory_path() / "torc-world-XXXXXX").string();
  folder_ = mkdtemp(pattern.data());
  open();
}

world::~world() {
  actors::untie(rooms);
  run();
  sched.clock().cancel_all();
  run();
  sys.await_actors_before_shutdown(false);
  reader_.reset();
  store_.reset();
  std::filesystem::remove_all(folder_);
}

void world::open() {
  auto opened = storage::store::open(path(), {});
  BOOST_REQUIRE_MESSAGE(opened.ok(), "the store opens");
  store_ = std::move(*opened);
  reader_ = storage::open_reader(path());
  auto image = store_->recover();
  BOOST_TEST(image.set_aside.empty());
  rooms = actors::tie_ring(sys, store_, image,
                           {"secret", ledger_, wall_,
                            [this](const auto& line) { log.push_back(line); }, false, traces_});
  run();
}

void world::run() {
  while (sched.try_run_once())
    ;
}

void world::advance(caf::timespan d) {
  sched.clock().advance_time(d);
  run();
}

void world::reboot() {
  actors::untie(rooms);
  sched.clock().cancel_all();
  run();
  reader_.reset();
  store_.reset();
  open();
}

core::edited world::must_edit(core::edit e) {
  auto out = core::edited{};
  auto asked = self->request(rooms.writer, caf::infinite, std::move(e));
  run();
  asked.receive(
      [&](const actors::edit_reply& r) {
        if (!r.outcome)
          BOOST_FAIL(r.outcome.why().message);
        out = *r.outcome;
      },
      [&](const caf::error& err) { BOOST_FAIL(sys.render(err)); });
  return out;
}

core::answer world::control(core::control c) {
  auto out = core::answer{core::done{}};
  auto asked = self->request(rooms.collector, caf::infinite, std::move(c));
  run();
  asked.receive([&](const actors::call_reply& r) { out = r.outcome; },
                [&](const caf::error& err) { BOOST_FAIL(sys.render(err)); });
  return out;
}

core::workflow_id world::must_create(int jobs, const std::vector<std::pair<int, int>>& edges,
                                     const std::string& user) {
  auto w = core::workflow_row{};
  w.name = "w";
  w.user = user;
  auto opened = core::open_submission{};
  opened.workflow = w;
  opened.job_count = jobs;
  auto ids = must_edit(opened).ids;
  auto at = [&](core::submission_ids i) { return ids.at(static_cast<size_t>(i)); };
  auto chunk = core::create_jobs{};
  chunk.workflow = core::workflow_id{at(core::submission_ids::workflow)};
  chunk.preassigned = true;
  for (int i = 0; i < jobs; ++i) {
    auto j = core::job_row{};
    j.id = core::job_id{at(core::submission_ids::jobs) + i};
    j.workflow = chunk.workflow;
    j.name = "j" + std::to_string(i);
    j.command = "echo " + std::to_string(i);
    j.depends_on_job_ids.emplace();
    for (auto [blocker, job] : edges)
      if (job == i)
        j.depends_on_job_ids->push_back(at(core::submission_ids::jobs) + blocker);
    chunk.jobs.push_back(std::move(j));
  }
  must_edit(std::move(chunk));
  must_edit(core::close_submission{core::workflow_id{at(core::submission_ids::workflow)}, {}});
  return core::workflow_id{at(core::submission_ids::workflow)};
}

void world::must_initialize(core::workflow_id w) {
  BOOST_TEST(must_edit(core::begin_initialize{w, true, true}).count == 1);
  auto facts = reads().facts_for_admission(w);
  BOOST_REQUIRE(facts.ok());
  auto stages = std::vector<uint32_t>{};
  auto plan = core::plan_admission(*facts, core::admit_mode::all, stages);
  BOOST_REQUIRE(plan.ok());
  for (auto& j : facts->jobs)
    plan->all_jobs.push_back(j.job);
  plan->all_stages = std::move(stages);
  auto asked = self->request(rooms.unblocker, caf::infinite, std::move(*plan));
  run();
  asked.receive([](const core::receipt& r) { BOOST_TEST(r.turn > 0u); },
                [&](const caf::error& err) { BOOST_FAIL(sys.render(err)); });
}

guest world::must_attach(int slots, int prefill, core::workflow_id w, const std::string& user,
                         std::vector<std::string> labels) {
  static int64_t instance = 0;
  auto g = guest{};
  g.handle = sys.spawn(play, g.heard);
  g.card.instance = ++instance;
  g.card.token = "secret";
  g.card.user = user;
  g.card.workflow = w.value;
  g.card.hostname = "host";
  g.card.slots = slots;
  g.card.prefill = prefill;
  g.card.labels = std::move(labels);
  must_reattach(g, {}, {});
  return g;
}

guest world::must_attach_as(core::wire::attach card) {
  auto g = guest{};
  g.card = std::move(card);
  must_reattach(g, {}, {});
  return g;
}

void world::must_reattach(guest& g, std::vector<core::wire::attempt> held,
                          std::vector<core::wire::ended> unacked) {
  g.card.held = std::move(held);
  g.card.unacked = std::move(unacked);
  g.card.runner = g.welcome.runner;
  if (!g.handle)
    g.handle = sys.spawn(play, g.heard);
  auto asked = self->request(rooms.collector, caf::infinite, core::seal(g.card), g.handle);
  run();
  asked.receive(
      [&](const core::sealed& s) {
        auto w = core::open_sealed<core::wire::welcome>(s);
        BOOST_REQUIRE(w.ok());
        g.welcome = *w;
      },
      [&](const caf::error& err) { BOOST_FAIL(sys.render(err)); });
  BOOST_TEST(g.welcome.refused == "");
  BOOST_TEST(g.welcome.runner != 0);
}

void world::lose(guest& g) {
  caf::anon_send_exit(g.handle, caf::exit_reason::kill);
  g.handle = actors::runner_actor{};
  run();
}

void world::report(guest& g, core::wire::report r) {
  r.runner = g.welcome.runner;
  r.seq = g.next_seq++;
  caf::send_as(g.handle, rooms.collector, core::seal(r));
}

void world::must_finish(guest& g, int64_t grant, int return_code) {
  auto at = g.heard->orders.find(grant);
  BOOST_REQUIRE(at != g.heard->orders.end());
  auto e = core::wire::ended{};
  e.what = at->second.what;
  e.return_code = return_code;
  e.status = static_cast<int8_t>(return_code == 0 ? core::job_status::completed
                                                  : core::job_status::failed);
  e.start_us = wall_.us;
  e.end_us = wall_.us + 1000;
  g.heard->orders.erase(at);
  auto r = core::wire::report{};
  r.done.push_back(e);
  report(g, std::move(r));
  run();
}

int world::work_off(guest& g) {
  int done = 0;
  for (; !g.heard->orders.empty(); ++done)
    must_finish(g, g.heard->orders.begin()->first);
  return done;
}

core::job_status world::status(int64_t job) {
  auto row = reads().job(core::job_id{job});
  BOOST_REQUIRE(row.has_value());
  return row->status;
}

void world::verify_statuses(core::workflow_id w,
                            const std::map<core::job_status, int64_t>& expected) {
  auto found = std::map<core::job_status, int64_t>{};
  for (auto [s, n] : reads().job_counts(w))
    if (n > 0)
      found[s] = n;
  for (auto& [s, n] : expected)
    BOOST_TEST(found[s] == n, "jobs " << core::to_string(s) << ": " << found[s] << " != " << n);
  for (auto& [s, n] : found)
    BOOST_TEST((n == 0 || expected.count(s) == 1), "unexpected " << n << " " << core::to_string(s));
}

} // namespace torc::test
