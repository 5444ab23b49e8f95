#pragma once

#include "core/result.hpp"
#include "storage/writer.hpp"

#include <string>

namespace torc::storage {

/// What came out of a database file of torc 0.21.
struct taken_over {
  int64_t workflows = 0;
  int64_t jobs = 0;
  int64_t results = 0; ///< of all runs
  int64_t events = 0;
  bool same_ids = false; ///< everything has the id that it had there
};

/// Copies all workflows of the file with their history, in one transaction. The file is read only,
/// and may be in use. `scratch` names a file that is made and deleted meanwhile.
///
/// Jobs that somebody ran are ready again: whoever ran them cannot tell of it any more.
/// @pre no group is open @returns conflict where the file is none of torc 0.21's
core::result<taken_over> take_over(writer& w, const std::string& file, const std::string& scratch);

} // namespace torc::storage
