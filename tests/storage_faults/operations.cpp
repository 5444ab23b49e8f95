#include "operations.hpp"

#include "storage/reader.hpp"

#include <algorithm>
#include <memory>

namespace torc::test {

namespace {

constexpr int64_t width = 60; ///< jobs of the first stage; one waits for all, as many wait for it
constexpr int64_t lost = 20;  ///< of which so many are given to a runner that vanishes
constexpr int64_t job_count = 2 * width + 2;

struct copying;

/// What later operations must know of earlier ones. Ids are the same on every walk.
struct script {
  std::string path;
  core::workflow_id workflow{1};
  core::runner_id runner{77};
  int64_t first_job = 1;
  std::shared_ptr<copying> copy; ///< of the restore that is under way

  core::job_id job(int64_t n) const { return core::job_id{first_job + n}; }

  core::grant grant(int64_t n, int32_t attempt = 1) const {
    core::grant g;
    g.id = core::grant_id{core::first_id_of(1) + n + (attempt - 1) * job_count};
    g.workflow = workflow;
    g.job = job(n);
    g.run = 1;
    g.attempt = attempt;
    g.runner = runner;
    return g;
  }
};

core::attempt_ended ended(const core::grant& g) {
  core::attempt_ended e;
  e.open = g;
  e.start = core::instant{1'800'000'001'000'000};
  e.end = core::instant{1'800'000'002'000'000};
  return e;
}

core::edited edit(storage::store& s, const core::edit& e) {
  s.begin();
  auto done = s.apply(e);
  s.commit();
  s.tend_log();
  if (!done)
    core::fault("an operation of the test was refused: " + done.why().message);
  return *done;
}

void write(storage::store& s, core::turn t) {
  s.begin();
  s.apply(std::move(t));
  s.commit();
  s.tend_log();
}

core::open_submission submission() {
  core::open_submission o;
  o.workflow.name = "w";
  o.workflow.user = "ada";
  o.job_count = job_count;
  for (const auto* name : {"in", "out"}) {
    core::file_row f;
    f.name = name;
    f.path = std::string{"/data/"} + name;
    o.files.push_back(f);
  }
  return o;
}

/// `width` jobs, one that waits for them all, `width` that wait for that one, and one more.
core::job_row row_of(const script& s, int64_t n) {
  core::job_row j;
  j.id = s.job(n);
  j.workflow = s.workflow;
  j.name = "job_" + std::to_string(n);
  j.command = "echo " + std::string(200, 'x') + std::to_string(n);
  j.depends_on_job_ids.emplace();
  if (n == width)
    for (int64_t i = 0; i < width; ++i)
      j.depends_on_job_ids->push_back(s.job(i).value);
  if (n > width && n <= 2 * width)
    j.depends_on_job_ids->push_back(s.job(width).value);
  return j;
}

core::create_jobs chunk(const script& s, int64_t from, int64_t to) {
  core::create_jobs c;
  c.workflow = s.workflow;
  c.preassigned = true;
  for (auto n = from; n < to; ++n)
    c.jobs.push_back(row_of(s, n));
  return c;
}

void admit(storage::store& s, const script& of) {
  auto facts = storage::open_reader(of.path)->facts_for_admission(of.workflow);
  std::vector<uint32_t> stages;
  auto planned = core::plan_admission(facts.value(), core::admit_mode::all, stages);
  for (const auto& j : facts->jobs)
    planned->all_jobs.push_back(j.job);
  planned->all_stages = std::move(stages);
  core::turn t;
  t.cause.admitted = std::move(planned.value());
  write(s, std::move(t));
}

core::turn claims(const script& s, int64_t from, int64_t to) {
  core::turn t;
  core::runner_joined j;
  j.runner = s.runner;
  j.user = "ada";
  j.room = {8, 1, 1, int64_t{16} << 30, 7200};
  j.hostname = "node1";
  j.pid = 99;
  j.at = core::instant{1'800'000'000'000'000};
  j.instance = 4711;
  t.cause.cause.joined.push_back(j);
  for (auto n = from; n < to; ++n)
    t.grants.push_back(s.grant(n));
  return t;
}

core::turn completions(const script& s, int64_t from, int64_t to) {
  core::turn t;
  for (auto n = from; n < to; ++n)
    t.cause.cause.ended.push_back(ended(s.grant(n, n < lost ? 2 : 1)));
  return t;
}

/// A runner is lost: what it held goes to another in the same turn.
core::turn losses(const script& s) {
  core::turn t;
  for (int64_t n = 0; n < lost; ++n) {
    t.cause.cause.retried.push_back({s.grant(n), 2, {}});
    t.grants.push_back(s.grant(n, 2));
  }
  return t;
}

/// The last of a stage ends: what waits is ready, and half of it is granted in the same turn.
core::turn unblocking(const script& s) {
  auto t = completions(s, width, width + 1);
  for (int64_t n = width + 1; n <= 2 * width; ++n)
    t.cause.ready.push_back({s.workflow, s.job(n), 0, 1});
  for (int64_t n = width + 1; n <= width + width / 2; ++n)
    t.grants.push_back(s.grant(n));
  return t;
}

void order(storage::store& s, core::control c) {
  core::turn t;
  t.cause.cause.controls.push_back({core::ticket_id{1}, std::move(c)});
  s.begin();
  const auto l = s.apply(std::move(t));
  s.commit();
  s.tend_log();
  if (l.answers.size() != 1 || !l.answers[0].what)
    core::fault("an order of the test was refused");
}

/// The workflow once more, from its own archive.
struct copying {
  core::id_map ids;
  std::vector<core::restore_rows> tables;

  void begin(storage::store& s, const script& of) {
    const auto read = storage::open_reader(of.path)->archive(
        of.workflow, {[&](const core::archived_table& t, const std::vector<std::string>& columns) {
                        tables.push_back({{}, std::string{t.name}, columns, {}});
                      },
                      [&](const std::vector<core::cell>& row) { take(row); }});
    core::open_restore open;
    for (size_t i = 1; i < core::id_spaces; ++i)
      open.counts[i] = ids.count(static_cast<core::id_space>(i));
    if (!read || !ids.settle())
      core::fault("the workflow cannot be archived");
    const auto first = edit(s, open).ids;
    for (size_t i = 1; i < core::id_spaces; ++i)
      ids.begin(static_cast<core::id_space>(i), first[i]);
    for (auto& t : tables)
      t.workflow.value = first[static_cast<size_t>(core::id_space::workflow)];
  }

  void take(const std::vector<core::cell>& row) {
    auto& t = tables.back();
    t.rows.push_back(row);
    const auto& table = *core::find_archived_table(t.table);
    if (table.own != core::id_space::none && t.table != "workflow_status")
      ids.note(table.own, std::get<int64_t>(row.at(0)));
    if (t.table == "job_state")
      core::close_attempt(t.columns, t.rows.back());
  }

  void fill(storage::store& s, size_t from, size_t to) {
    s.begin();
    for (auto i = from; i < std::min(to, tables.size()); ++i) {
      auto& t = tables[i];
      const auto& table = *core::find_archived_table(t.table);
      std::vector<core::reference> references;
      for (const auto& column : t.columns)
        references.push_back(core::reference_of(table, column));
      for (auto& row : t.rows)
        if (!core::renumber(table, t.columns, references, ids, row))
          core::fault("the archive is not whole");
      if (!t.rows.empty() && !s.apply(t))
        core::fault("the archive was refused");
    }
    s.commit();
    s.tend_log();
  }
};

} // namespace

std::vector<operation> life_of_a_workflow(const std::string& path) {
  auto s = std::make_shared<script>();
  s->path = path;
  using st = storage::store;
  return {
      {"open", {}},
      {"create",
       {[s](st& d) { edit(d, submission()); }, [s](st& d) { edit(d, chunk(*s, 0, width)); },
        [s](st& d) { edit(d, chunk(*s, width, job_count)); },
        [s](st& d) {
          edit(d, core::close_submission{s->workflow, {}});
        }}},
      {"initialize",
       {[s](st& d) {
          edit(d, core::begin_initialize{s->workflow, true, true});
        },
        [s](st& d) { admit(d, *s); }}},
      {"claim", {[s](st& d) { write(d, claims(*s, 0, width)); }}},
      {"requeue", {[s](st& d) { write(d, losses(*s)); }}},
      {"edit",
       {[s](st& d) {
          core::user_data_row u;
          u.workflow = s->workflow;
          u.name = "notes";
          u.data = core::json_text{"\"" + std::string(6000, 'n') + "\""};
          edit(d, core::create<core::user_data_row>{u});
        },
        [s](st& d) { edit(d, core::erase_all<core::file_row>{s->workflow}); }}},
      {"complete",
       {[s](st& d) { write(d, completions(*s, 0, width / 2)); },
        [s](st& d) { write(d, completions(*s, width / 2, width)); }}},
      {"unblock",
       {[s](st& d) {
          core::turn t;
          t.cause.ready.push_back({s->workflow, s->job(width), 0, 1});
          t.grants.push_back(s->grant(width));
          write(d, std::move(t));
        },
        [s](st& d) { write(d, unblocking(*s)); }}},
      {"cancel", {[s](st& d) { order(d, core::cancel_workflow{s->workflow}); }}},
      {"reset",
       {[s](st& d) {
          order(d, core::reset_status{s->workflow, true});
        },
        [s](st& d) {
          order(d, core::reset_jobs{s->workflow, false, {}});
        }}},
      {"restore",
       {[s](st& d) {
          s->copy = std::make_shared<copying>();
          s->copy->begin(d, *s);
        },
        [s](st& d) { s->copy->fill(d, 0, 11); }, [s](st& d) { s->copy->fill(d, 11, 99); },
        [s](st& d) {
          edit(d, core::close_restore{s->copy->tables.at(0).workflow, true});
        }}},
      {"delete", {[s](st& d) { order(d, core::remove_workflow{s->workflow}); }}},
  };
}

} // namespace torc::test
