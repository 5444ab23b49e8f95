#include "faulty_disk.hpp"

#include "faulty_files.hpp"

#include <algorithm>
#include <cstdlib>
#include <random>
#include <utility>

namespace torc::test {

namespace {

constexpr size_t sector = 512;

/// What of the unsynced changes reaches the disk, in pieces no larger than a sector.
std::string with_some(const node& n, std::mt19937& random) {
  auto out = n.synced;
  for (const auto& c : n.unsynced) {
    if (c.cuts) {
      if (random() % 2)
        carry_out(c, out);
      continue;
    }
    for (size_t at = 0; at < c.bytes.size(); at += sector)
      if (random() % 2)
        carry_out({c.offset + at, c.bytes.substr(at, sector), false}, out);
  }
  return out;
}

std::string with_first(const node& n, size_t count) {
  auto out = n.synced;
  for (size_t i = 0; i < std::min(count, n.unsynced.size()); ++i)
    carry_out(n.unsynced[i], out);
  return out;
}

int error_of(disk_call c) {
  switch (c) {
  case disk_call::open:
    return SQLITE_CANTOPEN;
  case disk_call::erase:
    return SQLITE_IOERR_DELETE;
  case disk_call::exists:
    return SQLITE_IOERR_ACCESS;
  case disk_call::read:
    return SQLITE_IOERR_READ;
  case disk_call::write:
    return SQLITE_IOERR_WRITE;
  case disk_call::truncate:
    return SQLITE_IOERR_TRUNCATE;
  case disk_call::sync:
    return SQLITE_IOERR_FSYNC;
  case disk_call::size:
    return SQLITE_IOERR_FSTAT;
  case disk_call::lock:
    return SQLITE_IOERR_LOCK;
  case disk_call::map:
    return SQLITE_IOERR_SHMMAP;
  }
  return SQLITE_IOERR;
}

} // namespace

void carry_out(const change& c, std::string& to) {
  if (c.cuts) {
    to.resize(std::min(to.size(), c.offset));
    return;
  }
  if (to.size() < c.offset + c.bytes.size())
    to.resize(c.offset + c.bytes.size());
  std::copy(c.bytes.begin(), c.bytes.end(), to.begin() + static_cast<std::ptrdiff_t>(c.offset));
}

void faulty_disk::state::sync_folder() {
  for (auto& [name, file] : files)
    file->lasting = true;
  erased.clear();
}

std::string_view to_string(fault f) {
  constexpr std::array names = {
      "none",  "kill",          "kill_in_write", "power_cut", "power_cut_some", "power_cut_late",
      "error", "error_and_cut", "torn_error",    "full",      "lost_sync"};
  return names[static_cast<size_t>(f)];
}

bool is_sudden(fault f) {
  return f == fault::kill || f == fault::power_cut || f == fault::power_cut_some ||
         f == fault::power_cut_late;
}

bool befalls(fault f, disk_call c) {
  switch (f) {
  case fault::kill_in_write:
  case fault::torn_error:
  case fault::full:
    return c == disk_call::write;
  case fault::lost_sync:
    return c == disk_call::sync;
  default:
    return true;
  }
}

faulty_disk::faulty_disk() : state_(std::make_unique<state>()) {
  install_faulty_vfs();
}

faulty_disk& faulty_disk::the() {
  static faulty_disk only;
  return only;
}

void faulty_disk::load(files all) {
  state_->files.clear();
  state_->erased.clear();
  for (auto& file : all) {
    auto n = std::make_shared<node>();
    n->now = n->synced = std::move(file.second);
    n->lasting = true;
    state_->files.emplace(file.first, std::move(n));
  }
  calls_.clear();
  observer_ = nullptr;
  arm(fault::none, 0, {});
}

faulty_disk::files faulty_disk::seen() const {
  files out;
  for (const auto& [name, n] : state_->files)
    out.emplace(name, n->now);
  return out;
}

void faulty_disk::arm(fault what, int64_t n, std::function<void()> dies) {
  armed_ = what;
  at_ = n;
  tears_ = false;
  dies_ = std::move(dies);
}

faulty_disk::files faulty_disk::left(fault what, int64_t n) const {
  const bool some = what == fault::power_cut_some, late = what == fault::power_cut_late;
  const bool only_synced =
      what == fault::power_cut || what == fault::error_and_cut || what == fault::lost_sync;
  if (!some && !late && !only_synced)
    return seen();
  std::mt19937 random{static_cast<uint32_t>(n)};
  files out;
  for (const auto& [name, file] : state_->files) {
    if (!file->lasting && !(late || (some && random() % 2)))
      continue;
    out.emplace(name, some   ? with_some(*file, random)
                      : late ? with_first(*file, random() % (file->unsynced.size() + 1))
                             : file->synced);
  }
  for (const auto& [name, file] : state_->erased)
    if (file->lasting && (!some || random() % 2))
      out.emplace(name, file->synced);
  return out;
}

int faulty_disk::enter(disk_call c) {
  calls_.push_back(c);
  tears_ = false;
  if (observer_)
    observer_(static_cast<int64_t>(calls_.size()));
  return static_cast<int64_t>(calls_.size()) == at_ && befalls(armed_, c) ? strike(c) : SQLITE_OK;
}

int faulty_disk::die() {
  dies_();
  std::abort(); // dies_ must not return
}

int faulty_disk::torn() {
  return armed_ == fault::kill_in_write ? die() : SQLITE_IOERR_WRITE;
}

int faulty_disk::strike(disk_call c) {
  switch (armed_) {
  case fault::none:
    return SQLITE_OK;
  case fault::kill:
  case fault::power_cut:
  case fault::power_cut_some:
  case fault::power_cut_late:
    return die();
  case fault::kill_in_write:
  case fault::torn_error:
    tears_ = true;
    return SQLITE_OK;
  case fault::full:
    return SQLITE_FULL;
  case fault::error:
  case fault::error_and_cut:
    return error_of(c);
  case fault::lost_sync:
    // The pages count as clean from now on, and are not.
    for (auto& [name, n] : state_->files)
      n->unsynced.clear();
    return SQLITE_IOERR_FSYNC;
  }
  return SQLITE_OK;
}

} // namespace torc::test
