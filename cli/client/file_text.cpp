#include "cli/client/file_text.hpp"

#include <fcntl.h>
#include <unistd.h>

#include <cerrno>
#include <sstream>
#include <system_error>

namespace torc::cli {

namespace {

core::error cannot_read(const std::string& path) {
  const auto why = "cannot read '" + path + "': ";
  if (errno == EISDIR)
    return core::refuse(core::refusal::unprocessable, why + "it is a folder; name a file");
  const bool is_missing = errno == ENOENT || errno == ENOTDIR;
  return core::refuse(is_missing ? core::refusal::not_found : core::refusal::unprocessable,
                      why + std::generic_category().message(errno) + "; name a file that " +
                          (is_missing ? "exists" : "you may read"));
}

} // namespace

core::result<std::string> read_file(const std::string& path) {
  const int fd = ::open(path.c_str(), O_RDONLY | O_CLOEXEC);
  if (fd < 0)
    return cannot_read(path);
  std::string text;
  constexpr size_t piece = 1 << 16;
  for (;;) {
    const auto have = text.size();
    text.resize(have + piece);
    const auto got = ::read(fd, text.data() + have, piece);
    text.resize(have + (got > 0 ? static_cast<size_t>(got) : 0));
    if (got > 0 || (got < 0 && errno == EINTR))
      continue;
    auto wrong = cannot_read(path);
    ::close(fd);
    if (got < 0)
      return wrong;
    return text;
  }
}

core::result<std::vector<std::string>> read_lines(const std::string& path) {
  const auto text = read_file(path);
  if (!text)
    return text.why();
  std::vector<std::string> lines;
  std::istringstream in(*text);
  for (std::string line; std::getline(in, line);) {
    const auto first = line.find_first_not_of(" \t\r");
    if (first != std::string::npos && line[first] != '#')
      lines.push_back(line.substr(first, line.find_last_not_of(" \t\r") - first + 1));
  }
  return lines;
}

} // namespace torc::cli
