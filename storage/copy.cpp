#include "storage/copy.hpp"

#include "storage/folders.hpp"
#include "storage/statement.hpp"

#include <fcntl.h>
#include <unistd.h>

#include <cerrno>
#include <filesystem>
#include <system_error>

namespace torc::storage {

using core::refusal;
using core::refuse;

namespace fs = std::filesystem;

namespace {

std::string reason() {
  return std::generic_category().message(errno);
}

core::error exists(const std::string& path) {
  return refuse(refusal::conflict, path + " exists already; name a file that does not");
}

/// A file of its own name, which is gone at the end unless it was given another.
class new_file {
public:
  explicit new_file(const std::string& beside) : path_(beside + ".XXXXXX") {
    const int fd = mkstemp(path_.data());
    made_ = fd >= 0;
    if (made_)
      close(fd);
    else
      why_ = reason();
  }
  ~new_file() {
    if (made_)
      unlink(path_.c_str());
  }
  new_file(const new_file&) = delete;
  new_file& operator=(const new_file&) = delete;

  bool made() const { return made_; }
  const std::string& path() const { return path_; }
  const std::string& why() const { return why_; }
  /// False, and nothing done, where somebody has the name.
  bool rename_to(const std::string& to) {
    if (renameat2(AT_FDCWD, path_.c_str(), AT_FDCWD, to.c_str(), RENAME_NOREPLACE) == 0) {
      made_ = false;
      return true;
    }
    // Some file systems cannot promise that; a second name can.
    return errno == EINVAL && link(path_.c_str(), to.c_str()) == 0;
  }

private:
  std::string path_, why_;
  bool made_ = false;
};

core::error failed(const std::string& to, const char* why) {
  return refuse(refusal::unprocessable, "cannot copy the database to " + to + ": " + why);
}

core::result<core::nothing> copy_pages(database& from, database& copy, const std::string& to) {
  auto* work = sqlite3_backup_init(copy.handle(), "main", from.handle(), "main");
  if (!work)
    return failed(to, sqlite3_errmsg(copy.handle()));
  const int rc = sqlite3_backup_step(work, -1);
  const int end = sqlite3_backup_finish(work);
  if (rc != SQLITE_DONE)
    return failed(to, sqlite3_errstr(rc));
  if (end != SQLITE_OK)
    return failed(to, sqlite3_errstr(end));
  // The log's name would be that of the file before it got its own.
  char* wrong = nullptr;
  if (sqlite3_exec(copy.handle(), "PRAGMA journal_mode=DELETE", nullptr, nullptr, &wrong) !=
      SQLITE_OK) {
    auto why = failed(to, wrong ? wrong : "its journal");
    sqlite3_free(wrong);
    return why;
  }
  return core::nothing{};
}

core::result<core::nothing> check(database& copy, const std::string& to) {
  statement look{copy, "PRAGMA integrity_check(1)"};
  const auto said = look.first<std::string>().value_or("it cannot be read");
  if (said != "ok")
    return failed(to, ("the copy is damaged, and so perhaps is the database: " + said).c_str());
  return core::nothing{};
}

} // namespace

core::result<core::nothing>
copy_database(database& from, const std::string& to,
              const std::function<core::result<core::nothing>(database& copy)>& is_good) {
  std::error_code none;
  // A journal of that name would be taken for the copy's own.
  for (const auto* tail : {"", "-journal", "-wal"})
    if (fs::symlink_status(to + tail, none).type() != fs::file_type::not_found)
      return exists(to + tail);
  new_file made{to};
  if (!made.made())
    return refuse(refusal::forbidden, "cannot write beside " + to + ": " + made.why());
  {
    std::string why;
    auto copy = database::open(made.path(), database::mode::read_write_create, why);
    if (!copy)
      return failed(to, why.c_str());
    if (auto ok = copy_pages(from, *copy, to); !ok)
      return ok.why();
    if (auto ok = check(*copy, to); !ok)
      return ok.why();
    if (is_good)
      if (auto ok = is_good(*copy); !ok)
        return ok.why();
  }
  if (auto wrong = sync_path(made.path()); !wrong.empty())
    return failed(to, wrong.c_str());
  if (!made.rename_to(to))
    return errno == EEXIST ? exists(to) : failed(to, reason().c_str());
  if (auto wrong = sync_folder_of(to); !wrong.empty())
    return failed(to, wrong.c_str());
  return core::nothing{};
}

} // namespace torc::storage
