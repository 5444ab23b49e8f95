#pragma once

#include "faulty_disk.hpp"

#include <sqlite3.h>

#include <map>
#include <memory>
#include <string>
#include <vector>

namespace torc::test {

/// A write, or where `cuts` a truncation to `offset`, that was not synced yet.
struct change {
  size_t offset = 0;
  std::string bytes;
  bool cuts = false;
};

/// A file: as the process sees it, and what of it the power cannot take.
struct node {
  std::string now, synced;
  std::vector<change> unsynced;
  bool lasting = false;      ///< its name was synced, too
  bool syncs_folder = false; ///< a new log or journal: its first sync is its folder's, too
  int shared = 0;
  bool exclusive = false;
  std::vector<std::unique_ptr<char[]>> regions; ///< of the -shm that goes with it
};

struct faulty_disk::state {
  std::map<std::string, std::shared_ptr<node>> files;
  std::map<std::string, std::shared_ptr<node>> erased; ///< the power may bring them back

  /// Names that are there stay, and those that were erased are gone for good.
  void sync_folder();
};

void carry_out(const change& c, std::string& to);

/// Makes the disk SQLite's default VFS.
void install_faulty_vfs();

} // namespace torc::test
