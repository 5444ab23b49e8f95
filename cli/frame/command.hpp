#pragma once

#include "cli/frame/globals.hpp"
#include "exec/guardian.hpp"

#include <boost/program_options.hpp>

#include <functional>
#include <iosfwd>
#include <optional>
#include <string>
#include <variant>
#include <vector>

/// The frame that every program of this folder hangs its commands in: a tree of commands, each with
/// options of its own, global options anywhere, help at every level. A command is a value; adding
/// one is one file in cli/commands/ and one line in cli/commands/tree.cpp.
namespace torc::cli {

namespace po = boost::program_options;

/// torc's exit codes: 2 when the command line itself makes no sense.
enum exit_code : int { exit_ok = 0, exit_error = 1, exit_usage = 2 };

/// A word after the command. Only the last one of a command may be `many` or `some`.
struct argument {
  enum class count { one, maybe, many, some };
  std::string name = {};
  std::string about = {};
  count how_many = count::one; ///< exactly one; none or one; any number; one or more
};

/// What a command is run with.
struct call {
  globals global;
  po::variables_map options;
  std::vector<std::string> arguments;
  std::ostream& out; ///< the answer: a table, a sentence, a JSON document
  std::ostream& err; ///< everything else
  /// Of a command that starts jobs; it takes it away to use it.
  std::optional<exec::guardian_handle> guardian;

  bool has(const std::string& option) const { return options.count(option) > 0; }
  /// @pre the option has a value
  template <class T>
  const T& get(const std::string& option) const {
    return options[option].as<T>();
  }
  template <class T>
  std::optional<T> maybe(const std::string& option) const {
    return has(option) ? std::optional<T>(options[option].as<T>()) : std::nullopt;
  }
};

/// A leaf has `run`, a group has `children`.
struct command {
  std::string name = {};
  std::string summary = {}; ///< one line, without a full stop
  std::string about = {};   ///< more lines for its own help; may be empty
  std::vector<argument> arguments = {};
  std::function<void(po::options_description&)> options = {}; ///< adds the command's own
  std::function<int(call&)> run = {};
  std::vector<command> children = {};
  bool starts_jobs = false; ///< main() starts the guardian before it runs this one
};

/// A program: its tree, and how its global options are named.
struct program {
  command root;
  std::string version;
  std::function<void(po::options_description&)> global_options;
  std::string default_child; ///< taken when the command line starts with an option or is empty
};

/// A command line that names a leaf and satisfies it.
struct invocation {
  const command* leaf = nullptr;
  globals global;
  po::variables_map options;
  std::vector<std::string> arguments;
};

/// A command line that is answered without running anything: help, version, or what is wrong with
/// it.
struct told {
  int exit = exit_ok;
  std::string text;
};

/// Reads a command line (without the program's name). Options a leaf shares a name with hide the
/// global ones behind that leaf. @returns what to run, or what to say instead
std::variant<invocation, told> read_command_line(const program& p,
                                                 const std::vector<std::string>& words);

/// The help of the command that `path` leads to; @pre the path's elements are parent and child
std::string help_text(const program& p, const std::vector<const command*>& path);

} // namespace torc::cli
