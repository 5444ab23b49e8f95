#pragma once

#include "core/read_model.hpp"
#include "net/http.hpp"

#include <optional>
#include <string>
#include <vector>

/// Which workflow a request is about, and whether its user may touch it.
namespace torc::net::api {

/// What a request would touch.
struct wanted {
  std::optional<core::workflow_id> workflow; ///< named by the path or the query
  std::string table;                         ///< a row's, whose workflow has to be looked up
  int64_t row = 0;
  std::string body; ///< names the workflow
  bool for_admins = false;
  std::optional<core::group_id> group; ///< its members may be changed by its own admins, too
};

/// Everybody may ask for it: the ping and the version.
bool is_public(const request& in);
wanted wanted_by(const request& in);
/// A sentence where the user may not; what does not exist is left to the handler.
std::optional<std::string> why_not(core::read_model& r, const wanted& what,
                                   const std::string& user);

} // namespace torc::net::api
