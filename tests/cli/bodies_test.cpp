#include "cli/create/bodies.hpp"
#include "cli/print/json_text.hpp"
#include "config/spec_reader.hpp"

#include <boost/test/unit_test.hpp>

#include <algorithm>

using namespace torc::cli;

namespace {

torc::core::expanded_workflow must_expand(const char* spec) {
  auto w = torc::config::load_spec_text(spec, "spec.yaml", torc::config::spec_format::yaml);
  for (const auto& e : w.errors)
    BOOST_FAIL(e);
  return std::move(*w.value);
}

} // namespace

BOOST_AUTO_TEST_SUITE(creation_bodies)

BOOST_AUTO_TEST_CASE(name_blockers_files_and_requirements_by_id) {
  const auto w = must_expand(R"(
name: w
files: [{name: f, path: f.txt}]
resource_requirements: [{name: small, num_cpus: 1, memory: 1m}]
jobs:
  - {name: a, command: "echo \"x\" > ${files.output.f}", resource_requirements: small}
  - {name: b, command: cat, depends_on: [a], input_files: [f], cancel_on_blocking_job_failure: false}
)");
  created_ids ids;
  ids.workflow = 7;
  ids.jobs = {100, 101};
  ids.files = {50};
  ids.requirements = {30};
  std::string out;
  append_jobs(out, w, ids, 0, 2, true);
  const auto v = json::parse(out);
  const auto& jobs = list_member(v, "jobs");
  BOOST_REQUIRE(jobs.size() == 2U);
  BOOST_TEST(integer_member(jobs[0], "id") == 100);
  BOOST_TEST(text_member(jobs[0], "command") == "echo \"x\" > f.txt");
  BOOST_TEST(integer_member(jobs[0], "resource_requirements_id") == 30);
  BOOST_TEST(list_member(jobs[0], "output_file_ids").size() == 1U);
  BOOST_TEST(integer_member(jobs[1], "workflow_id") == 7);
  BOOST_TEST(integer(list_member(jobs[1], "depends_on_job_ids").at(0)).value() == 100);
  BOOST_TEST(integer(list_member(jobs[1], "input_file_ids").at(0)).value() == 50);
  BOOST_TEST(!bool_member(jobs[1], "cancel_on_blocking_job_failure", true));
}

BOOST_AUTO_TEST_CASE(can_be_written_in_parts_and_without_ids) {
  const auto w =
      must_expand("name: w\njobs: [{name: \"j{i}\", command: x, parameters: {i: '1:5'}}]");
  created_ids ids;
  ids.workflow = 1;
  std::string out;
  append_jobs(out, w, ids, 2, 4, false);
  const auto v = json::parse(out);
  const auto& jobs = list_member(v, "jobs");
  BOOST_REQUIRE(jobs.size() == 2U);
  BOOST_TEST(text_member(jobs[0], "name") == "j3");
  BOOST_TEST(member(jobs[0], "id").is_null());
}

BOOST_AUTO_TEST_SUITE_END()
