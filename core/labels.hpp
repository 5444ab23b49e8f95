#pragma once

#include "core/result.hpp"

#include <string>
#include <string_view>
#include <vector>

namespace torc::core {

/// What a job asks of a runner beside room, and what a runner says that it has: sorted, each once.
struct label_set {
  static constexpr size_t most = 64;
  static constexpr size_t longest = 128; ///< letters of one label

  std::vector<std::string> names;

  bool empty() const { return names.empty(); }
  bool operator==(const label_set&) const = default;
};

/// Sorts them and drops repetitions. @returns unprocessable for a label that is empty, has a comma
/// or a character below space, or begins or ends with a space; for too many and too long ones
result<label_set> make_labels(std::vector<std::string> names);
/// The same of "gpu,windows". Nothing between two commas is no label.
result<label_set> split_labels(std::string_view text);
/// "gpu,windows"
std::string joined(const label_set& all);
/// The other way round, for what was joined here.
label_set labels_of(std::string_view text);

/// Whether such a runner takes such a job. As in torc 1.0, one with labels takes only jobs with
/// labels, so that what was set aside for some jobs is not filled by others.
bool serves(const label_set& runner, const label_set& job);
/// What the job asks for and the runner has not.
std::vector<std::string> missing_labels(const label_set& runner, const label_set& job);

} // namespace torc::core
