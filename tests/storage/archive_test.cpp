#include "core/archive.hpp"
#include "fixture.hpp"
#include "storage/row_lines.hpp"

#include <algorithm>
#include <limits>
#include <set>

using namespace torc;
using namespace torc::test;
using core::refusal;

namespace {

struct table {
  const core::archived_table* what = nullptr;
  std::vector<std::string> columns;
  std::vector<std::vector<core::cell>> rows;
};
using archive = std::vector<table>;

archive taken(core::read_model& r, core::workflow_id w) {
  archive all;
  const auto done = r.archive(w, {[&](const auto& t, const auto& columns) {
                                    all.push_back({&t, columns, {}});
                                  },
                                  [&](const auto& row) { all.back().rows.push_back(row); }});
  BOOST_REQUIRE(done);
  return all;
}

std::string text_of(const archive& a) {
  std::string text;
  for (const auto& t : a) {
    text += std::string{t.what->name} + "\n";
    for (const auto& row : t.rows)
      text += core::line_of(row);
  }
  return text;
}

core::cell& at(table& t, const std::string& column, size_t row = 0) {
  const auto place = std::find(t.columns.begin(), t.columns.end(), column) - t.columns.begin();
  return t.rows.at(row).at(static_cast<size_t>(place));
}

table& find(archive& a, std::string_view name) {
  const auto found =
      std::find_if(a.begin(), a.end(), [&](auto& t) { return t.what->name == name; });
  BOOST_REQUIRE((found != a.end()));
  return *found;
}

core::id_map ids_of(archive& a) {
  core::id_map ids;
  for (auto& t : a)
    if (t.what->own != core::id_space::none && t.what->name != "workflow_status")
      for (size_t i = 0; i < t.rows.size(); ++i)
        ids.note(t.what->own, std::get<int64_t>(at(t, "id", i)));
  BOOST_REQUIRE(ids.settle());
  return ids;
}

/// Puts it back in one go. @returns what the end of it said
core::result<core::edited> restore(disk& d, archive a) {
  auto ids = ids_of(a);
  core::open_restore open;
  for (size_t i = 1; i < core::id_spaces; ++i)
    open.counts[i] = ids.count(static_cast<core::id_space>(i));
  const auto first = d.edit(open).ids;
  for (size_t i = 1; i < core::id_spaces; ++i)
    ids.begin(static_cast<core::id_space>(i), first[i]);
  const core::workflow_id w{first.at(1)};
  BOOST_TEST(!d.read->workflow(w), "it is shown before it is whole");
  for (auto& t : a) {
    std::vector<core::reference> references;
    for (const auto& c : t.columns)
      references.push_back(core::reference_of(*t.what, c));
    for (auto& row : t.rows) {
      if (t.what->name == "job_state")
        core::close_attempt(t.columns, row);
      if (auto ok = core::renumber(*t.what, t.columns, references, ids, row); !ok)
        return ok.why();
    }
    if (auto ok = d.try_edit(core::restore_rows{w, std::string{t.what->name}, t.columns, t.rows});
        !ok)
      return ok.why();
  }
  return d.try_edit(core::close_restore{w, true});
}

/// A workflow with a row in every table, one job of which has ended.
struct workplace : disk {
  core::workflow_id w = workflow("all of it");
  std::vector<core::job_id> j = diamond(w);

  workplace() {
    initialize(w);
    fill(w, j);
    core::slurm_scheduler_row s;
    s.workflow = w;
    const auto scheduler = create(s);
    core::action_row a;
    a.workflow = w;
    a.trigger_type = "on_jobs_ready";
    a.action_type = "schedule_nodes";
    a.job_ids = {{j[1].value, j[3].value}};
    a.action_config.text = R"({"scheduler_id": )" + std::to_string(scheduler) +
                           R"(, "more": {"scheduler_id":1}, "num_allocations":2})";
    create(a);
    end(join_for(w, j[0]));
  }
};

} // namespace

BOOST_FIXTURE_TEST_SUITE(archives, workplace)

BOOST_AUTO_TEST_CASE(every_table_of_a_workflow_is_archived_or_left_out_by_name) {
  std::set<std::string, std::less<>> known{"server", "counter",      "kept_call",
                                           "runner", "access_group", "user_group_membership"};
  for (const auto& t : core::archived_tables())
    known.emplace(t.name);
  for (const auto name : core::unarchived_tables())
    known.emplace(name);
  for (const auto& [name, count] : rows())
    BOOST_TEST(known.contains(name), name);
  for (const auto& t : taken(*read, w))
    BOOST_TEST(!t.rows.empty(), t.what->name);
}

BOOST_AUTO_TEST_CASE(a_workflow_is_put_back_with_all_its_rows_under_new_ids) {
  const auto before = taken(*read, w);
  disk fresh;
  BOOST_REQUIRE(restore(fresh, before).ok());
  auto same = before; // The first workflow of a database has the same ids again.
  for (size_t i = 0; i < find(same, "job_state").rows.size(); ++i)
    core::close_attempt(find(same, "job_state").columns, find(same, "job_state").rows[i]);
  BOOST_TEST(text_of(taken(*fresh.read, core::workflow_id{1})) == text_of(same));
  BOOST_TEST(fresh.statuses(j) == "completed uninitialized uninitialized canceled");
  BOOST_TEST(fresh.read->cancellation_of(j[3])->user == "ada");

  const auto again = restore(*this, before);
  BOOST_REQUIRE(again);
  const core::workflow_id second{(*again).ids.at(0)};
  BOOST_TEST(second.value == 2);
  BOOST_TEST(text_of(taken(*read, w)) == text_of(before), "the first is as it was");
  const auto other = taken(*read, second);
  BOOST_TEST(text_of(other) != text_of(same));
  disk third;
  BOOST_REQUIRE(restore(third, other).ok());
  BOOST_TEST(text_of(taken(*third.read, core::workflow_id{1})) == text_of(same));
  BOOST_TEST(initialize(second, false).jobs.size() == 3u);
  reboot();
}

BOOST_AUTO_TEST_CASE(what_is_not_whole_is_deleted_by_the_next_start) {
  core::open_restore open;
  open.counts[static_cast<size_t>(core::id_space::workflow)] = 1;
  open.counts[static_cast<size_t>(core::id_space::job)] = 3;
  const auto before = rows();
  const core::workflow_id half{edit(open).ids.at(1)};
  auto all = taken(*read, w);
  auto& status = find(all, "workflow_status");
  at(status, "id") = half.value;
  BOOST_TEST(edit(core::restore_rows{half, "workflow_status", status.columns, status.rows}).count ==
             1);
  BOOST_TEST((rows() != before));
  const core::workflow_id other{edit(open).ids.at(1)};
  edit(core::close_restore{other, false});
  reboot();
  BOOST_TEST((rows() == before));
  refused(core::close_restore{half, true}, refusal::not_found);
  refused(core::restore_rows{half, "workflow_status", status.columns, status.rows},
          refusal::not_found);
  refused(core::close_restore{w, false}, refusal::not_found);
}

BOOST_AUTO_TEST_CASE(rows_that_make_no_workflow_are_refused_at_the_end) {
  const auto good = taken(*read, w);
  const auto refusal_of = [&](const std::string& name, const std::string& column, core::cell value,
                              const std::string& part) {
    auto bad = good;
    at(find(bad, name), column) = std::move(value);
    const auto r = restore(*this, bad);
    const auto said = r ? std::string{} : r.why().message;
    BOOST_TEST(said.find(part) != said.npos, name + "." + column + ": " + said);
  };
  refusal_of("job_state", "status", int64_t{42}, "the state of a job cannot be");
  refusal_of("job_state", "attempt_id", int64_t{-1}, "the state of a job cannot be");
  refusal_of("job_state", "stage", int64_t{1} << 40, "the state of a job cannot be");
  refusal_of("job", "priority", int64_t{1} << 40, "32 bits");
  refusal_of("job", "name", {}, "a row of job cannot be");
  refusal_of("job", "name", int64_t{7}, "");
  refusal_of("job", "resource_requirements_id", int64_t{77}, "no part of the workflow");
  refusal_of("job_depends_on", "depends_on_job_id", int64_t{77}, "no part of the workflow");
  refusal_of("result", "status", int64_t{11}, "the status of a result");
  refusal_of("event", "data", std::string{"{"}, "event.data is not JSON");
  refusal_of("resource_requirements", "memory", std::string{"much"}, "memory");
  refusal_of("resource_requirements", "runtime_s", int64_t{7}, "contradict");
  refusal_of("resource_requirements", "num_cpus", int64_t{-1}, "negative");
  refusal_of("resource_requirements", "name", std::string{"other"}, "default");
  refusal_of("workflow_action", "job_ids", std::string{"[1,77]"}, "no part of the workflow");
  refusal_of("workflow_status", "run_id", std::numeric_limits<int64_t>::max(), "run_id");
  auto stateless = good;
  find(stateless, "job_state").rows.pop_back();
  BOOST_TEST(!restore(*this, stateless).ok());
  auto doubled = good;
  find(doubled, "workflow_status").columns.emplace_back("new_here");
  for (auto& row : find(doubled, "workflow_status").rows)
    row.emplace_back(int64_t{1});
  const auto newer = restore(*this, doubled);
  BOOST_REQUIRE(!newer);
  BOOST_TEST(newer.why().message.find("newer") != std::string::npos, newer.why().message);
  BOOST_TEST(restore(*this, good).ok());
}

BOOST_AUTO_TEST_CASE(what_is_no_number_names_no_row_of_another_workflow) {
  const auto good = taken(*read, w);
  const auto refusal_of = [&](const std::string& name, const std::string& column,
                              core::cell value) {
    auto bad = good;
    at(find(bad, name), column) = std::move(value);
    const auto r = restore(*this, bad);
    const auto said = r ? std::string{} : r.why().message;
    BOOST_TEST(said.find(name + "." + column + " must be a whole number") != said.npos,
               name + "." + column + ": " + said);
  };
  const auto number = j[0].value;
  const auto text = std::to_string(number);
  refusal_of("job_depends_on", "job_id", text);
  refusal_of("job_depends_on", "depends_on_job_id", text);
  refusal_of("result", "job_id", static_cast<double>(number));
  refusal_of("result", "compute_node_id", std::string{"1"});
  refusal_of("event", "workflow_id", std::string{"1"});
  refusal_of("stage_time", "workflow_id", 1.0);
  refusal_of("job_state", "job_id", {});
  refusal_of("result", "workflow_id", {});
  refusal_of("edited_user_data", "user_data_id", {});
  BOOST_TEST(text_of(taken(*read, w)) == text_of(good));
}

BOOST_AUTO_TEST_CASE(rows_whose_owner_cannot_be_told_are_refused_and_the_database_goes_on) {
  core::open_restore open;
  refused(open, refusal::unprocessable);
  open.counts[static_cast<size_t>(core::id_space::workflow)] = 2;
  refused(open, refusal::unprocessable);
  open.counts[static_cast<size_t>(core::id_space::workflow)] = 1;
  open.counts[static_cast<size_t>(core::id_space::job)] = 1;
  const auto ids = edit(open).ids;
  const core::workflow_id half{ids.at(1)};
  const auto rows_refused = [&](const std::string& name, const std::vector<std::string>& columns,
                                std::vector<core::cell> row) {
    refused(core::restore_rows{half, name, columns, {std::move(row)}}, refusal::unprocessable);
  };
  rows_refused("workflow", {}, {});
  rows_refused("workflow", {"name", "user"}, {std::string{"n"}, std::string{"u"}});
  rows_refused("workflow", std::vector<std::string>(40'000, "id"),
               std::vector<core::cell>(40'000, half.value));
  rows_refused("workflow_status", {"is_canceled"}, {int64_t{0}});
  rows_refused("workflow_status", {"id"}, {std::string{"abc"}});
  rows_refused("workflow_status", {"id"}, {1.5});
  const std::vector<std::string> state{"job_id", "workflow_id", "status", "attempt_id", "stage"};
  const auto of = [&](core::cell job, core::cell status) {
    return std::vector<core::cell>{std::move(job), half.value, std::move(status), int64_t{1},
                                   int64_t{0}};
  };
  rows_refused("job_state", state, of(std::string{"abc"}, int64_t{0}));
  rows_refused("job_state", state, of(ids.at(2), int64_t{42}));
  rows_refused("job_state", state, of(ids.at(2), std::string{"42"}));
  rows_refused("job_state", {"workflow_id", "status", "attempt_id", "stage"},
               {half.value, int64_t{0}, int64_t{1}, int64_t{0}});
  edit(core::close_restore{half, false});
  BOOST_TEST(restore(*this, taken(*read, w)).ok());
}

BOOST_AUTO_TEST_CASE(a_restore_is_no_submission_and_a_submission_no_restore) {
  core::open_restore open;
  open.counts[static_cast<size_t>(core::id_space::workflow)] = 1;
  open.counts[static_cast<size_t>(core::id_space::job)] = 0;
  const core::workflow_id half{edit(open).ids.at(1)};
  auto all = taken(*read, w);
  auto& own = find(all, "workflow");
  at(own, "id") = half.value;
  edit(core::restore_rows{half, "workflow", own.columns, own.rows});
  refused(core::close_submission{half, {}}, refusal::not_found);
  core::job_row job;
  job.id = core::job_id{1};
  refused(core::create_jobs{half, {job}, true}, refusal::conflict);
  edit(core::close_restore{half, false});
  core::open_submission submission;
  submission.workflow.name = "s";
  const core::workflow_id sent{edit(submission).ids.at(0)};
  refused(core::restore_rows{sent, "event", {"id", "workflow_id"}, {}}, refusal::not_found);
  refused(core::close_restore{sent, true}, refusal::not_found);
  refused(core::close_restore{sent, false}, refusal::not_found);
  edit(core::close_submission{sent, {}});
}

BOOST_AUTO_TEST_CASE(names_of_attempts_are_those_of_the_new_jobs) {
  core::ro_crate_entity_row entity;
  entity.workflow = w;
  const auto attempt = [](core::job_id job) {
    return "#job-" + std::to_string(job.value) + "-attempt-1";
  };
  entity.entity_id = attempt(j[0]);
  entity.metadata = R"({"@id":")" + attempt(j[0]) + R"(","other":"#job-7000-attempt-1"})";
  create(entity);
  const auto again = restore(*this, taken(*read, w));
  BOOST_REQUIRE(again);
  const core::workflow_id second{(*again).ids.at(0)};
  const auto renamed = attempt(core::job_id{read->job_ids(second).front()});
  BOOST_TEST(renamed != attempt(j[0]));
  auto there = taken(*read, second);
  auto& entities = find(there, "ro_crate_entity");
  const auto last = entities.rows.size() - 1;
  BOOST_TEST(std::get<std::string>(at(entities, "entity_id", last)) == renamed);
  BOOST_TEST(std::get<std::string>(at(entities, "metadata", last)) ==
             R"({"@id":")" + renamed + R"(","other":"#job-7000-attempt-1"})");
}

BOOST_AUTO_TEST_CASE(ids_inside_of_texts_are_found_and_nothing_else_is_touched) {
  const auto& action = *core::find_archived_table("workflow_action");
  const std::vector<std::string> columns{"id", "job_ids", "action_config", "executed_by"};
  std::vector<core::reference> references;
  for (const auto& c : columns)
    references.push_back(core::reference_of(action, c));
  core::id_map ids;
  ids.note(core::id_space::action, 3);
  for (int64_t job : {10, 20, 30})
    ids.note(core::id_space::job, job);
  ids.note(core::id_space::scheduler, 5);
  BOOST_REQUIRE(ids.settle());
  ids.begin(core::id_space::action, 100);
  ids.begin(core::id_space::job, 200);
  ids.begin(core::id_space::scheduler, 300);
  std::vector<core::cell> row{
      int64_t{3}, std::string{"[30, 10]"},
      std::string{R"({"scheduler_id" : 5,"x":[5,{"scheduler_id":6}],"scheduler_id_2":5)"},
      int64_t{9}};
  BOOST_REQUIRE(core::renumber(action, columns, references, ids, row));
  BOOST_TEST(core::line_of(row) ==
             core::line_of({int64_t{100}, std::string{"[202, 200]"},
                            std::string{R"({"scheduler_id" : 300,"x":[5,{"scheduler_id":6}],)"
                                        R"("scheduler_id_2":5)"},
                            std::monostate{}}));
  ids.note(core::id_space::job, 10);
  BOOST_TEST(!ids.settle());
}

BOOST_AUTO_TEST_SUITE_END()
