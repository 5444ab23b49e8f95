#include "exec/command.hpp"

#include <boost/test/unit_test.hpp>

#include <cstdio>
#include <sstream>
#include <string>
#include <vector>

using namespace torc::exec;

namespace {

using words = std::vector<std::string>;

void must_split(const char* command, const words& expected) {
  const auto found = split_plain(command);
  BOOST_REQUIRE_MESSAGE(found, command);
  BOOST_TEST(*found == expected, boost::test_tools::per_element());
}

} // namespace

BOOST_AUTO_TEST_SUITE(command)

BOOST_AUTO_TEST_CASE(bare_words_are_split_at_blanks) {
  must_split("echo r1_17", {"echo", "r1_17"});
  must_split("\t python3   train.py --x\t1 ", {"python3", "train.py", "--x", "1"});
  must_split("make X=1 a/b.c @x a:b 5% a#b +,-",
             {"make", "X=1", "a/b.c", "@x", "a:b", "5%", "a#b", "+,-"});
  must_split("gr\xc3\xb6\xc3\x9f"
             "e \xe2\x9c\x93",
             {"gr\xc3\xb6\xc3\x9f"
              "e",
              "\xe2\x9c\x93"});
}

BOOST_AUTO_TEST_CASE(quotes_join_to_words_and_keep_what_they_hold) {
  must_split("echo 'a  b' \"c  d\"", {"echo", "a  b", "c  d"});
  must_split("echo a'b'\"c\"d", {"echo", "abcd"});
  must_split("echo '' \"\" ''\"\"", {"echo", "", "", ""});
  must_split("x '$HOME * \\ ` ! ~ {a,b} \"' \"it's * ~ ; {} #\"",
             {"x", "$HOME * \\ ` ! ~ {a,b} \"", "it's * ~ ; {} #"});
  must_split("'a program' x", {"a program", "x"});
}

BOOST_AUTO_TEST_CASE(whatever_bash_might_act_on_is_not_split) {
  for (const char* command : {"",
                              "   ",
                              "\t",
                              "a\nb",
                              "echo $HOME",
                              "echo `x`",
                              "echo \\a",
                              "echo *",
                              "echo ?",
                              "echo [a]",
                              "echo ]",
                              "echo {a,b}",
                              "echo ~",
                              "echo a~",
                              "echo x=~/y",
                              "echo a;b",
                              "echo a|b",
                              "echo a&",
                              "echo (a)",
                              "echo <a",
                              "echo >a",
                              "echo !x",
                              "echo a!b",
                              "echo #x",
                              "#x",
                              "A=1 x",
                              "A=1",
                              "A+=1",
                              "a=b/c",
                              "'a=b' c",
                              "''",
                              "'' x",
                              "%1",
                              "echo \"$x\"",
                              "echo \"`x`\"",
                              "echo \"\\\"\"",
                              "echo \"a!b\"",
                              "echo 'open",
                              "echo \"open",
                              "echo 'a\nb'",
                              "echo \x01",
                              "echo \x7f",
                              "echo ^",
                              "echo $'a'",
                              "-x",
                              "+x a",
                              "echo 'a'$b",
                              "echo 'a\x7f'"})
    BOOST_CHECK_MESSAGE(!split_plain(command), "split: " << command);
  BOOST_CHECK(!split_plain(std::string_view("echo a\0b", 8)));
  BOOST_CHECK(split_plain("x " + std::string(131'069, 'y')));
  BOOST_CHECK(!split_plain("x " + std::string(131'070, 'y')));
}

BOOST_AUTO_TEST_CASE(every_builtin_and_keyword_of_the_installed_bash_is_known) {
  FILE* bash = popen("bash -c 'compgen -b; compgen -k'", "r");
  BOOST_REQUIRE(bash);
  int known = 0;
  char line[128];
  while (std::fgets(line, sizeof line, bash)) {
    std::string name(line);
    name.pop_back();
    BOOST_CHECK_MESSAGE(is_shell_word(name), name);
    ++known;
  }
  BOOST_CHECK_EQUAL(pclose(bash), 0);
  BOOST_CHECK_GT(known, 70);
  for (const char* name : {"ls", "python3", "env", "bash", "sleep", "", "ech", "echoo"})
    BOOST_CHECK_MESSAGE(!is_shell_word(name), name);
}

BOOST_AUTO_TEST_CASE(only_plain_uses_of_three_builtins_equal_their_programs) {
  for (const words& same : std::vector<words>{{"echo"},
                                              {"echo", ""},
                                              {"echo", "a", "-n"},
                                              {"echo", "a", "--help"},
                                              {"true"},
                                              {"false"}})
    BOOST_CHECK_MESSAGE(program_equals_builtin(same), same.back());
  for (const words& other : std::vector<words>{{"echo", "-n"},
                                               {"echo", "-e", "a"},
                                               {"echo", "--help"},
                                               {"echo", "-"},
                                               {"echo", "a\\n"},
                                               {"true", "--version"},
                                               {"false", "x"},
                                               {"pwd"},
                                               {"printf", "a"},
                                               {"test", "a"},
                                               {"kill", "1"},
                                               {"ls"}})
    BOOST_CHECK_MESSAGE(!program_equals_builtin(other), other[0]);
}

BOOST_AUTO_TEST_SUITE_END()
