#pragma once

#include "core/complaints.hpp"
#include "core/expanded.hpp"
#include "core/result.hpp"
#include "core/spec.hpp"

#include <functional>
#include <string>
#include <string_view>

/// From a workflow spec to jobs with names, edges and commands.
namespace torc::core {

/// A compiled regular expression. The engine is the caller's, as core/ has none; it must be linear.
struct pattern {
  std::function<bool(std::string_view)> matches; ///< anywhere in the name
  /// Where a range is known, every name that matches lies in it, ends included, byte-wise.
  bool bounded = false;
  std::string lowest;
  std::string highest;
};

/// Compiles a regular expression, or says what is wrong with it.
using compile_pattern = std::function<result<pattern>(std::string_view)>;

/// Sum of all jobs' depends_on, and of all their files and user data.
inline constexpr uint64_t max_dependencies = 50'000'000;
/// Tests of one name against one pattern: some seconds' worth.
inline constexpr uint64_t max_match_tests = 50'000'000;

/// Checks the spec, makes an instance of every job and file for each combination of its parameters,
/// puts paths and data in the place of ${files.input.x} and its like, and resolves every name and
/// regular expression.
///
/// Order is deterministic. Unlike torc, a job that names files both in a list and in its command
/// has both. Time is linear in jobs, dependencies and the size of all texts; every distinct pattern
/// is compiled once and tested at most once against each name.
/// @param known complaints of the reader, which come out together with those of the expansion; the
/// spec is then what could be read
checked<expanded_workflow> expand(const workflow_spec& spec, const compile_pattern& compile,
                                  complaints known = {});

} // namespace torc::core
