#include "storage/folders.hpp"

#include <fcntl.h>
#include <unistd.h>

#include <cerrno>
#include <filesystem>
#include <system_error>

namespace torc::storage {

namespace fs = std::filesystem;

namespace {

core::result<core::nothing> make(const fs::path& folder) {
  std::error_code wrong;
  if (fs::is_directory(folder, wrong))
    return core::nothing{};
  if (auto above = make(folder.parent_path()); !above)
    return above;
  wrong.clear();
  std::string why;
  if (!fs::create_directory(folder, wrong) && wrong)
    why = wrong.message();
  else
    why = sync_path(folder.parent_path().string());
  if (why.empty())
    return core::nothing{};
  return core::refuse(core::refusal::forbidden, "cannot make the folder " + folder.string() + ": " +
                                                    why + "; name a database elsewhere");
}

} // namespace

core::result<core::nothing> make_folder_of(const std::string& file) {
  return make(fs::absolute(file).lexically_normal().parent_path());
}

std::string sync_folder_of(const std::string& file) {
  return sync_path(fs::absolute(file).parent_path().string());
}

std::string sync_path(const std::string& path) {
  const int fd = open(path.c_str(), O_RDONLY | O_CLOEXEC);
  if (fd < 0)
    return "cannot open " + path + ": " + std::generic_category().message(errno);
  std::string wrong;
  if (fsync(fd) != 0)
    wrong = "cannot sync " + path + ": " + std::generic_category().message(errno);
  close(fd);
  return wrong;
}

} // namespace torc::storage
