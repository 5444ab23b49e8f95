#include "cli/frame/command.hpp"

#include <boost/test/unit_test.hpp>

#include <cstdlib>

using namespace torc::cli;

namespace {

program small_program() {
  program p;
  p.root.name = "tool";
  p.root.summary = "A tool";
  p.version = "7.8.9";
  p.global_options = add_global_options;
  command get{.name = "get", .summary = "Get it", .run = [](call&) { return 0; }};
  get.arguments = {{"id", "which one", argument::count::one}};
  command remove{.name = "remove", .summary = "Remove them", .run = [](call&) { return 0; }};
  remove.arguments = {{"ids", "which ones", argument::count::some}};
  remove.options = [](po::options_description& o) {
    o.add_options()("force,f", po::bool_switch(), "do not ask")(
        "limit,l", po::value<int>()->default_value(10)->value_name("N"), "how many");
  };
  command things{.name = "things", .summary = "All about things"};
  things.children = {get, remove};
  command run{.name = "run", .summary = "Run", .run = [](call&) { return 0; }};
  run.arguments = {{"first", "", argument::count::one}, {"more", "", argument::count::many}};
  p.root.children = {things, run};
  return p;
}

struct fixture {
  fixture() {
    ::unsetenv("TORC_API_URL");
    ::unsetenv("RUST_LOG");
  }
  program p = small_program();

  invocation must_run(const std::vector<std::string>& words) {
    auto r = read_command_line(p, words);
    if (auto* t = std::get_if<told>(&r))
      BOOST_FAIL("not run, but: " << t->text);
    return std::get<invocation>(r);
  }
  told must_tell(const std::vector<std::string>& words) {
    auto r = read_command_line(p, words);
    BOOST_REQUIRE(std::holds_alternative<told>(r));
    return std::get<told>(r);
  }
};

} // namespace

BOOST_FIXTURE_TEST_SUITE(a_command_line, fixture)

BOOST_AUTO_TEST_CASE(leads_to_the_leaf_and_its_arguments) {
  const auto i = must_run({"things", "get", "5"});
  BOOST_TEST(i.leaf->name == "get");
  BOOST_TEST(i.arguments == std::vector<std::string>{"5"}, boost::test_tools::per_element());
}

BOOST_AUTO_TEST_CASE(takes_global_options_before_between_and_behind_the_commands) {
  for (const std::vector<std::string>& words :
       {std::vector<std::string>{"--url", "http://x/", "things", "get", "5"},
        {"things", "--url=http://x/", "get", "5"},
        {"things", "get", "5", "--url", "http://x/"},
        {"things", "get", "--url", "http://x/", "5"}}) {
    const auto i = must_run(words);
    BOOST_TEST(i.global.url.value() == "http://x");
    BOOST_TEST(i.arguments.size() == 1U);
  }
}

BOOST_AUTO_TEST_CASE(behind_the_leaf_wins_over_before_it) {
  const auto i = must_run({"-f", "json", "things", "get", "5", "-f", "table"});
  BOOST_TEST(!i.global.json());
  BOOST_TEST(must_run({"-f", "json", "things", "get", "5"}).global.json());
}

BOOST_AUTO_TEST_CASE(lets_a_leaf_own_a_letter_of_a_global_option) {
  const auto i = must_run({"-f", "json", "things", "remove", "-f", "1", "2"});
  BOOST_TEST(i.global.json());
  BOOST_TEST(i.options["force"].as<bool>());
  BOOST_TEST(must_run({"things", "remove", "--format", "json", "1"}).global.json());
}

BOOST_AUTO_TEST_CASE(reads_the_environment_where_an_option_is_missing) {
  ::setenv("TORC_API_URL", "http://from.env", 1);
  BOOST_TEST(must_run({"things", "get", "5"}).global.url.value() == "http://from.env");
  BOOST_TEST(must_run({"things", "get", "5", "--url", "http://y"}).global.url.value() ==
             "http://y");
  ::unsetenv("TORC_API_URL");
  BOOST_TEST(!must_run({"things", "get", "5"}).global.url.has_value());
}

BOOST_AUTO_TEST_CASE(understands_the_level_words_of_RUST_LOG) {
  BOOST_TEST(level_from("debug").value() == "debug");
  BOOST_TEST(level_from("INFO").value() == "info");
  BOOST_TEST(level_from("warning").value() == "warn");
  BOOST_TEST(level_from("torc=trace,error").value() == "error");
  BOOST_TEST(level_from("torc=trace").value() == "trace");
  BOOST_TEST(!level_from("loud").has_value());
}

BOOST_AUTO_TEST_CASE(answers_help_at_every_level) {
  for (const std::vector<std::string>& words : {std::vector<std::string>{"--help"},
                                                {"things", "--help"},
                                                {"things", "get", "-h"},
                                                {"things", "get", "5", "--help"}}) {
    const auto t = must_tell(words);
    BOOST_TEST(t.exit == exit_ok);
    BOOST_TEST(t.text.find("Usage: tool") != std::string::npos);
  }
  BOOST_TEST(must_tell({"things", "remove", "--help"}).text.find("[default 10]") !=
             std::string::npos);
  BOOST_TEST(must_tell({"--version"}).text == "tool 7.8.9\n");
}

BOOST_AUTO_TEST_CASE(names_the_command_that_a_mistyped_word_meant) {
  const auto t = must_tell({"thinks", "get", "5"});
  BOOST_TEST(t.exit == exit_usage);
  BOOST_TEST(t.text.find("did you mean 'things'?") != std::string::npos);
}

BOOST_AUTO_TEST_CASE(names_the_option_that_a_mistyped_one_meant) {
  const auto t = must_tell({"things", "get", "5", "--formt", "json"});
  BOOST_TEST(t.exit == exit_usage);
  BOOST_TEST(t.text.find("did you mean '--format'?") != std::string::npos);
}

BOOST_AUTO_TEST_CASE(is_refused_with_2_when_it_makes_no_sense) {
  BOOST_TEST(must_tell({}).exit == exit_usage);
  BOOST_TEST(must_tell({"things"}).exit == exit_usage);
  BOOST_TEST(must_tell({"things", "get"}).exit == exit_usage);
  BOOST_TEST(must_tell({"things", "get", "1", "2"}).exit == exit_usage);
  BOOST_TEST(must_tell({"things", "remove"}).exit == exit_usage);
  BOOST_TEST(must_tell({"things", "remove", "1", "--limit", "many"}).exit == exit_usage);
  BOOST_TEST(must_tell({"things", "remove", "1", "--limit"}).exit == exit_usage);
  BOOST_TEST(must_tell({"-f", "xml", "things", "get", "1"}).exit == exit_usage);
}

BOOST_AUTO_TEST_CASE(may_have_many_arguments_where_the_command_says_so) {
  BOOST_TEST(must_run({"run", "a"}).arguments.size() == 1U);
  BOOST_TEST(must_run({"run", "http://h/x", "run", "5"}).arguments.size() == 3U);
}

BOOST_AUTO_TEST_CASE(enters_the_default_command_when_it_starts_with_an_option) {
  p.default_child = "run";
  BOOST_TEST(must_run({"--url", "http://x", "a"}).leaf->name == "run");
  BOOST_TEST(must_run({"--url", "http://x", "a"}).global.url.value() == "http://x");
  BOOST_TEST(must_run({"run", "a"}).leaf->name == "run");
}

BOOST_AUTO_TEST_SUITE_END()
