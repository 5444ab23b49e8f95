#include "exec/process_tree.hpp"

#include <charconv>
#include <cstdio>
#include <cstring>
#include <dirent.h>
#include <fcntl.h>
#include <string>
#include <unistd.h>
#include <unordered_set>

namespace torc::exec {

namespace {

struct process {
  pid_t pid = 0;
  pid_t parent = 0;
  pid_t session = 0;
};

/// Reads /proc/<name>/stat: "pid (name) state parent group session ...". The name may hold
/// anything, so the fields count from the last parenthesis.
bool read_process(const char* name, process& found) {
  char path[64];
  std::snprintf(path, sizeof path, "/proc/%.20s/stat", name);
  const int fd = open(path, O_RDONLY | O_CLOEXEC);
  if (fd < 0)
    return false;
  char text[512];
  const ssize_t size = read(fd, text, sizeof text - 1);
  close(fd);
  if (size <= 0)
    return false;
  text[size] = '\0';
  const char* rest = std::strrchr(text, ')');
  if (!rest || std::sscanf(rest + 1, " %*c %d %*d %d", &found.parent, &found.session) != 2)
    return false;
  return std::from_chars(text, text + size, found.pid).ec == std::errc{};
}

std::vector<process> all_processes() {
  std::vector<process> all;
  DIR* folder = opendir("/proc");
  if (!folder)
    return all;
  while (const dirent* entry = readdir(folder)) {
    process found;
    if (entry->d_name[0] >= '1' && entry->d_name[0] <= '9' && read_process(entry->d_name, found))
      all.push_back(found);
  }
  closedir(folder);
  return all;
}

/// Adds whatever is below a member, until nothing is added any more.
std::vector<pid_t> with_descendants(const std::vector<process>& all,
                                    std::unordered_set<pid_t> members) {
  for (bool grew = true; grew;) {
    grew = false;
    for (const auto& p : all)
      if (members.contains(p.parent))
        grew |= members.insert(p.pid).second;
  }
  return {members.begin(), members.end()};
}

} // namespace

std::vector<pid_t> descendants_of(pid_t root) {
  auto found = with_descendants(all_processes(), {root});
  std::erase(found, root);
  return found;
}

std::vector<pid_t> session_of(pid_t session) {
  const auto all = all_processes();
  std::unordered_set<pid_t> members;
  for (const auto& p : all)
    if (p.session == session)
      members.insert(p.pid);
  return with_descendants(all, std::move(members));
}

} // namespace torc::exec
