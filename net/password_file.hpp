#pragma once

#include "core/result.hpp"

#include <map>
#include <string>
#include <utility>
#include <vector>

namespace torc::net {

/// Who may come in: `name:hash` lines as htpasswd and torc-htpasswd write them, bcrypt only.
class password_file {
public:
  /// A refusal names the file and the line.
  static core::result<password_file> read(const std::string& path);

  size_t users() const { return hashes_.size(); }
  std::vector<std::string> names() const;
  void set(const std::string& user, std::string hash) { hashes_[user] = std::move(hash); }
  bool remove(const std::string& user) { return hashes_.erase(user) > 0; }
  std::string text() const;
  /// Slow by intent: for a worker. A user who is not there takes as long as one who is.
  bool verify(const std::string& user, const std::string& password) const;

private:
  std::map<std::string, std::string> hashes_;
};

/// bcrypt with a fresh salt. @param cost 4 to 31; each one more takes twice as long
std::string hash_password(const std::string& password, unsigned long cost = 12);

} // namespace torc::net
