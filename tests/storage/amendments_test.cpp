#include "fixture.hpp"

using namespace torc;
using namespace torc::test;
using core::refusal;

namespace {

struct initialized : disk {
  core::workflow_id w = workflow();
  std::vector<core::job_id> j = jobs(w, {{}, {0}});

  core::amend_job change(core::job_id job) const {
    core::amend_job a;
    a.job = job;
    a.workflow = w;
    return a;
  }
  void denied(core::control c, refusal why) {
    const auto r = control(std::move(c));
    BOOST_REQUIRE(!r);
    BOOST_TEST(static_cast<int>(r.why().why) == static_cast<int>(why), r.why().message);
  }
  core::launch told(core::control c) {
    core::turn t;
    t.cause.cause.controls.push_back({core::ticket_id{5}, std::move(c)});
    return turn(std::move(t));
  }
  std::vector<core::job_id> changed() const {
    std::vector<core::job_id> ids;
    for (const auto& [id, name] : read->jobs_with_changed_inputs(w))
      ids.push_back(id);
    return ids;
  }
};

} // namespace

BOOST_FIXTURE_TEST_SUITE(amendments, initialized)

BOOST_AUTO_TEST_CASE(an_uninitialized_job_changes_in_all_that_it_says) {
  core::requirement_row need;
  need.workflow = w;
  need.name = "big";
  need.num_cpus = 4;
  need.id.value = create(need);
  auto a = change(j[1]);
  a.name = "new";
  a.command = "false";
  a.invocation_script = "bash";
  a.depends_on_job_ids = std::vector<int64_t>{};
  a.cancel_on_blocking_job_failure = false;
  a.supports_termination = true;
  a.requirement = need.id;
  a.scheduler = core::scheduler_id{9};
  a.priority = 3;
  const auto launch = told(a);
  BOOST_TEST(launch.answers.at(0).what.ok());
  const auto job = read->job(j[1]).value();
  BOOST_TEST(job.name == "new");
  BOOST_TEST(job.command == "false");
  BOOST_TEST(job.invocation_script.value() == "bash");
  BOOST_TEST(job.depends_on_job_ids->empty());
  BOOST_TEST(!job.cancel_on_blocking_job_failure);
  BOOST_TEST(job.supports_termination);
  BOOST_TEST(job.requirement.value == need.id.value);
  BOOST_TEST(job.scheduler.value == 9);
  BOOST_TEST(job.priority == 3);
  // What the rooms follow.
  BOOST_REQUIRE_EQUAL(launch.amended.jobs.size(), 1u);
  const auto& told = launch.amended.jobs[0];
  BOOST_TEST(told.workflow.value == w.value);
  BOOST_TEST(told.kind.need.num_cpus == 4);
  BOOST_TEST(told.kind.priority == 3);
  BOOST_TEST(told.kind.scheduler.value == 9);
  BOOST_TEST(!told.cancel_on_failure);
  BOOST_TEST(told.ready_as == 0);
  BOOST_TEST(!told.ticket);
}

BOOST_AUTO_TEST_CASE(a_later_job_keeps_its_name_command_and_dependencies) {
  initialize(w);
  auto a = change(j[0]);
  a.name = "new";
  denied(a, refusal::unprocessable);
  a = change(j[0]);
  a.depends_on_job_ids = std::vector<int64_t>{};
  denied(a, refusal::unprocessable);
  a = change(j[0]);
  a.priority = 1;
  BOOST_TEST(control(a).ok());
  BOOST_TEST(read->job(j[0])->name == "a");
}

BOOST_AUTO_TEST_CASE(an_amendment_that_names_something_unknown_changes_nothing) {
  auto a = change(core::job_id{99});
  denied(a, refusal::not_found);
  a = change(j[1]);
  a.name = "new";
  a.requirement = core::requirement_id{99};
  denied(a, refusal::unprocessable);
  a.requirement.reset();
  a.depends_on_job_ids = {{j[1].value}};
  denied(a, refusal::unprocessable);
  a.depends_on_job_ids = {{99}};
  denied(a, refusal::unprocessable);
  BOOST_TEST(read->job(j[1])->name == "b");
  core::requirement_row none;
  none.id.value = 99;
  denied(core::amend_requirement{none}, refusal::not_found);
}

BOOST_AUTO_TEST_CASE(a_changed_requirement_is_told_with_its_numbers) {
  const auto normal = read->job(j[0])->requirement;
  core::requirement_row row;
  row.id = normal;
  row.name = "default";
  row.num_cpus = 3;
  row.memory = "2k";
  row.runtime = "PT2M";
  const auto launch = told(core::amend_requirement{row});
  BOOST_REQUIRE_EQUAL(launch.amended.classes.size(), 1u);
  BOOST_TEST(launch.amended.classes[0].requirement.value == normal.value);
  BOOST_TEST(launch.amended.classes[0].need.num_cpus == 3);
  BOOST_TEST(launch.amended.classes[0].need.memory_bytes == 2048);
  BOOST_TEST(launch.amended.classes[0].need.runtime_s == 120);
  BOOST_TEST(read->facts_for_admission(w)->classes.at(0).need.num_cpus == 3);
  row.memory = "much";
  denied(core::amend_requirement{row}, refusal::unprocessable);
}

BOOST_AUTO_TEST_CASE(a_retried_job_that_had_ended_is_told_to_the_rooms) {
  initialize(w);
  core::turn t;
  t.grants.push_back(grant(w, j[0]));
  core::turn end;
  end.cause.cause.ended.push_back(ended(turn(t).orders.at(0).open, job_status::failed));
  turn(end);
  const auto launch = told(core::retry_job{j[0], w, 1, 3});
  BOOST_REQUIRE_EQUAL(launch.amended.jobs.size(), 1u);
  BOOST_TEST(launch.amended.jobs[0].ready_as == 2);
  BOOST_TEST(launch.amended.jobs[0].ticket.value == 5);
}

BOOST_AUTO_TEST_CASE(jobs_whose_inputs_were_edited_since_they_were_initialized_are_found) {
  core::user_data_row data;
  data.workflow = w;
  data.name = "d";
  data.data = core::json_text{"1"};
  data.id.value = create(data);
  core::job_row row;
  row.workflow = w;
  row.name = "reader";
  row.command = "true";
  row.input_user_data_ids = {{data.id.value}};
  const core::job_id reader{edit(core::create_jobs{w, {row}, false}).ids[0]};
  data.data = core::json_text{"2"};
  edit(core::replace<core::user_data_row>{data});
  BOOST_TEST(changed().empty()); // never initialized
  initialize(w);
  BOOST_TEST(changed().empty());
  data.data = core::json_text{"3"};
  edit(core::replace<core::user_data_row>{data});
  auto a = change(j[0]);
  a.invocation_script = "sh";
  BOOST_TEST(control(a).ok());
  BOOST_TEST((changed() == std::vector{j[0], reader}));
  data.data = core::json_text{"2"}; // as it was
  edit(core::replace<core::user_data_row>{data});
  BOOST_TEST((changed() == std::vector{j[0]}));
  initialize(w);
  BOOST_TEST(changed().empty());
}

BOOST_AUTO_TEST_CASE(an_initialization_describes_input_files_where_that_is_wanted) {
  core::file_row file;
  file.workflow = w;
  file.name = "in";
  file.path = "/data/in.csv";
  file.mtime = 1.5;
  file.id.value = create(file);
  core::job_row row;
  row.workflow = w;
  row.name = "reader";
  row.command = "true";
  row.input_file_ids = {{file.id.value}};
  edit(core::create_jobs{w, {row}, false});
  const auto entities = [&] {
    return read->page_where<core::ro_crate_entity_row>({w, {}, {}}).items;
  };
  initialize(w);
  BOOST_TEST(entities().empty());
  core::workflow_row wanted;
  wanted.id = w;
  wanted.enable_ro_crate = true;
  edit(core::replace<core::workflow_row>{wanted});
  initialize(w);
  initialize(w);
  const auto all = entities();
  BOOST_REQUIRE_EQUAL(all.size(), 3u); // the file once, the server once a run
  BOOST_TEST(all[0].file_id.value() == file.id.value);
  BOOST_TEST(all[0].entity_type == "File");
  BOOST_TEST(all[0].metadata ==
             R"({"@id":"/data/in.csv","@type":"File","name":"in.csv","encodingFormat":"text/csv",)"
             R"("torc:run_id":3,"dateModified":"1970-01-01T00:00:01.000Z"})");
  BOOST_TEST(all[1].entity_id == "#software-torc-server-run-2");
  BOOST_TEST(all[2].entity_type == "SoftwareApplication");
}

BOOST_AUTO_TEST_SUITE_END()
