#pragma once

#include <string>
#include <string_view>
#include <vector>

/// Who may include whom, as plain data and one function, so that the test can try it on bad
/// examples.
namespace layers {

/// A source file: its path from the top of the tree, with forward slashes, and what it says.
struct source {
  std::string path;
  std::string text;
};

/// One sentence for every #include that the rules of STYLE.md forbid; empty if all is well.
std::vector<std::string> wrong_includes(const source& file);

/// One sentence if the file is far longer than STYLE.md wants.
std::vector<std::string> too_long(const source& file);

/// One sentence for each line with a path of somebody's machine or a note that something is still
/// to be done. Any text file, not only sources.
std::vector<std::string> leftovers(const source& file);

} // namespace layers
