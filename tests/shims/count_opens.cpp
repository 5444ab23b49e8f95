#include <sqlite3.h>

#include <fcntl.h>
#include <unistd.h>

#include <cstdlib>
#include <string>

/// Writes a line to the file that TORC_OPENS names whenever the program opens a database through
/// SQLite: "rw PATH" where it can write it, "ro PATH" where it cannot. Logs and temporary files do
/// not count.
namespace {

sqlite3_vfs* system_vfs = nullptr;

void note(const char* path, int granted) {
  const char* list = std::getenv("TORC_OPENS");
  if (!list)
    return;
  const auto line =
      std::string{granted & SQLITE_OPEN_READWRITE ? "rw " : "ro "} + (path ? path : "?") + "\n";
  const int fd = open(list, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0644);
  if (fd < 0 || write(fd, line.data(), line.size()) != static_cast<ssize_t>(line.size()))
    std::abort(); // The test would otherwise believe that nobody had opened it.
  close(fd);
}

int open_counted(sqlite3_vfs*, const char* path, sqlite3_file* file, int asked, int* granted) {
  int flags = 0;
  const int rc = system_vfs->xOpen(system_vfs, path, file, asked, &flags);
  if (granted)
    *granted = flags;
  if (rc == SQLITE_OK && asked & SQLITE_OPEN_MAIN_DB)
    note(path, flags);
  return rc;
}

__attribute__((constructor)) void install() {
  static sqlite3_vfs shim;
  system_vfs = sqlite3_vfs_find(nullptr);
  shim = *system_vfs;
  shim.pNext = nullptr;
  shim.zName = "count_opens";
  shim.xOpen = open_counted;
  sqlite3_vfs_register(&shim, 1);
}

} // namespace
