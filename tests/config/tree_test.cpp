#include "config/tree.hpp"

#include <boost/test/unit_test.hpp>

using namespace torc;
using config::node;

namespace {

std::string yaml(std::string_view text) {
  core::complaints wrong;
  const auto tree = config::parse_yaml(text, wrong);
  return tree ? config::to_json(*tree) : "error: " + std::move(wrong).take().front().text;
}

std::string json(std::string_view text) {
  core::complaints wrong;
  const auto tree = config::parse_json(text, wrong);
  return tree ? config::to_json(*tree) : "error";
}

} // namespace

BOOST_AUTO_TEST_SUITE(tree)

BOOST_AUTO_TEST_CASE(yaml_scalars_are_what_the_core_schema_says) {
  BOOST_TEST(
      yaml("[a, 'b', \"c\\n\", 1, '1', 1.5, true, yes, ~, null, '', -3, +3, 0x1F, 0o17, 1e3]") ==
      R"(["a","b","c\n",1,"1",1.5,true,"yes",null,null,"",-3,3,31,15,1e3])");
  BOOST_TEST(yaml("[1.2.3, 12:30, -, e5, .5, 5., 007, .inf, 1_000]") ==
             R"(["1.2.3","12:30","-","e5",0.5,5,7,".inf","1_000"])");
  BOOST_TEST(yaml("a: |\n  x\n  y\nb: >-\n  x\n  y\nc: !!str 5\n") ==
             R"({"a":"x\ny\n","b":"x y","c":"5"})");
}

BOOST_AUTO_TEST_CASE(aliases_stand_for_their_anchors) {
  BOOST_TEST(yaml("a: &x {k: [1]}\nb: *x\n") == R"({"a":{"k":[1]},"b":{"k":[1]}})");
}

BOOST_AUTO_TEST_CASE(json_is_read_strictly) {
  BOOST_TEST(json(R"( {"a" : [1, -2.5e-3, true, null, "x\u00e4\ud83d\ude00\/\"\n"], "b": {} } )") ==
             "{\"a\":[1,-2.5e-3,true,null,\"xä😀/\\\"\\n\"],\"b\":{}}");
  for (const auto* bad :
       {"{",           "[1,]",        "{\"a\":1,}", "{a:1}",      "'a'",      "01",
        "1.",          ".5",          "+1",         "nul",        "\"\\x\"",  "\"\\ud800\"",
        "\"\\udc00\"", "\"\\u0000\"", "\"a",        "[1] 2",      "\"a\tb\"", "// x\n1",
        "NaN",         "[1 2]",       "{\"a\" 1}",  "\"\\u12g4\""})
    BOOST_TEST(json(bad) == "error", bad);
}

BOOST_AUTO_TEST_CASE(places_are_lines_and_byte_columns_from_1) {
  core::complaints wrong;
  const auto tree = config::parse_json("{\n  \"a\": [1,\n   \"x\"]}", wrong);
  BOOST_REQUIRE(tree);
  BOOST_TEST((tree->items[0].at == core::place{2, 3}));
  BOOST_TEST((tree->items[1].items[1].at == core::place{3, 4}));
  const auto same = config::parse_yaml("{\n  \"a\": [1,\n   \"x\"]}", wrong);
  BOOST_REQUIRE(same);
  BOOST_TEST((same->items[0].at == core::place{2, 3}));
  BOOST_TEST((same->items[1].items[1].at == core::place{3, 4}));
}

BOOST_AUTO_TEST_CASE(limits_are_named_when_they_are_met) {
  core::complaints wrong;
  BOOST_TEST(!config::parse_yaml("[1, 2, 3, 4]", wrong, {100, 3, 100}));
  BOOST_TEST(!config::parse_json("[1, 2, 3, 4]", wrong, {100, 3, 100}));
  BOOST_TEST(!config::parse_yaml("[&a [1, 2, 3], *a]", wrong, {100, 100, 5}));
  const auto said = std::move(wrong).take();
  BOOST_TEST(said.size() == 3);
}

BOOST_AUTO_TEST_SUITE_END()
