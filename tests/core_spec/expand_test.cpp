#include "core/json_text.hpp"
#include "tests/core_spec/spec_kit.hpp"

#include <boost/test/unit_test.hpp>

using namespace torc;
using namespace torc::test;

namespace {

std::string only_error(const workflow_spec& spec) {
  const auto errors = errors_of(spec);
  return errors.size() == 1 ? errors[0] : std::to_string(errors.size()) + " errors";
}

bool has(const std::string& text, const std::string& part) {
  return text.find(part) != std::string::npos;
}

std::string files_of(const core::expanded_workflow& w, core::index_range list) {
  std::string all;
  for (const auto i : w.links(list))
    all += (all.empty() ? "" : ",") + w.files[i].name;
  return all;
}

} // namespace

BOOST_AUTO_TEST_SUITE(expansion)

BOOST_AUTO_TEST_CASE(jobs_come_by_stage_and_then_in_the_order_of_the_spec) {
  const auto w = must_expand(workflow({job("d", texts({"b", "c"})), job("b", texts({"a"})),
                                       job("a"), job("c", texts({"a"})), job("z")}));
  BOOST_TEST(joined(names(w)) == "a z b c d");
  BOOST_TEST(w.stages == 3);
  BOOST_TEST(blockers(w, "d") == "b,c");
  BOOST_TEST(w.dependencies == 4);
}

BOOST_AUTO_TEST_CASE(a_dependency_named_twice_is_one) {
  auto j = job("b", texts({"a", "a"}));
  j.depends_on_regexes = texts({"^a"});
  const auto w = must_expand(workflow({job("a"), j}));
  BOOST_TEST(blockers(w, "b") == "a");
  BOOST_TEST(w.dependencies == 1);
}

BOOST_AUTO_TEST_CASE(parameters_are_put_into_names_of_others_and_into_patterns) {
  auto first = job("a_{i}_{k}");
  first.sweep.parameters = {parameter("i", "1:2"), parameter("k", "1:2")};
  auto second = job("b_{i}", texts({"a_{i}_2"}));
  second.depends_on_regexes = texts({"^a_{i}_1"});
  second.sweep.parameters = {parameter("i", "1:2")};
  const auto w = must_expand(workflow({first, second}));
  BOOST_TEST(blockers(w, "b_1") == "a_1_1,a_1_2");
  BOOST_TEST(blockers(w, "b_2") == "a_2_1,a_2_2");
}

BOOST_AUTO_TEST_CASE(instances_with_the_same_list_share_it) {
  auto many = job("a_{i}");
  many.sweep.parameters = {parameter("i", "1:100")};
  auto after = job("b_{i}");
  after.depends_on_regexes = texts({"^a_"});
  after.sweep.parameters = {parameter("i", "1:100")};
  const auto w = must_expand(workflow({many, after}));
  BOOST_TEST(w.dependencies == 10'000);
  BOOST_TEST(w.job_pool.size() == 100);
}

BOOST_AUTO_TEST_CASE(unknown_names_are_told_with_the_nearest) {
  BOOST_TEST(has(only_error(workflow({job("prepare"), job("run", texts({"prepair"}))})),
                 "job \"run\" depends on \"prepair\", but there is no such job; did you mean "
                 "\"prepare\"?"));
}

BOOST_AUTO_TEST_CASE(unknown_references_of_every_kind_are_told) {
  auto j = job("a");
  j.resource_requirements = text("r");
  j.failure_handler = text("h");
  j.scheduler = text("s");
  j.input_files = texts({"f1"});
  j.output_files = texts({"f2"});
  j.input_user_data = texts({"u1"});
  j.output_user_data = texts({"u2"});
  BOOST_TEST(errors_of(workflow({j})).size() == 7);
}

BOOST_AUTO_TEST_CASE(a_pattern_without_a_match_is_refused) {
  auto j = job("b");
  j.depends_on_regexes = texts({"^zzz"});
  BOOST_TEST(has(only_error(workflow({job("a"), j})), "\"^zzz\" matches no job"));
}

BOOST_AUTO_TEST_CASE(a_pattern_that_does_not_compile_is_refused) {
  auto j = job("b");
  j.input_file_regexes = texts({"("});
  BOOST_TEST(has(only_error(workflow({j})), "a bracket is not closed"));
}

BOOST_AUTO_TEST_CASE(a_job_may_not_match_itself) {
  auto j = job("b_{i}");
  j.depends_on_regexes = texts({"^b"});
  j.sweep.parameters = {parameter("i", "1:1")};
  const auto error = only_error(workflow({job("ab"), j}));
  BOOST_TEST(has(error, "\"^b\" makes job \"b_1\" wait for itself"), error);
  BOOST_TEST(has(only_error(workflow({job("a", texts({"a"}))})), "wait for itself"));
}

BOOST_AUTO_TEST_CASE(doubled_names_are_refused) {
  BOOST_TEST(has(only_error(workflow({job("a"), job("a")})), "job \"a\" is there twice"));
  auto j = job("a");
  j.sweep.parameters = {parameter("i", "1:3")};
  BOOST_TEST(has(errors_of(workflow({j})).front(), "more than once by its parameters"));
  auto spec = workflow();
  spec.files = {file("f", "1"), file("f", "2")};
  BOOST_TEST(has(only_error(spec), "file \"f\" is there twice"));
}

BOOST_AUTO_TEST_CASE(a_circle_is_named) {
  const auto error = only_error(
      workflow({job("x"), job("a", texts({"b"})), job("b", texts({"c"})), job("c", texts({"a"}))}));
  BOOST_TEST(has(error, "circle: a -> b -> c -> a;"), error);
}

BOOST_AUTO_TEST_CASE(circles_apart_from_each_other_are_all_named) {
  BOOST_TEST(errors_of(workflow({job("a", texts({"b"})), job("b", texts({"a"})),
                                 job("c", texts({"d"})), job("d", texts({"c"}))}))
                 .size() == 2);
}

BOOST_AUTO_TEST_CASE(a_circle_through_files_is_named_with_the_file) {
  auto a = job("a"), b = job("b", texts({"a"}));
  a.input_files = texts({"f"});
  b.output_files = texts({"f"});
  auto spec = workflow({a, b});
  spec.files = {file("f", "f.txt")};
  const auto error = only_error(spec);
  BOOST_TEST(has(error, "circle, through file \"f\": a -> b -> a"), error);
}

BOOST_AUTO_TEST_CASE(a_reader_comes_after_all_writers) {
  auto r = job("r"), u = job("u"), w1 = job("w1"), w2 = job("w2");
  r.input_files = texts({"f"});
  w1.output_files = w2.output_files = texts({"f"});
  u.input_files = u.output_files = texts({"f"}); // Brings the file up to date after the others.
  auto spec = workflow({r, u, w1, w2});
  spec.files = {file("f", "f.txt")};
  BOOST_TEST(joined(names(must_expand(spec))) == "w1 w2 u r");
}

BOOST_AUTO_TEST_CASE(two_jobs_may_not_both_read_and_write_a_file) {
  auto a = job("a"), b = job("b");
  a.input_files = a.output_files = b.input_files = b.output_files = texts({"f"});
  auto spec = workflow({a, b});
  spec.files = {file("f", "f.txt")};
  BOOST_TEST(has(only_error(spec), "both read and write file \"f\""));
}

BOOST_AUTO_TEST_CASE(variables_become_paths_and_link_their_files) {
  auto j = job("j_{i}");
  j.command = text("cat ${files.input.in_{i}} > ${files.output.out} ${HOME} ${user_data.input.u}");
  j.invocation_script = text("${files.input.extra} {i}");
  j.input_files = texts({"also"});
  j.sweep.parameters = {parameter("i", "1:2")};
  auto spec = workflow({j});
  spec.files = {file("in_1", "/i1"), file("in_2", "/i2"), file("out", "/o"), file("extra", "/e"),
                file("also", "/a")};
  core::user_data_spec u;
  u.name = text("u");
  u.data = core::json_text{"{\"k\":1}"};
  spec.user_data = {u};
  const auto w = must_expand(spec);
  BOOST_TEST(w.jobs[1].command == "cat /i2 > /o ${HOME} {\"k\":1}");
  BOOST_TEST(w.scripts[w.jobs[1].invocation_script] == "/e 2");
  BOOST_TEST(files_of(w, w.jobs[1].input_files) == "in_2,extra,also");
  BOOST_TEST(files_of(w, w.jobs[1].output_files) == "out");
  BOOST_TEST(w.links(w.jobs[1].input_user_data).size() == 1);
}

BOOST_AUTO_TEST_CASE(variables_that_cannot_be_replaced_are_refused) {
  auto a = job("a"), b = job("b");
  a.command = text("${files.input.nothing}");
  b.command = text("${user_data.output.u}");
  auto spec = workflow({a, b});
  core::user_data_spec u;
  u.name = text("u");
  spec.user_data = {u};
  BOOST_TEST(errors_of(spec).size() == 2);
}

BOOST_AUTO_TEST_CASE(all_errors_come_at_once_in_the_order_of_their_places) {
  auto spec = workflow({job("a", texts({"x"})), job("b", texts({"y"}))});
  spec.jobs[0].depends_on[0].at = {9, 1};
  spec.jobs[1].depends_on[0].at = {4, 1};
  core::requirement_spec r;
  r.name = {"r", {6, 1}};
  r.num_cpus = {0, {7, 3}};
  r.memory = {"lots", {8, 3}};
  spec.resource_requirements = {r};
  toy_engine engine;
  const auto errors = core::expand(spec, engine.function()).errors;
  BOOST_REQUIRE(errors.size() == 4);
  BOOST_TEST(errors[0].at.line == 4);
  BOOST_TEST(errors[1].at.line == 7);
  BOOST_TEST(errors[2].at.line == 8);
  BOOST_TEST(errors[3].at.line == 9);
}

BOOST_AUTO_TEST_CASE(one_line_makes_one_error_however_many_instances) {
  auto j = job("b_{i}", texts({"a_{i}"}));
  j.depends_on[0].at = {3, 5};
  j.sweep.parameters = {parameter("i", "1:1000")};
  BOOST_TEST(errors_of(workflow({j})).size() == 1);
}

BOOST_AUTO_TEST_CASE(errors_without_end_are_cut_off_with_a_count) {
  std::vector<job_spec> jobs;
  for (int i = 0; i < 150; ++i)
    jobs.push_back(job("j" + std::to_string(i), texts({"nobody"})));
  const auto errors = errors_of(workflow(jobs));
  BOOST_TEST(errors.size() == core::complaints::limit + 1);
  BOOST_TEST(has(errors.back(), "50 more"));
}

BOOST_AUTO_TEST_CASE(nothing_is_said_about_names_that_could_not_be_read) {
  auto spec = workflow({job("a", texts({"lost"}))});
  spec.missing.jobs = true;
  core::complaints known;
  known.add({1, 1}, "a job could not be read");
  toy_engine engine;
  const auto errors = core::expand(spec, engine.function(), std::move(known)).errors;
  BOOST_TEST(errors.size() == 1);
}

BOOST_AUTO_TEST_CASE(dependencies_without_bound_are_refused) {
  auto many = job("a_{i}");
  many.sweep.parameters = {parameter("i", "1:20000")};
  auto after = job("b_{i}");
  after.depends_on_regexes = texts({"^a_"});
  after.sweep.parameters = {parameter("i", "1:20000")};
  BOOST_TEST(has(only_error(workflow({many, after})), "more than 50000000 dependencies"));
}

BOOST_AUTO_TEST_CASE(a_barrier_tests_each_name_at_most_once_and_compiles_once) {
  std::vector<job_spec> jobs;
  for (int round = 1; round <= 4; ++round) {
    const auto r = std::to_string(round);
    auto work = job("r" + r + "_{i:05d}");
    if (round > 1)
      work.depends_on = texts({("barrier_" + std::to_string(round - 1)).c_str()});
    work.sweep.parameters = {parameter("i", "0:2499")};
    auto barrier = job("barrier_" + r);
    barrier.depends_on_regexes = texts({("^r" + r + "_").c_str()});
    jobs.push_back(work);
    jobs.push_back(barrier);
  }
  toy_engine engine;
  const auto w = core::expand(workflow(jobs), engine.function());
  BOOST_REQUIRE(w);
  BOOST_TEST(w.value->jobs.size() == 10'004);
  BOOST_TEST(w.value->dependencies == 17'500);
  BOOST_TEST(w.value->stages == 8);
  BOOST_TEST(engine.compiled == 4);
  BOOST_TEST(engine.tested == 10'000);
}

BOOST_AUTO_TEST_CASE(a_pattern_for_each_instance_stays_linear_when_it_is_anchored) {
  auto many = job("a_{i:05d}");
  many.sweep.parameters = {parameter("i", "1:5000")};
  auto after = job("b_{i:05d}");
  after.depends_on_regexes = texts({"^a_{i:05d}"});
  after.sweep.parameters = {parameter("i", "1:5000")};
  toy_engine engine;
  BOOST_REQUIRE(core::expand(workflow({many, after}), engine.function()));
  BOOST_TEST(engine.compiled == 5000);
  BOOST_TEST(engine.tested == 5000);
}

BOOST_AUTO_TEST_CASE(a_pattern_that_many_jobs_write_is_matched_once) {
  std::vector<job_spec> jobs{job("a1"), job("a2")};
  for (int i = 0; i < 50; ++i) {
    jobs.push_back(job("b" + std::to_string(i)));
    jobs.back().depends_on_regexes = texts({"^a"});
  }
  toy_engine engine;
  BOOST_REQUIRE(core::expand(workflow(jobs), engine.function()));
  BOOST_TEST(engine.compiled == 1);
  BOOST_TEST(engine.tested == 2);
}

BOOST_AUTO_TEST_SUITE_END()
