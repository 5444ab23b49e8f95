#pragma once

#include "cli/print/json_text.hpp"

namespace torc::cli {

/// A workflow as torc's own command line prints it: members that hold JSON as text hold it as JSON.
json::value with_parsed_texts(json::value workflow);

/// An event with its time in words beside the milliseconds.
json::value with_time_in_words(json::value event);

} // namespace torc::cli
