#include "config/patterns.hpp"

#include <re2/re2.h>

#include <memory>

namespace torc::config {

namespace {

/// True where the whole pattern can only match at the beginning of a name. An alternative or a flag
/// such as (?m) could change that, so patterns with either are not judged.
bool anchored(std::string_view pattern) {
  return pattern.starts_with('^') && pattern.find('|') == std::string_view::npos &&
         pattern.find("(?") == std::string_view::npos;
}

RE2::Options quiet() {
  RE2::Options options;
  options.set_log_errors(false);
  return options;
}

/// The range that all matching names lie in. RE2 gives it for whole matches, so the pattern is
/// made to match all of the name.
void find_bounds(std::string_view text, core::pattern& p) {
  constexpr int longest_bound = 64;
  const RE2 whole("(?:" + std::string(text) + ")(?s:.*)", quiet());
  p.bounded = whole.ok() && whole.PossibleMatchRange(&p.lowest, &p.highest, longest_bound);
}

core::result<core::pattern> compile(std::string_view text) {
  const auto compiled = std::make_shared<RE2>(re2::StringPiece(text.data(), text.size()), quiet());
  if (!compiled->ok())
    return core::refuse(core::refusal::malformed, compiled->error() + "; correct it");
  core::pattern p;
  p.matches = [compiled](std::string_view name) {
    const re2::StringPiece piece(name.data(), name.size());
    return compiled->Match(piece, 0, piece.size(), RE2::UNANCHORED, nullptr, 0);
  };
  if (anchored(text))
    find_bounds(text, p);
  return p;
}

} // namespace

core::compile_pattern re2_patterns() {
  return compile;
}

} // namespace torc::config
