#pragma once

#include <string>
#include <vector>

namespace torc::exec::test {

/// Runs each command by a guardian that keeps a shell warm and by one that starts a bash for each,
/// in a folder of its own, and fails the test where exit code, stdout, stderr, the files that were
/// made or the number of processes that were left differ. Numbers of processes are masked.
/// @param variables of the jobs, "K=V" each, besides a few that all have
void must_be_the_same_in_a_warm_shell(const std::vector<std::string>& commands,
                                      const std::vector<std::string>& variables = {});

/// The commands of a file, one a line; ⏎ stands for a newline, # begins a comment.
std::vector<std::string> read_commands(const std::string& path);

/// Commands drawn from a grammar of bash's; the same for the same seed.
std::vector<std::string> drawn_commands(unsigned seed, size_t count);

} // namespace torc::exec::test
