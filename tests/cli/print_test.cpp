#include "cli/print/json_text.hpp"
#include "cli/print/table.hpp"

#include <boost/test/unit_test.hpp>

#include <sstream>

using namespace torc::cli;

BOOST_AUTO_TEST_SUITE(a_table)

BOOST_AUTO_TEST_CASE(is_as_wide_as_its_widest_cells) {
  table t({"ID", "Name"});
  t.add({"1", "größe"});
  t.add({"20", "b"});
  std::ostringstream out;
  t.print(out);
  BOOST_TEST(out.str() == "╭────┬───────╮\n"
                          "│ ID │ Name  │\n"
                          "├────┼───────┤\n"
                          "│ 1  │ größe │\n"
                          "│ 20 │ b     │\n"
                          "╰────┴───────╯\n");
}

BOOST_AUTO_TEST_CASE(cuts_cells_that_are_too_wide) {
  table t({"Command"});
  t.add({"echo äöü and more"});
  std::ostringstream out;
  t.print(out, 8);
  BOOST_TEST(out.str().find("│ echo äö… │") != std::string::npos, out.str());
}

BOOST_AUTO_TEST_CASE(shows_nothing_that_a_terminal_would_obey) {
  BOOST_TEST(harmless("a\nb\x1b[2Jc\x7f") == "a b [2Jc ");
  BOOST_TEST(harmless("a\xC2\x9B!") == "a !");
  BOOST_TEST(harmless("é") == "é");
}

BOOST_AUTO_TEST_SUITE_END()

BOOST_AUTO_TEST_SUITE(json_output)

BOOST_AUTO_TEST_CASE(is_indented_and_keeps_the_order_of_members) {
  std::ostringstream out;
  print_json(out, json::object{{"b", 1},
                               {"a", json::array{1.0, 0.5, "x\n"}},
                               {"c", nullptr},
                               {"d", json::object()}});
  BOOST_TEST(out.str() == "{\n  \"b\": 1,\n  \"a\": [\n    1.0,\n    0.5,\n    \"x\\n\"\n  ],\n"
                          "  \"c\": null,\n  \"d\": {}\n}\n");
}

BOOST_AUTO_TEST_CASE(reads_members_that_are_not_there_as_nothing) {
  const json::value v = json::object{{"n", 5}, {"s", "t"}, {"u", uint64_t{7}}};
  BOOST_TEST(integer_member(v, "n") == 5);
  BOOST_TEST(integer_member(v, "u") == 7);
  BOOST_TEST(integer_member(v, "s", -1) == -1);
  BOOST_TEST(integer_member(json::value("x"), "n", -1) == -1);
  BOOST_TEST(text_member(v, "n").empty());
  BOOST_TEST(list_member(v, "n").empty());
  BOOST_TEST(cell(member(v, "s")) == "t");
  BOOST_TEST(cell(member(v, "none")).empty());
}

BOOST_AUTO_TEST_SUITE_END()
