#include "net/process_use.hpp"

#include <fstream>
#include <sys/resource.h>
#include <unistd.h>

namespace torc::net {

namespace {

int64_t resident_bytes() {
  std::ifstream statm("/proc/self/statm");
  int64_t size = 0, resident = 0;
  statm >> size >> resident;
  return resident * sysconf(_SC_PAGESIZE);
}

double seconds(const timeval& t) {
  return static_cast<double>(t.tv_sec) + static_cast<double>(t.tv_usec) / 1e6;
}

} // namespace

process_use process_use_now() {
  rusage used{};
  getrusage(RUSAGE_SELF, &used);
  return {seconds(used.ru_utime) + seconds(used.ru_stime), resident_bytes(),
          static_cast<int64_t>(used.ru_maxrss) * 1024};
}

} // namespace torc::net
