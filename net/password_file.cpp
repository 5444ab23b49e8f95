#include "net/password_file.hpp"

#include "core/secret.hpp"

#include <crypt.h>

#include <array>
#include <cerrno>
#include <fstream>
#include <memory>
#include <system_error>

namespace torc::net {

namespace {

core::error unreadable(const std::string& path) {
  return core::refuse(core::refusal::not_found, "cannot read the password file " + path + ": " +
                                                    std::generic_category().message(errno));
}

core::error wrong_line(const std::string& path, size_t line, std::string_view why) {
  return core::refuse(core::refusal::malformed,
                      path + ":" + std::to_string(line) + ": " + std::string(why));
}

bool is_bcrypt(std::string_view hash) {
  constexpr size_t length = 60;
  return hash.size() == length && hash.starts_with("$2") && hash[3] == '$' && hash[6] == '$';
}

} // namespace

core::result<password_file> password_file::read(const std::string& path) {
  errno = 0;
  std::ifstream in(path);
  if (!in)
    return unreadable(path);
  password_file file;
  std::string line;
  for (size_t n = 1; std::getline(in, line); ++n) {
    if (!line.empty() && line.back() == '\r')
      line.pop_back();
    if (line.empty() || line.front() == '#')
      continue;
    const auto colon = line.find(':');
    if (colon == std::string::npos || colon == 0)
      return wrong_line(path, n, "expected name:hash");
    if (!is_bcrypt(std::string_view(line).substr(colon + 1)))
      return wrong_line(path, n, "the hash is no bcrypt hash; use torc-htpasswd or htpasswd -B");
    file.hashes_[line.substr(0, colon)] = line.substr(colon + 1);
  }
  // A folder can be opened like a file, but not read.
  if (in.bad())
    return unreadable(path);
  return file;
}

std::vector<std::string> password_file::names() const {
  std::vector<std::string> all;
  for (const auto& [name, hash] : hashes_)
    all.push_back(name);
  return all;
}

std::string password_file::text() const {
  std::string all;
  for (const auto& [name, hash] : hashes_)
    all.append(name).append(":").append(hash).append("\n");
  return all;
}

std::string hash_password(const std::string& password, unsigned long cost) {
  std::array<char, CRYPT_GENSALT_OUTPUT_SIZE> salt{};
  const auto work = std::make_unique<crypt_data>();
  const char* made =
      crypt_gensalt_rn("$2b$", cost, nullptr, 0, salt.data(), static_cast<int>(salt.size()))
          ? crypt_r(password.c_str(), salt.data(), work.get())
          : nullptr;
  if (made == nullptr || !is_bcrypt(made))
    core::fault("the system's crypt has no bcrypt");
  return made;
}

bool password_file::verify(const std::string& user, const std::string& password) const {
  if (hashes_.empty())
    return false;
  const auto at = hashes_.find(user);
  const auto& hash = (at == hashes_.end() ? hashes_.begin() : at)->second;
  const auto work = std::make_unique<crypt_data>();
  const char* made = crypt_r(password.c_str(), hash.c_str(), work.get());
  return made != nullptr && core::same_secret(made, hash) && at != hashes_.end();
}

} // namespace torc::net
