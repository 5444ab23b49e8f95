#pragma once

#include "net/api/services.hpp"
#include "net/password_file.hpp"

#include <map>
#include <memory>
#include <set>
#include <string>

namespace torc::net::api {

/// Asks who a call is from and whether it may go on. Passwords are checked on a worker; one that
/// was good is believed for a while. Socket thread only.
///
/// A wrong password is refused, never taken for nobody. Where access is enforced, a workflow and
/// all that hangs on it are its owner's, the admins' and those groups' that it is shared with.
class gate {
public:
  /// Refused where the password file cannot be read.
  static core::result<std::shared_ptr<gate>> open(access_settings settings);

  /// Calls then() with the user in the call, or answers 401, 403.
  void admit(const services& s, const call& c, std::function<void()> then);

  /// Reads the password file again and forgets who was believed. @returns how many users it has
  core::result<size_t> reload();
  bool is_admin(const std::string& user) const { return admins_.contains(user); }
  bool enforces() const { return settings_.enforce; }

private:
  explicit gate(access_settings settings);
  void believe(const std::string& digest);
  bool is_believed(const std::string& digest);
  void authorize(const services& s, const call& c, std::function<void()> then);

  access_settings settings_;
  std::set<std::string> admins_;
  std::shared_ptr<const password_file> passwords_; ///< none: everybody is anonymous
  std::map<std::string, int64_t> believed_;        ///< until when, by SHA-256 of user and password
};

} // namespace torc::net::api
