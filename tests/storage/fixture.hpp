#pragma once

#include "core/read_model.hpp"
#include "storage/reader.hpp"
#include "storage/statement.hpp"
#include "storage/store.hpp"

#include <boost/test/unit_test.hpp>

#include <filesystem>
#include <map>
#include <memory>
#include <string>
#include <vector>

namespace torc::test {

using core::job_status;

/// A fresh folder, removed at the end.
struct temp_folder {
  temp_folder() {
    std::string name = (std::filesystem::temp_directory_path() / "torc_storage_XXXXXX").string();
    BOOST_REQUIRE(mkdtemp(name.data()));
    path = name;
  }
  ~temp_folder() { std::filesystem::remove_all(path); }
  temp_folder(const temp_folder&) = delete;
  temp_folder& operator=(const temp_folder&) = delete;
  std::filesystem::path path;
};

/// A store on a file of its own, and what a test says to it.
struct disk {
  temp_folder folder;
  std::string path = (folder.path / "torc.db").string();
  std::unique_ptr<storage::store> store;
  std::unique_ptr<core::read_model> read;
  int64_t next_grant = 0;
  core::runner_id runner{77};

  disk() { open(); }
  ~disk() {
    if (store)
      BOOST_CHECK_EQUAL(store->contradictions(), 0);
  }

  core::image open(int64_t lease_ms = 900'000) {
    storage::store::settings settings;
    settings.lease_ms = lease_ms;
    auto opened = storage::store::open(path, settings);
    BOOST_REQUIRE_MESSAGE(opened, (opened ? "" : opened.why().message));
    store = std::move(*opened);
    next_grant = core::first_id_of(store->epoch());
    auto image = store->recover();
    read = storage::open_reader(path);
    return image;
  }
  /// As after kill -9: what was not committed is not there.
  core::image reboot(int64_t lease_ms = 900'000) {
    read.reset();
    store.reset();
    return open(lease_ms);
  }

  core::result<core::edited> try_edit(const core::edit& e) {
    store->begin();
    auto r = store->apply(e);
    store->commit();
    return r;
  }
  core::edited edit(const core::edit& e) {
    auto r = try_edit(e);
    BOOST_REQUIRE_MESSAGE(r, (r ? "" : r.why().message));
    return *r;
  }
  template <class Row>
  int64_t create(Row row) {
    return edit(core::create<Row>{std::move(row)}).ids.at(0);
  }
  void refused(const core::edit& e, core::refusal why) {
    const auto before = rows();
    auto r = try_edit(e);
    BOOST_REQUIRE(!r);
    BOOST_TEST(static_cast<int>(r.why().why) == static_cast<int>(why), r.why().message);
    BOOST_TEST(r.why().message.size() > 10u);
    BOOST_TEST((rows() == before), "a refused edit leaves no trace");
  }

  core::launch turn(core::turn t) {
    store->begin();
    auto l = store->apply(std::move(t));
    store->commit();
    return l;
  }
  core::answer control(core::control c) {
    core::turn t;
    t.cause.cause.controls.push_back({core::ticket_id{5}, std::move(c)});
    auto l = turn(std::move(t));
    BOOST_REQUIRE_EQUAL(l.answers.size(), 1u);
    BOOST_TEST(l.answers[0].ticket.value == 5);
    return l.answers[0].what;
  }

  core::workflow_id workflow(std::string name = "w") {
    core::workflow_row row;
    row.name = std::move(name);
    row.user = "ada";
    return core::workflow_id{create(row)};
  }
  /// Jobs a, b, c, ... and the jobs each depends on, by position.
  std::vector<core::job_id> jobs(core::workflow_id w,
                                 const std::vector<std::vector<size_t>>& depends) {
    std::vector<core::job_id> ids;
    for (size_t i = 0; i < depends.size(); ++i) {
      core::job_row j;
      j.workflow = w;
      j.name = std::string(1, static_cast<char>('a' + i));
      j.command = "echo " + j.name;
      j.depends_on_job_ids.emplace();
      for (auto d : depends[i])
        j.depends_on_job_ids->push_back(ids[d].value);
      ids.emplace_back(edit(core::create_jobs{w, {j}, false}).ids.at(0));
    }
    return ids;
  }
  std::vector<core::job_id> diamond(core::workflow_id w) { return jobs(w, {{}, {0}, {0}, {1, 2}}); }

  /// begin_initialize, plan, admit: what net/ and the unblocker do.
  core::admission initialize(core::workflow_id w, bool fresh = true,
                             core::admit_mode mode = core::admit_mode::all) {
    edit(core::begin_initialize{w, fresh, false});
    auto facts = read->facts_for_admission(w);
    BOOST_REQUIRE(facts);
    storage::admitted_stages stages;
    auto planned = core::plan_admission(*facts, mode, stages.stages);
    BOOST_REQUIRE(planned);
    for (const auto& j : facts->jobs)
      stages.jobs.push_back(j.job);
    core::turn t;
    t.cause.admitted = *planned;
    store->begin();
    store->apply(std::move(t), stages);
    store->commit();
    return *planned;
  }

  core::runner_joined joining(int64_t instance = 4711) const {
    core::runner_joined j;
    j.runner = runner;
    j.user = "ada";
    j.room = {8, 1, 1, int64_t{16} << 30, 7200};
    j.hostname = "node1";
    j.pid = 99;
    j.at = core::instant{1'000'000'000'000'000};
    j.instance = instance;
    return j;
  }
  core::grant grant(core::workflow_id w, core::job_id j, int32_t attempt = 1) {
    core::grant g;
    g.id = core::grant_id{next_grant++};
    g.workflow = w;
    g.job = j;
    g.attempt = attempt;
    g.runner = runner;
    return g;
  }
  core::attempt_ended ended(const core::grant& g, job_status s = job_status::completed) const {
    core::attempt_ended e;
    e.open = g;
    e.status = s;
    e.return_code = s == job_status::completed ? 0 : 1;
    e.start = core::instant{1'000'000'001'000'000};
    e.end = core::instant{1'000'000'002'500'000};
    e.exec_time_minutes = 0.025;
    return e;
  }
  /// A runner joins, and is given the job at once.
  core::grant join_for(core::workflow_id w, core::job_id j) {
    core::turn t;
    t.cause.cause.joined.push_back(joining());
    t.grants.push_back(grant(w, j));
    return turn(std::move(t)).orders.at(0).open;
  }
  void end(const core::grant& g, job_status s = job_status::completed) {
    core::turn t;
    t.cause.cause.ended.push_back(ended(g, s));
    turn(std::move(t));
  }
  core::page_of<core::result_row> results(core::workflow_id w, bool all_runs = false) const {
    core::result_filter f;
    f.workflow = w;
    f.all_runs = all_runs;
    return read->results(f);
  }
  job_status status(core::job_id j) const { return read->job(j).value().status; }
  std::string statuses(const std::vector<core::job_id>& js) const {
    std::string all;
    for (auto j : js)
      all += (all.empty() ? "" : " ") + std::string{to_string(status(j))};
    return all;
  }

  /// A row in every table that a workflow has some in, those of runs excepted. @returns the group
  /// that it is shared with
  core::group_id fill(core::workflow_id w, const std::vector<core::job_id>& j) {
    core::file_row f;
    f.workflow = w;
    const auto file = create(f);
    core::user_data_row u;
    u.workflow = w;
    const auto data = create(u);
    core::job_row job;
    job.workflow = w;
    job.input_file_ids = job.output_file_ids = {{file}};
    job.input_user_data_ids = job.output_user_data_ids = {{data}};
    edit(core::create_jobs{w, {job}, false});
    core::event_row e;
    e.workflow = w;
    e.data.text = "1";
    create(e);
    core::failure_handler_row h;
    h.workflow = w;
    create(h);
    core::slurm_scheduler_row s;
    s.workflow = w;
    create(s);
    core::local_scheduler_row l;
    l.workflow = w;
    create(l);
    core::scheduled_compute_node_row n;
    n.workflow = w;
    create(n);
    core::action_row a;
    a.workflow = w;
    create(a);
    core::ro_crate_entity_row c;
    c.workflow = w;
    create(c);
    core::slurm_stats_row stats;
    stats.workflow = w;
    stats.job = j[0];
    create(stats);
    edit(core::add_remote_workers{w, {"host"}});
    const core::group_id team{edit(core::create_group{}).ids.at(0)};
    edit(core::add_member{{{}, "bob", team, "member", {}}});
    edit(core::share_workflow{{w, team, {}}});
    u.id.value = data;
    u.data = core::json_text{"2"};
    edit(core::replace<core::user_data_row>{u});
    core::result_row ended;
    ended.completion_time = "then";
    BOOST_REQUIRE(control(core::force_status{j[3], w, 1, job_status::canceled, ended, "ada"}).ok());
    core::amend_job amend;
    amend.job = j[1];
    amend.workflow = w;
    amend.priority = 1;
    BOOST_TEST(control(amend).ok());
    return team;
  }

  /// How many rows every table has, the server's own excepted.
  std::map<std::string, int64_t> rows() const {
    std::string why;
    auto db = storage::database::open(path, storage::database::mode::read_only, why);
    BOOST_REQUIRE(db);
    std::map<std::string, int64_t> n;
    storage::statement names{*db, "SELECT name FROM sqlite_schema WHERE type = 'table' "
                                  "AND name NOT IN ('server', 'counter')"};
    for (auto r = names.query(); r.next();) {
      const auto name = r.get<std::string>(0);
      n[name] = db->number(("SELECT count(*) FROM " + name).c_str());
    }
    return n;
  }
};

} // namespace torc::test
