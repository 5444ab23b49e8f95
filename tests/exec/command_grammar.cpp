#include "tests/exec/trials.hpp"

#include <array>
#include <random>
#include <string_view>

namespace torc::exec::test {

namespace {

template <size_t N>
using choices = std::array<std::string_view, N>;

constexpr choices<26> plain_words{
    "a",    "bc",   "d1",     "-n",    "x=y",   "*.txt",       "a*",     "[ab].txt", "'q r'",
    "\"\"", "''",   "\\*",    "a\\ b", "~",     "{a,b}",       "{1..3}", "007",      "-1",
    "ü",    "'$x'", "nosuch", "dir",   "a.txt", "\"b c.txt\"", "=",      "%"};
constexpr choices<34> expansions{
    "$x",       "\"$x\"",    "${x}y",      "${x:-d}",      "${y:=set}",  "${x:+alt}",
    "${#x}",    "${x#a}",    "${x%?}",     "${x/b/_}",     "${x^^}",     "${x:1:2}",
    "${x@Q}",   "$#",        "$*",         "\"$@\"",       "$?",         "$0",
    "$$",       "$-",        "${arr[1]}",  "${arr[@]}",    "${#arr[@]}", "${!arr[@]}",
    "$((1+2))", "$((n++))",  "$((n*3%5))", "$((0x1f<<2))", "$SHLVL",     "$BASHPID",
    "$LINENO",  "${nosuch}", "${x:?gone}", "$((1/0))"};
constexpr choices<42> simple{":",
                             "true",
                             "false",
                             "x=abc",
                             "x=",
                             "y='1 2'",
                             "arr=(1 two '3 4')",
                             "n=4",
                             "arr+=(z)",
                             "unset x",
                             "unset arr[0]",
                             "export x",
                             "declare -i n",
                             "readonly x",
                             "shift",
                             "set -- p 'q r' s",
                             "set -e",
                             "set +e",
                             "set -u",
                             "set -f",
                             "set -o pipefail",
                             "cd dir",
                             "cd nosuch",
                             "cd .",
                             "pwd",
                             "umask 027",
                             "wait",
                             "exit 3",
                             "return 2",
                             "break",
                             "continue",
                             "hash -r",
                             "trap 'echo bye' EXIT",
                             "trap 'echo err $?' ERR",
                             "trap - EXIT",
                             "exec 4>f4",
                             "exec 4>&-",
                             ". ./lib.sh",
                             "nosuch_program",
                             "./notexec",
                             "shopt -s nullglob",
                             "(( n > 2 ))"};
constexpr choices<16> tests{"[ -e a.txt ]",
                            "[ \"$x\" = abc ]",
                            "[[ $x == a* ]]",
                            "[[ -d dir ]]",
                            "test -z \"$x\"",
                            "[ 1 -lt 2 ]",
                            "[[ $x =~ ^(a)b ]]",
                            "(( n < 9 ))",
                            "[ a",
                            "[[ -v x ]]",
                            "test",
                            "! true",
                            "[ -s a.txt ]",
                            "[ 1 -eq z ]",
                            "[[ a < b ]]",
                            "false"};
constexpr choices<12> readers{"cat",
                              "sort",
                              "wc -l",
                              "tr a-c A-C",
                              "sed s/a/b/",
                              "cat -",
                              "sort -r",
                              "head -n 50",
                              "while read l; do echo \"<$l>\"; done",
                              "{ read l; echo $l; cat; }",
                              "(cat; echo end)",
                              "tail -n 3"};
constexpr choices<14> redirections{
    "> f1",     ">> f1", "2> f2", "2>&1",  "< a.txt", "<<< \"$x w\"", "> nosuch/f",
    "< nosuch", "1>&2",  "&> f3", ">| f1", "3> f5",   "<&-",          "2> /dev/null"};
constexpr choices<14> noise{";",  ")", "}", "fi", "done", "(",    "{",
                            "&&", "|", "'", "\"", "esac", "then", "`"};

class grammar {
public:
  explicit grammar(uint64_t seed) : random_(seed) {}

  std::string program() {
    std::string text = list(0);
    while (chance(35))
      text += (chance(50) ? "\n" : "; ") + list(0);
    // Only where nothing can go round for ever.
    if (chance(8) && text.find("((") == std::string::npos)
      text.insert(pick(text.size() + 1), pick_of(noise));
    return text;
  }

private:
  size_t pick(size_t count) { return static_cast<size_t>(random_() % count); }
  bool chance(unsigned percent) { return random_() % 100 < percent; }

  template <size_t N>
  std::string pick_of(const choices<N>& from) {
    return std::string(from[pick(N)]);
  }

  std::string word(int depth) {
    switch (pick(depth < 3 ? 10 : 8)) {
    case 0:
    case 1:
    case 2:
      return pick_of(expansions);
    case 8:
      return "$(" + list(depth + 1) + ")";
    case 9:
      return "\"$(" + pipeline(depth + 1) + ")\"";
    default:
      return pick_of(plain_words);
    }
  }

  std::string words(int depth) {
    std::string text;
    for (size_t i = 1 + pick(3); i > 0; --i)
      text += " " + word(depth);
    return text;
  }

  std::string simple_command(int depth) {
    std::string text;
    switch (pick(9)) {
    case 0:
    case 1:
      text = "echo" + words(depth);
      break;
    case 2:
      text = "printf '<%s>'" + words(depth);
      break;
    case 3:
      text = pick_of(tests);
      break;
    case 4:
      text = "./script.sh" + words(depth);
      break;
    case 5:
      text = "x=" + pick_of(expansions) + (chance(40) ? " sh -c 'echo \"<$x>\"; exit 2'" : "");
      break;
    case 6:
      text = "eval '" + pick_of(simple).substr(0, 5) + "'; echo" + words(depth);
      break;
    default:
      text = pick_of(simple);
    }
    while (chance(14))
      text += " " + pick_of(redirections);
    return text;
  }

  std::string compound(int depth) {
    const int in = depth + 1;
    // A name of its own for each, or loops and functions would go round for ever.
    const std::string own = std::to_string(++names_);
    switch (pick(10)) {
    case 0:
      return "if " + list(in) + "; then " + list(in) + "; else " + list(in) + "; fi";
    case 1:
      return "for i in" + words(in) + "; do " + list(in) + "; done";
    case 2:
      return "while ((k" + own + "++ < 2)); do " + simple_command(in) + "; done";
    case 3:
      return "case " + word(in) + " in a*) " + list(in) + ";; *) " + list(in) + ";; esac";
    case 4:
      return "{ " + list(in) + "; }";
    case 5:
      return "(" + list(in) + ")";
    case 6:
      return "f" + own + "() { " + list(in) + "; }; f" + own + words(in);
    case 7:
      return "for ((j" + own + "=0; j" + own + "++ < 2;)); do " + list(in) + "; done";
    case 8:
      return "cat <<E\n" + word(3) + " " + word(3) + "\nE\n";
    default:
      return "f" + own + "() (" + list(in) + "); f" + own + "; g" + own + "() { local x=$1; " +
             simple_command(in) + "; }; g" + own + words(in);
    }
  }

  std::string command(int depth) {
    if (depth >= 3 || chance(70))
      return simple_command(depth);
    std::string text = compound(depth);
    if (chance(15) && text.back() != '\n')
      text += " " + pick_of(redirections);
    return text;
  }

  std::string pipeline(int depth) {
    std::string text = (chance(6) ? "! " : "") + command(depth);
    if (text.back() == '\n')
      return text + ":";
    while (chance(15))
      text += " | " + pick_of(readers);
    return text;
  }

  std::string list(int depth) {
    std::string text = pipeline(depth);
    while (chance(depth == 0 ? 55 : 25)) {
      constexpr choices<4> between{"; ", " && ", " || ", "; "};
      text += pick_of(between) + pipeline(depth);
    }
    return text;
  }

  std::mt19937_64 random_;
  int names_ = 0;
};

} // namespace

std::vector<std::string> drawn_commands(unsigned seed, size_t count) {
  std::vector<std::string> commands;
  for (size_t i = 0; i < count; ++i)
    commands.push_back(grammar(uint64_t{seed} * 1'000'003 + i).program());
  return commands;
}

} // namespace torc::exec::test
