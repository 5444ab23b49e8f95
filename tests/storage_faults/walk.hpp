#pragma once

#include "faulty_disk.hpp"
#include "operations.hpp"

#include <cstdint>
#include <map>
#include <string>
#include <vector>

namespace torc::test {

/// How far a process came before the disk was taken from it.
struct remains {
  enum class ending : int32_t { finished, died, faulted, refused };
  ending how = ending::finished;
  int32_t acknowledged = 0; ///< steps whose commit had returned
  faulty_disk::files disk;
};

/// Two disks of one fingerprint are the same.
size_t fingerprint(const faulty_disk::files& disk);

/// Opens the store on `before`, takes the steps, makes a checkpoint and closes, in a process of its
/// own whose disk breaks at its n-th call.
remains act(const operation& what, const std::string& path, const faulty_disk::files& before,
            fault f, int64_t n);

/// All rows of all tables, times and the server's own counters excepted, by table.
using contents = std::map<std::string, std::string>;

/// The next start after whatever happened: SQLite's own check, the store's recovery, the promises
/// that can be seen on the disk. Each failure is a BOOST_ERROR.
contents restart(const std::string& path, const faulty_disk::files& disk);

/// A walk without a fault.
struct expectation {
  std::vector<contents> after; ///< what so many acknowledged steps leave behind; [0]: none
  std::vector<disk_call> calls;
  faulty_disk::files end;
  /// What every sudden fault would have left at every call, each different disk once.
  std::vector<remains> sudden;
};
expectation expect(const operation& what, const std::string& path,
                   const faulty_disk::files& before);

} // namespace torc::test
