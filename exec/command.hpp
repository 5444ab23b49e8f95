#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace torc::exec {

/// The words of a command that bash would neither expand, redirect nor assign: bare words and
/// quotes without anything special in them. Nothing where that is not certain.
/// @note whether bash would run a builtin for the first word is asked separately.
std::optional<std::vector<std::string>> split_plain(std::string_view command);

/// True for names that bash itself acts on: its builtins and keywords.
bool is_shell_word(std::string_view name);

/// True where the program of the same name does exactly what the builtin does for these words:
/// `echo` without options, `true` and `false` without arguments.
bool program_equals_builtin(const std::vector<std::string>& words);

/// True where a variable of this name changes what bash does, or is changed by bash each time, so
/// that with it in the environment no command is provably simple.
bool forbids_direct(std::string_view variable);

/// True where a job may not bring this variable along and still be executed directly, because
/// bash would read it or write it; the inherited value is harmless.
bool is_bash_variable(std::string_view variable);

/// True where the C library reads this variable when a program starts, or keeps what it says.
bool is_library_variable(std::string_view variable);

} // namespace torc::exec
