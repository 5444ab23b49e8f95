#pragma once

#include <sys/types.h>
#include <vector>

namespace torc::exec {

/// All processes below `root`, by the parents that /proc shows now. Since the guardian is the
/// subreaper, what left its group or session is still below it.
std::vector<pid_t> descendants_of(pid_t root);

/// All processes of a session, and all below them.
std::vector<pid_t> session_of(pid_t session);

} // namespace torc::exec
