#pragma once

#include <array>
#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

namespace torc::test {

/// What SQLite asks of a disk. Each is a call that can fail.
enum class disk_call : uint8_t {
  open,
  erase,
  exists,
  read,
  write,
  truncate,
  sync,
  size,
  lock,
  map
};

/// What happens at the n-th call.
enum class fault : uint8_t {
  none,
  kill,           ///< the process is gone before the call; what it wrote stays
  kill_in_write,  ///< the process is gone, a part of the call's bytes is written
  power_cut,      ///< nothing is left but what was synced
  power_cut_some, ///< of what was not synced, sectors here and there are left
  power_cut_late, ///< of what was not synced, all up to some write is left
  error,          ///< the call fails and does nothing; the process goes on
  error_and_cut,  ///< the same, and when the process has ended the power is cut
  torn_error,     ///< a write fails halfway; the process goes on
  full,           ///< a write finds the disk full; the process goes on
  lost_sync,      ///< a sync fails and what it was for is lost; later the power is cut
};
inline constexpr std::array all_faults = {
    fault::kill,           fault::kill_in_write, fault::power_cut,     fault::power_cut_some,
    fault::power_cut_late, fault::error,         fault::error_and_cut, fault::torn_error,
    fault::full,           fault::lost_sync};

std::string_view to_string(fault f);
/// The process is gone at once, before the call: what is left can be read off any walk.
bool is_sudden(fault f);
/// Some faults befall only writes or syncs.
bool befalls(fault f, disk_call c);

/// A disk in memory that knows what was synced, and breaks at the call that it is told. SQLite
/// finds it as its default VFS once it is installed; there is one in a process.
class faulty_disk {
public:
  /// What the power leaves of a file.
  using files = std::map<std::string, std::string>;

  static faulty_disk& the();

  /// Replaces all files; they are synced. Counts calls from 0 again.
  void load(files all);
  /// All files as the process sees them.
  files seen() const;
  /// The next calls go well but for the n-th, from 1.
  /// @param dies called where the process is to end; must not return
  void arm(fault what, int64_t n, std::function<void()> dies);
  /// Told before each call from now on, with its number.
  void watch(std::function<void(int64_t n)> observer) { observer_ = std::move(observer); }
  /// What is left of the disk when the process ends now, by the fault that it was armed with.
  files left() const { return left(armed_, at_); }
  files left(fault what, int64_t n) const;
  /// Every call since load().
  const std::vector<disk_call>& calls() const { return calls_; }

  struct state;
  /// For SQLite's methods alone: counts a call. @returns an SQLite error where it has to fail
  int enter(disk_call c);
  state& inside() { return *state_; }
  /// Is this the write that has to be cut short?
  bool tears() const { return tears_; }
  /// It was. @returns an SQLite error where the process lives on
  int torn();

private:
  faulty_disk();
  int strike(disk_call c);
  int die();

  std::unique_ptr<state> state_;
  std::vector<disk_call> calls_;
  fault armed_ = fault::none;
  int64_t at_ = 0;
  bool tears_ = false;
  std::function<void()> dies_;
  std::function<void(int64_t)> observer_;
};

} // namespace torc::test
