#pragma once

#include <string>
#include <string_view>

/// What the heads of replies are made of.
namespace torc::net {

/// No request can guess the span id of another one's log lines.
std::string new_span();
bool is_plain(std::string_view text);
/// "Sun, 06 Nov 1994 08:49:37 GMT", made once a second. Socket thread only.
const std::string& date();

} // namespace torc::net
