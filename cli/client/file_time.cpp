// <sys/stat.h> defines st_mtime as a macro, which would rename members of that name: only this file
// sees it.
#include "cli/client/file_time.hpp"

#include <sys/stat.h>

namespace torc::cli {

std::optional<double> file_time(const std::string& path) {
  struct stat s {};
  if (::stat(path.c_str(), &s) != 0)
    return std::nullopt;
  return static_cast<double>(s.st_mtim.tv_sec) + static_cast<double>(s.st_mtim.tv_nsec) / 1e9;
}

} // namespace torc::cli
