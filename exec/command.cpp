#include "exec/command.hpp"

#include <algorithm>
#include <array>

namespace torc::exec {

namespace {

/// The kernel refuses a longer argument, so `bash -c` could not even be started.
constexpr size_t longest_command = 128 * 1024 - 1;

constexpr std::string_view bare_punctuation = "_-./:,+@%=#";

bool is_control(char c) {
  const auto u = static_cast<unsigned char>(c);
  return (u < 0x20 && c != '\t') || u == 0x7f;
}

/// What stands for itself outside of quotes, wherever in a word it is.
bool is_bare(char c) {
  const auto u = static_cast<unsigned char>(c);
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || u >= 0x80 ||
         bare_punctuation.find(c) != std::string_view::npos;
}

bool is_special_in_double_quotes(char c) {
  return c == '$' || c == '`' || c == '\\' || c == '!' || is_control(c);
}

/// Reads a quoted part whose opening quote is at `at`; leaves `at` on the closing one.
bool read_quoted(std::string_view text, size_t& at, std::string& word) {
  const char quote = text[at];
  const size_t end = text.find(quote, at + 1);
  if (end == std::string_view::npos)
    return false;
  const std::string_view inside = text.substr(at + 1, end - at - 1);
  const bool plain = quote == '\''
                         ? std::none_of(inside.begin(), inside.end(), is_control)
                         : std::none_of(inside.begin(), inside.end(), is_special_in_double_quotes);
  if (!plain)
    return false;
  word.append(inside);
  at = end;
  return true;
}

// Sorted, for a binary search. Bash 5.2's `compgen -b` and `compgen -k`; a test compares them.
constexpr std::array<std::string_view, 83> shell_words{
    "!",        ".",         ":",        "[",       "[[",      "]]",     "alias",   "bg",
    "bind",     "break",     "builtin",  "caller",  "case",    "cd",     "command", "compgen",
    "complete", "compopt",   "continue", "coproc",  "declare", "dirs",   "disown",  "do",
    "done",     "echo",      "elif",     "else",    "enable",  "esac",   "eval",    "exec",
    "exit",     "export",    "false",    "fc",      "fg",      "fi",     "for",     "function",
    "getopts",  "hash",      "help",     "history", "if",      "in",     "jobs",    "kill",
    "let",      "local",     "logout",   "mapfile", "popd",    "printf", "pushd",   "pwd",
    "read",     "readarray", "readonly", "return",  "select",  "set",    "shift",   "shopt",
    "source",   "suspend",   "test",     "then",    "time",    "times",  "trap",    "true",
    "type",     "typeset",   "ulimit",   "umask",   "unalias", "unset",  "until",   "wait",
    "while",    "{",         "}"};

/// Those that bash computes anew, searches differently with, or turns into another mode by.
constexpr std::array<std::string_view, 18> changing_variables{"DIRSTACK",
                                                              "ENV",
                                                              "EPOCHREALTIME",
                                                              "EPOCHSECONDS",
                                                              "EUID",
                                                              "EXECIGNORE",
                                                              "FUNCNAME",
                                                              "GROUPS",
                                                              "HISTCMD",
                                                              "LINENO",
                                                              "PPID",
                                                              "RANDOM",
                                                              "POSIXLY_CORRECT",
                                                              "POSIX_PEDANTIC",
                                                              "SECONDS",
                                                              "SHELLOPTS",
                                                              "SRANDOM",
                                                              "UID"};

constexpr std::array<std::string_view, 16> read_or_written{
    "COLUMNS",  "HOME",   "HOSTNAME", "HOSTTYPE", "IFS", "LANG",  "LANGUAGE", "LINES",
    "MACHTYPE", "OLDPWD", "OSTYPE",   "PATH",     "PWD", "SHELL", "SHLVL",    "_"};

constexpr std::array<std::string_view, 9> read_by_libraries{
    "CHARSET",    "LOCPATH",       "NLSPATH", "OUTPUT_CHARSET", "POSIX",
    "TEXTDOMAIN", "TEXTDOMAINDIR", "TZ",      "TZDIR"};

template <class Names>
bool contains(const Names& names, std::string_view name) {
  return std::find(names.begin(), names.end(), name) != names.end();
}

} // namespace

std::optional<std::vector<std::string>> split_plain(std::string_view command) {
  if (command.size() > longest_command)
    return std::nullopt;
  // Behind -c these would be further options of bash.
  if (command.starts_with('-') || command.starts_with('+'))
    return std::nullopt;
  std::vector<std::string> words;
  std::string word;
  bool in_word = false;
  for (size_t at = 0; at < command.size(); ++at) {
    const char c = command[at];
    if (c == ' ' || c == '\t') {
      if (in_word)
        words.push_back(std::move(word));
      word.clear();
      in_word = false;
      continue;
    }
    if (c == '\'' || c == '"') {
      if (!read_quoted(command, at, word))
        return std::nullopt;
    } else {
      const bool comment = c == '#' && !in_word;
      const bool job_name = c == '%' && !in_word && words.empty();
      if (!is_bare(c) || comment || job_name)
        return std::nullopt;
      word.push_back(c);
    }
    in_word = true;
  }
  if (in_word)
    words.push_back(std::move(word));
  // An assignment, or a program that no sane person has.
  if (words.empty() || words[0].empty() || words[0].find('=') != std::string::npos)
    return std::nullopt;
  return words;
}

bool is_shell_word(std::string_view name) {
  return std::binary_search(shell_words.begin(), shell_words.end(), name);
}

bool program_equals_builtin(const std::vector<std::string>& words) {
  if (words[0] == "true" || words[0] == "false")
    return words.size() == 1;
  if (words[0] != "echo")
    return false;
  // `--help` and any of -neE differ between the two; a backslash may (xpg_echo, System V).
  if (words.size() > 1 && words[1].starts_with('-'))
    return false;
  return std::none_of(words.begin() + 1, words.end(),
                      [](const std::string& word) { return word.find('\\') != std::string::npos; });
}

bool forbids_direct(std::string_view variable) {
  return variable.starts_with("BASH") || contains(changing_variables, variable);
}

bool is_bash_variable(std::string_view variable) {
  return forbids_direct(variable) || variable.starts_with("LC_") || variable.starts_with("LD_") ||
         variable.starts_with("SSH") || contains(read_or_written, variable);
}

bool is_library_variable(std::string_view variable) {
  return variable.starts_with("GCONV_") || variable.starts_with("GLIBC_") ||
         variable.starts_with("MALLOC_") || contains(read_by_libraries, variable);
}

} // namespace torc::exec
