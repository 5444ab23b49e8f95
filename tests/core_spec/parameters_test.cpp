#include "core/sweep.hpp"
#include "tests/core_spec/spec_kit.hpp"

#include <boost/test/unit_test.hpp>

using namespace torc;
using namespace torc::test;

namespace {

/// All values of a parameter, rendered with a format, separated by blanks; or the error.
std::string values(const std::string& written, const std::string& format = "") {
  const auto parsed = core::parameter_values::parse(parameter("p", written));
  if (!parsed)
    return "error: " + parsed.why().message;
  std::string all;
  for (uint32_t i = 0; i < parsed->size(); ++i) {
    if (i > 0)
      all += ' ';
    parsed->append(i, core::value_format::parse(format), all);
  }
  return all;
}

std::string rendered(const std::string& text, const std::string& value) {
  const auto parsed = core::parameter_values::parse(parameter("p", value));
  const core::parameter_values* const all[] = {&*parsed};
  const std::string_view names[] = {"p"};
  const uint32_t index[] = {0};
  std::string out;
  core::text_template(text, names).render(all, index, out);
  return out;
}

bool is_error(const std::string& written) {
  return values(written).starts_with("error");
}

} // namespace

BOOST_AUTO_TEST_SUITE(parameters)

BOOST_AUTO_TEST_CASE(integer_ranges_include_both_ends) {
  BOOST_TEST(values("1:5") == "1 2 3 4 5");
  BOOST_TEST(values("1:10:4") == "1 5 9");
  BOOST_TEST(values("3:1:-1") == "3 2 1");
  BOOST_TEST(values("-2:2:2") == "-2 0 2");
  BOOST_TEST(values("7:7") == "7");
  BOOST_TEST(values("{1:3}") == "1 2 3");
  BOOST_TEST(values(" 1 : 3 ") == "1 2 3");
  BOOST_TEST(values("9223372036854775806:9223372036854775807") ==
             "9223372036854775806 9223372036854775807");
}

BOOST_AUTO_TEST_CASE(float_ranges_do_not_gather_errors) {
  BOOST_TEST(values("0.0:1.0:0.1") == "0 0.1 0.2 0.3 0.4 0.5 0.6 0.7 0.8 0.9 1");
  BOOST_TEST(values("0:1:0.5") == "0 0.5 1");
  BOOST_TEST(values("1.5:3.5") == "1.5 2.5 3.5");
  BOOST_TEST(values("1.0:0.5:-0.25") == "1 0.75 0.5");
}

BOOST_AUTO_TEST_CASE(lists_hold_numbers_and_texts) {
  BOOST_TEST(values("[1, 2.50, abc]") == "1 2.5 abc");
  BOOST_TEST(values("['a', \"b\", 'c,d']") == "a b c,d");
  BOOST_TEST(values("['http://x:80/', '12:30']") == "http://x:80/ 12:30");
  BOOST_TEST(values("[nan, inf, don't]") == "nan inf don't");
}

BOOST_AUTO_TEST_CASE(items_of_a_list_of_the_file_keep_their_type) {
  core::parameter_spec p = parameter("p", "");
  p.items = {{"7", false}, {"7", true}, {"0.50", false}};
  const auto parsed = core::parameter_values::parse(p);
  std::string out;
  for (uint32_t i = 0; i < parsed->size(); ++i) {
    parsed->append(i, core::value_format::parse("03d"), out);
    out += ' ';
  }
  BOOST_TEST(out == "007 7 0.5 ");
}

BOOST_AUTO_TEST_CASE(scalars_are_one_value) {
  BOOST_TEST(values("42") == "42");
  BOOST_TEST(values("4.20") == "4.2");
  BOOST_TEST(values("hello world") == "hello world");
}

BOOST_AUTO_TEST_CASE(bad_values_are_refused) {
  for (const auto* bad :
       {"1:2:0", "0.0:1.0:0.0", "1:", ":5", "a:b", "12:30:00:00", "http://x", "5:1", "1:5:-1",
        "0.0:1.0:-0.1", "[1,2", "['a", "[1,,2]", "['a' b]", "[[1],[2]]", "0:9223372036854775807",
        "0.0:1e300", "1:99999999999999999999"})
    BOOST_TEST(is_error(bad), bad);
}

BOOST_AUTO_TEST_CASE(formats_pad_integers_and_round_floats) {
  BOOST_TEST(values("[5, -5, 12345]", "03d") == "005 -05 12345");
  BOOST_TEST(values("[0.126, 2.5]", ".2f") == "0.13 2.50");
  BOOST_TEST(values("[1.5]", ".0f") == "2");
  BOOST_TEST(values("[5]", ".2f") == "5");
  BOOST_TEST(values("[0.5]", "03d") == "0.5");
  BOOST_TEST(values("[5]", "3d") == "5");
  BOOST_TEST(values("[5]", "x") == "5");
  BOOST_TEST(values("[5]", "099999d").size() == 64);
}

BOOST_AUTO_TEST_CASE(floats_are_written_without_exponents) {
  BOOST_TEST(values("[1e-7, 1e21, 0.0001]") == "0.0000001 1000000000000000000000 0.0001");
}

BOOST_AUTO_TEST_CASE(every_placeholder_in_a_text_is_replaced) {
  BOOST_TEST(rendered("a{p}b{p:03d}c{p}", "7") == "a7b007c7");
  BOOST_TEST(rendered("{p:.1f}{p:.3f}{p}", "0.25") == "0.20.2500.25");
  BOOST_TEST(rendered("${p}", "7") == "$7");
  BOOST_TEST(rendered("{{p}}", "7") == "{7}");
}

BOOST_AUTO_TEST_CASE(other_braces_stay) {
  BOOST_TEST(rendered("awk '{print $1}' {q} {} { {p", "7") == "awk '{print $1}' {q} {} { {p");
  BOOST_TEST(rendered("{pp} {p}{", "7") == "{pp} 7{");
}

BOOST_AUTO_TEST_CASE(the_last_parameter_counts_fastest) {
  auto j = job("{b}{a}");
  j.sweep.parameters = {parameter("b", "1:2"), parameter("a", "[x, y]")};
  BOOST_TEST(joined(names(must_expand(workflow({j})))) == "1x 1y 2x 2y");
}

BOOST_AUTO_TEST_CASE(zip_pairs_values) {
  auto j = job("{a}{b}");
  j.sweep.parameters = {parameter("a", "1:3"), parameter("b", "[x, y, z]")};
  j.sweep.parameter_mode = text("zip");
  BOOST_TEST(joined(names(must_expand(workflow({j})))) == "1x 2y 3z");
}

BOOST_AUTO_TEST_CASE(zip_of_unequal_lengths_names_both) {
  auto j = job("{a}{b}");
  j.sweep.parameters = {parameter("a", "1:3"), parameter("b", "[x, y]")};
  j.sweep.parameter_mode = text("zip");
  const auto errors = errors_of(workflow({j}));
  BOOST_REQUIRE(errors.size() == 1);
  BOOST_TEST(errors[0].find("\"a\" has 3 and \"b\" has 2") != std::string::npos, errors[0]);
}

BOOST_AUTO_TEST_CASE(an_unknown_mode_is_refused) {
  auto j = job("{a}");
  j.sweep.parameters = {parameter("a", "1:3")};
  j.sweep.parameter_mode = text("zipp");
  BOOST_TEST(errors_of(workflow({j})).size() == 1);
}

BOOST_AUTO_TEST_CASE(workflow_parameters_are_taken_by_name_and_overridden_by_own) {
  auto spec = workflow({job("{a}_{b}_{c}"), job("plain_{a}")});
  spec.parameters = {parameter("a", "1:2"), parameter("b", "[x]"), parameter("c", "9")};
  spec.jobs[0].sweep.use_parameters = texts({"b", "a"});
  spec.jobs[0].sweep.parameters = {parameter("a", "7:8"), parameter("c", "0")};
  BOOST_TEST(joined(names(must_expand(spec))) == "7_x_0 8_x_0 plain_{a}");
}

BOOST_AUTO_TEST_CASE(an_unknown_workflow_parameter_is_refused_with_a_suggestion) {
  auto spec = workflow({job("{rate}")});
  spec.parameters = {parameter("rate", "1:2")};
  spec.jobs[0].sweep.use_parameters = texts({"rat"});
  const auto errors = errors_of(spec);
  BOOST_REQUIRE(errors.size() == 1);
  BOOST_TEST(errors[0].find("did you mean \"rate\"?") != std::string::npos, errors[0]);
}

BOOST_AUTO_TEST_CASE(a_list_without_values_is_refused) {
  auto j = job("{a}");
  j.sweep.parameters = {parameter("a", "[]"), parameter("b", "1:3")};
  BOOST_TEST(errors_of(workflow({j, job("x")})).size() == 1);
  j.sweep.parameters[0].items.emplace();
  BOOST_TEST(errors_of(workflow({j, job("x")})).size() == 1);
  BOOST_TEST(is_error("[ ]"));
}

BOOST_AUTO_TEST_CASE(too_many_combinations_are_refused_before_they_are_made) {
  auto j = job("{a}{b}{c}{d}");
  for (const auto* name : {"a", "b", "c", "d"})
    j.sweep.parameters.push_back(parameter(name, "1:4000000"));
  BOOST_TEST(errors_of(workflow({j})).size() == 1);
}

BOOST_AUTO_TEST_SUITE_END()
