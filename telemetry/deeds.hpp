#pragma once

#include <string_view>

/// A line for each thing that is done, where main() wants them; else nothing is formatted.
namespace torc::telemetry {

enum class deed {
  request, ///< an HTTP request was answered
  commit,  ///< a transaction is on the disk
};

/// From now on `print` is given the lines of such deeds; any thread may call it. nullptr: none.
void print_deeds(deed d, void (*print)(std::string_view line));
/// Costs a load.
bool is_told(deed d);
/// @pre is_told(d)
void tell(deed d, std::string_view line);

} // namespace torc::telemetry
