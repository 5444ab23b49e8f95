#pragma once

#include "core/edits.hpp"
#include "core/happening.hpp"
#include "core/image.hpp"
#include "core/progress.hpp"
#include "core/result.hpp"
#include "core/turn.hpp"

#include <atomic>
#include <functional>
#include <memory>
#include <string>
#include <vector>

namespace torc::storage {

struct taken_over;

/// Stages that an admission writes beside its statuses.
struct admitted_stages {
  std::vector<core::job_id> jobs; ///< all jobs of the workflow, sorted
  std::vector<uint32_t> stages;
};

/// The one connection that writes. Owned by the DB writer, used by one thread at a time.
///
/// Work lies in an open group until `commit` returns; then, and only then, may anybody be told.
///   store.begin(); auto l = store.apply(turn); auto e = store.apply(edit); store.commit();
/// A failing disk is a core::fault and ends the process. A foreign lock is waited for in `begin`.
class store {
public:
  struct settings {
    bool full_sync = true; ///< synchronous=FULL; false: NORMAL, asked for by name
    /// Called with what is known of another process that has held the write lock for half a second
    /// ("pid 4711 (sqlite3)"), again every minute, and once with an empty string when it is gone.
    std::function<void(const std::string& holder)> on_foreign_lock;
    /// What a new log is laid out to: mostly enough until a quiet moment begins it anew. 0: nothing
    /// is ever laid out.
    int64_t log_bytes = int64_t{16} << 20;
    int64_t lease_ms = 15 * 60 * 1000; ///< what runners are told; 0: never
  };

  /// Opens or creates `path` (missing folders are made), takes the lock file that keeps a second
  /// server out, migrates the schema, raises the epoch. A refusal says what is wrong: no database,
  /// of another program or a newer version, read-only folder, locked by a running server.
  static core::result<std::unique_ptr<store>> open(const std::string& path, settings s);

  /// Takes in a database file of torc 0.21; see storage/torc_file.hpp. Before recover().
  core::result<taken_over> take_over(const std::string& torc_file);

  /// What the rooms must hold. Before the first begin(). Also deletes submissions never closed.
  core::image recover();

  void begin();
  /// @returns false while another process holds the write lock
  bool try_begin();
  /// Who has held the write lock for so long that on_foreign_lock was told; else nobody, "".
  const std::string& locked_by() const;
  bool in_group() const;
  /// Rows written since begin().
  int64_t group_rows() const;
  /// Applies one turn, wholly. Fills `run` of the grants and the order texts from the disk.
  core::launch apply(core::turn t);
  /// The same for an admission, whose statuses and stages are written together.
  core::launch apply(core::turn t, const admitted_stages& stages);
  /// Applies or refuses one edit; a refused edit leaves no trace in the group.
  core::result<core::edited> apply(const core::edit& e);
  /// What the edit that was applied last did, for a call that is to take effect once. Turns bring
  /// theirs along.
  void remember(const core::once& call, const core::effect& what);
  /// fsync. Then publishes the new counters.
  void commit();
  /// Folds the log in when it has become long, and lays out more of it when the next commits would
  /// make the file longer. After a commit, when everybody has been told.
  void tend_log();
  /// A passive checkpoint, a truncating one above a size. For idle moments.
  void checkpoint();

  /// Any thread: whether what happens to jobs and nodes is noted down from now on.
  void collect_news(bool wanted);
  bool collects_news() const;
  /// What was noted down since the last call. The writing thread, after a commit.
  std::vector<core::happening> take_news();

  /// Any thread. Never null.
  std::shared_ptr<const core::progress> progress() const;
  int64_t epoch() const;
  /// Items of turns that the disk contradicted, and that were skipped. Anything but 0 is a bug of
  /// the rooms. Only between calls of the writing thread.
  int64_t contradictions() const;

  ~store();
  store(const store&) = delete;
  store& operator=(const store&) = delete;

private:
  store();
  struct state;
  std::unique_ptr<state> state_;
};

} // namespace torc::storage
