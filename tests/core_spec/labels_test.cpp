#include "tests/core_spec/spec_kit.hpp"

#include <boost/test/unit_test.hpp>

using namespace torc;
using namespace torc::test;

namespace {

core::job_spec labeled(const std::string& name, const std::vector<std::string>& labels) {
  auto j = job(name);
  j.labels = texts({});
  for (const auto& label : labels)
    j.labels.push_back({label, {7, 1}});
  return j;
}

core::parameter_spec list(const std::string& name, const std::string& values) {
  core::parameter_spec p;
  p.name.value = name;
  p.text.value = values;
  return p;
}

} // namespace

BOOST_AUTO_TEST_SUITE(labels)

BOOST_AUTO_TEST_CASE(parameters_go_into_labels_and_values_of_the_environment) {
  auto j = labeled("j{os}", {"{os}", "gpu"});
  j.sweep.parameters = {list("os", "['linux','windows']")};
  j.env.emplace_back(text("KIND"), text("on {os}"));
  const auto w = must_expand(workflow({j, job("plain")}));
  BOOST_REQUIRE_EQUAL(w.jobs.size(), 3u);
  BOOST_TEST(core::joined(w.label_sets.at(w.jobs[0].labels)) == "gpu,linux");
  BOOST_TEST(core::joined(w.label_sets.at(w.jobs[1].labels)) == "gpu,windows");
  BOOST_TEST(w.environments.at(w.jobs[1].env).text == R"({"KIND":"on windows"})");
  BOOST_TEST(w.jobs[2].labels == core::no_index);
  BOOST_TEST(w.jobs[2].env == core::no_index);
}

BOOST_AUTO_TEST_CASE(equal_labels_of_many_jobs_are_kept_once) {
  auto j = labeled("j{i}", {"gpu"});
  j.sweep.parameters = {list("i", "1:100")};
  const auto w = must_expand(workflow({j}));
  BOOST_TEST(w.jobs.size() == 100u);
  BOOST_TEST(w.label_sets.size() == 1u);
}

BOOST_AUTO_TEST_CASE(a_label_that_is_none_and_a_name_that_is_none_are_complained_about) {
  auto padded = labeled("a", {"gpu", "x "});
  auto named = job("b");
  named.env.emplace_back(text("a-b"), text("x"));
  auto both = labeled("c", {"gpu"});
  both.scheduler = core::placed_text{"s", {}};
  auto spec = workflow({padded});
  BOOST_TEST(joined(errors_of(spec)).find("\"x \" is no label") != std::string::npos);
  spec = workflow({named});
  BOOST_TEST(joined(errors_of(spec)).find("no name of an environment variable") !=
             std::string::npos);
  spec = workflow({both});
  BOOST_TEST(joined(errors_of(spec)).find("a job with a scheduler has no labels") !=
             std::string::npos);
}

BOOST_AUTO_TEST_SUITE_END()
