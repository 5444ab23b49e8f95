#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace torc::cli {

/// From the most talkative on. `off` is no line's level.
enum class log_level { trace, debug, info, warn, error, off };

std::string_view to_string(log_level l);

/// Which lines are logged, as RUST_LOG says it: directives between commas, each a level
/// ("debug"), a target with its level ("torc_server::house=trace") or a target alone, which is
/// logged wholly. A directive holds for every target that begins with its own; the longest one
/// decides, and of equal ones the last.
class log_filter {
public:
  /// Reads what can be read; `ignored()` has the rest.
  static log_filter parse(std::string_view text);

  /// The least level of `target` that is logged. Without a directive that fits: `error`, and
  /// `info` where there is none at all.
  log_level level_of(std::string_view target) const;
  const std::vector<std::string>& ignored() const { return ignored_; }

private:
  struct directive {
    std::string target; ///< empty: every target
    log_level level = log_level::info;
  };
  std::vector<directive> directives_;
  std::vector<std::string> ignored_;
};

} // namespace torc::cli
