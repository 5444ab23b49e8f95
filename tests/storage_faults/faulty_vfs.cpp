#include "faulty_files.hpp"

#include <algorithm>
#include <cstring>
#include <utility>

namespace torc::test {

namespace {

struct handle {
  sqlite3_file base;
  std::shared_ptr<node>* file; ///< SQLite gives raw memory, so it is made and deleted by hand
  int lock;
};

faulty_disk& disk() {
  return faulty_disk::the();
}

node& of(sqlite3_file* f) {
  return **reinterpret_cast<handle*>(f)->file;
}

int unlock_to(handle& h, int level) {
  auto& n = **h.file;
  if (h.lock == SQLITE_LOCK_EXCLUSIVE && level < SQLITE_LOCK_EXCLUSIVE)
    n.exclusive = false;
  if (h.lock >= SQLITE_LOCK_SHARED && level < SQLITE_LOCK_SHARED)
    --n.shared;
  h.lock = level;
  return SQLITE_OK;
}

int close_file(sqlite3_file* f) {
  auto* h = reinterpret_cast<handle*>(f);
  unlock_to(*h, SQLITE_LOCK_NONE);
  delete h->file;
  return SQLITE_OK;
}

int read_file(sqlite3_file* f, void* to, int count, sqlite3_int64 offset) {
  if (const int rc = disk().enter(disk_call::read); rc != SQLITE_OK)
    return rc;
  const auto& all = of(f).now;
  const auto from = std::min(all.size(), static_cast<size_t>(offset));
  const auto have = std::min(all.size() - from, static_cast<size_t>(count));
  std::memcpy(to, all.data() + from, have);
  std::memset(static_cast<char*>(to) + have, 0, static_cast<size_t>(count) - have);
  return have == static_cast<size_t>(count) ? SQLITE_OK : SQLITE_IOERR_SHORT_READ;
}

void change_file(node& n, change c) {
  carry_out(c, n.now);
  n.unsynced.push_back(std::move(c));
}

int write_file(sqlite3_file* f, const void* from, int count, sqlite3_int64 offset) {
  if (const int rc = disk().enter(disk_call::write); rc != SQLITE_OK)
    return rc;
  auto bytes = std::string(static_cast<const char*>(from), static_cast<size_t>(count));
  const bool tears = disk().tears();
  if (tears)
    bytes.resize(bytes.size() / 2);
  change_file(of(f), {static_cast<size_t>(offset), std::move(bytes), false});
  return tears ? disk().torn() : SQLITE_OK;
}

int truncate_file(sqlite3_file* f, sqlite3_int64 size) {
  if (const int rc = disk().enter(disk_call::truncate); rc != SQLITE_OK)
    return rc;
  change_file(of(f), {static_cast<size_t>(size), {}, true});
  return SQLITE_OK;
}

int sync_file(sqlite3_file* f, int) {
  if (const int rc = disk().enter(disk_call::sync); rc != SQLITE_OK)
    return rc;
  auto& n = of(f);
  for (const auto& c : n.unsynced)
    carry_out(c, n.synced);
  n.unsynced.clear();
  if (std::exchange(n.syncs_folder, false)) // as SQLite's own VFS does
    disk().inside().sync_folder();
  return SQLITE_OK;
}

int size_of_file(sqlite3_file* f, sqlite3_int64* size) {
  const int rc = disk().enter(disk_call::size);
  *size = static_cast<sqlite3_int64>(of(f).now.size());
  return rc;
}

int lock_file(sqlite3_file* f, int level) {
  if (const int rc = disk().enter(disk_call::lock); rc != SQLITE_OK)
    return rc;
  auto& h = *reinterpret_cast<handle*>(f);
  auto& n = of(f);
  const int others = n.shared - (h.lock >= SQLITE_LOCK_SHARED ? 1 : 0);
  if (n.exclusive && h.lock != SQLITE_LOCK_EXCLUSIVE)
    return SQLITE_BUSY;
  if (level == SQLITE_LOCK_EXCLUSIVE && others > 0)
    return SQLITE_BUSY;
  if (h.lock < SQLITE_LOCK_SHARED && level >= SQLITE_LOCK_SHARED)
    ++n.shared;
  n.exclusive = n.exclusive || level == SQLITE_LOCK_EXCLUSIVE;
  h.lock = std::max(h.lock, level);
  return SQLITE_OK;
}

int unlock_file(sqlite3_file* f, int level) {
  return unlock_to(*reinterpret_cast<handle*>(f), level);
}

int is_reserved(sqlite3_file*, int* out) {
  *out = 0;
  return SQLITE_OK;
}

int no_control(sqlite3_file*, int, void*) {
  return SQLITE_NOTFOUND;
}

int sector_size(sqlite3_file*) {
  return 512;
}

int characteristics(sqlite3_file*) {
  return 0; // of this disk nothing can be relied on
}

int map_region(sqlite3_file* f, int number, int size, int extend, void volatile** out) {
  if (const int rc = disk().enter(disk_call::map); rc != SQLITE_OK)
    return rc;
  auto& regions = of(f).regions;
  while (extend && regions.size() <= static_cast<size_t>(number)) {
    regions.push_back(std::make_unique<char[]>(static_cast<size_t>(size)));
    std::memset(regions.back().get(), 0, static_cast<size_t>(size));
  }
  *out = regions.size() > static_cast<size_t>(number) ? regions[static_cast<size_t>(number)].get()
                                                      : nullptr;
  return SQLITE_OK;
}

/// One thread, whose connections never write at the same time.
int lock_region(sqlite3_file*, int, int, int) {
  return SQLITE_OK;
}

void no_barrier(sqlite3_file*) {}

int unmap_regions(sqlite3_file* f, int erase) {
  if (erase)
    of(f).regions.clear();
  return SQLITE_OK;
}

constexpr sqlite3_io_methods methods = {
    2,          close_file,    read_file,       write_file,  truncate_file,
    sync_file,  size_of_file,  lock_file,       unlock_file, is_reserved,
    no_control, sector_size,   characteristics, map_region,  lock_region,
    no_barrier, unmap_regions, nullptr,         nullptr};

int open_file(sqlite3_vfs*, const char* name, sqlite3_file* f, int flags, int* granted) {
  f->pMethods = nullptr;
  if (const int rc = disk().enter(disk_call::open); rc != SQLITE_OK)
    return rc;
  auto& files = disk().inside().files;
  auto at = name ? files.find(name) : files.end();
  if (at == files.end() && !(flags & SQLITE_OPEN_CREATE))
    return SQLITE_CANTOPEN;
  auto file = at == files.end() ? std::make_shared<node>() : at->second;
  if (name && at == files.end()) {
    constexpr int logs = SQLITE_OPEN_MAIN_JOURNAL | SQLITE_OPEN_SUPER_JOURNAL | SQLITE_OPEN_WAL;
    file->syncs_folder = (flags & logs) != 0;
    files.emplace(name, file);
    disk().inside().erased.erase(name);
  }
  auto& h = *reinterpret_cast<handle*>(f);
  h = {{&methods}, new std::shared_ptr<node>(std::move(file)), SQLITE_LOCK_NONE};
  if (granted)
    *granted = flags;
  return SQLITE_OK;
}

int erase_file(sqlite3_vfs*, const char* name, int sync_folder) {
  if (const int rc = disk().enter(disk_call::erase); rc != SQLITE_OK)
    return rc;
  auto& all = disk().inside();
  const auto at = all.files.find(name);
  if (at == all.files.end())
    return SQLITE_IOERR_DELETE_NOENT;
  all.erased.insert_or_assign(name, at->second);
  all.files.erase(at);
  if (sync_folder)
    all.sync_folder();
  return SQLITE_OK;
}

int exists(sqlite3_vfs*, const char* name, int, int* out) {
  const int rc = disk().enter(disk_call::exists);
  *out = disk().inside().files.contains(name) ? 1 : 0;
  return rc;
}

int full_name(sqlite3_vfs*, const char* name, int size, char* out) {
  return std::strlen(name) < static_cast<size_t>(size) ? (std::strcpy(out, name), SQLITE_OK)
                                                       : SQLITE_CANTOPEN;
}

/// Always the same, so that every walk makes the same calls.
int no_randomness(sqlite3_vfs*, int count, char* out) {
  std::memset(out, 7, static_cast<size_t>(count));
  return count;
}

} // namespace

void install_faulty_vfs() {
  static sqlite3_vfs vfs = *sqlite3_vfs_find(nullptr); // its clock and its sleep stay
  vfs.szOsFile = sizeof(handle);
  vfs.pNext = nullptr;
  vfs.zName = "faulty";
  vfs.xOpen = open_file;
  vfs.xDelete = erase_file;
  vfs.xAccess = exists;
  vfs.xFullPathname = full_name;
  vfs.xRandomness = no_randomness;
  sqlite3_vfs_register(&vfs, 1);
}

} // namespace torc::test
