#include "cli/run/private_folder.hpp"

#include "cli/frame/globals.hpp"

#include <fcntl.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <filesystem>
#include <utility>

namespace torc::cli {

core::result<private_folder> private_folder::make() {
  auto path = environment("TMPDIR").value_or("/tmp") + "/torc-runner-XXXXXX";
  if (::mkdtemp(path.data()) == nullptr)
    return core::refuse(core::refusal::unprocessable,
                        "cannot make a folder like " + path + ": " + std::strerror(errno));
  return private_folder(std::move(path));
}

private_folder::private_folder(private_folder&& other) noexcept
    : path_(std::exchange(other.path_, {})) {}

private_folder::~private_folder() {
  std::error_code ignored; // an orphaned folder in /tmp is swept by the system
  if (!path_.empty())
    std::filesystem::remove_all(path_, ignored);
}

core::result<std::string> private_folder::write(const std::string& name,
                                                std::string_view content) const {
  auto path = path_ + "/" + name;
  const int fd = ::open(path.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
  const bool written = fd >= 0 && ::write(fd, content.data(), content.size()) ==
                                      static_cast<ssize_t>(content.size());
  const int why = errno;
  if (fd >= 0)
    ::close(fd);
  if (!written)
    return core::refuse(core::refusal::unprocessable,
                        "cannot write " + path + ": " + std::strerror(why));
  return path;
}

} // namespace torc::cli
