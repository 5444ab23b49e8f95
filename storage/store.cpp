#include "storage/store.hpp"

#include "storage/folders.hpp"
#include "storage/kept_calls.hpp"
#include "storage/lock_file.hpp"
#include "storage/recovery.hpp"
#include "storage/schema.hpp"
#include "storage/torc_file.hpp"
#include "storage/writer.hpp"

#include <cassert>
#include <filesystem>
#include <mutex>

namespace torc::storage {

using core::refusal;
using core::refuse;

namespace fs = std::filesystem;

namespace {

/// A log file larger than this is cut when nothing else is to do.
constexpr uintmax_t large_wal_bytes = 64 << 20;
/// What of the log must lie ahead after a commit; when it does not, a part of a new log's size is
/// laid out beyond it.
constexpr int64_t log_margin_bytes = 64 << 10;
constexpr int64_t log_step_part = 4;

core::result<core::nothing> make_place(const std::string& file) {
  if (auto made = make_folder_of(file); !made)
    return made;
  std::error_code none;
  if (fs::is_directory(file, none))
    return refuse(refusal::conflict, file + " is a folder; name a file in it");
  return core::nothing{};
}

} // namespace

struct store::state {
  state(lock_file held, std::unique_ptr<database> d, std::string p)
      : lock(std::move(held)), db(std::move(d)), path(std::move(p)) {}

  void publish() {
    auto next = all->counts.publish(all->turn, commits, busy_results() - busy_before);
    published.store(std::move(next));
  }

  void open_group() {
    in_group = true;
    written_before = db->total_changes();
  }

  lock_file lock;
  std::unique_ptr<database> db;
  std::string path;
  std::unique_ptr<writer> all;
  std::atomic<std::shared_ptr<const core::progress>> published;
  int64_t epoch = 0;
  int64_t commits = 0;
  int64_t busy_before = busy_results();
  int64_t written_before = 0;
  int64_t log_bytes = 0;
  int64_t laid_out = 0; ///< bytes of the log file that are written, though not used, at least
  int64_t lease_ms = 0;
  bool in_group = false;
  std::shared_ptr<std::string> locked_by; ///< shared with the connection's listener
};

store::store() = default;
store::~store() = default;

core::result<std::unique_ptr<store>> store::open(const std::string& path, settings s) {
  std::error_code wrong;
  auto real = fs::weakly_canonical(path, wrong).string();
  if (wrong || real.empty())
    real = path;
  if (auto ok = make_place(real); !ok)
    return ok.why();
  if (auto ok = check_header(real); !ok)
    return ok.why();
  auto lock = lock_file::take(real);
  if (!lock)
    return lock.why();
  std::string why;
  auto db = database::open(real, database::mode::read_write_create, why);
  if (!db)
    return refuse(refusal::forbidden, "cannot open the database " + real + ": " + why);
  auto locked_by = std::make_shared<std::string>();
  db->on_lock([real, locked_by, notify = std::move(s.on_foreign_lock)](bool locked) {
    *locked_by = locked ? lock_holder(real) : std::string{};
    if (notify)
      notify(*locked_by);
  });
  if (auto ok = recognise(*db, real, migrations()); !ok)
    return ok.why();
  if (sqlite3_db_readonly(db->handle(), "main") == 1)
    return refuse(refusal::forbidden, "the database " + real + " may not be written; make it so");
  db->tune_writer(s.full_sync);
  const bool is_new = db->pragma("user_version") == 0;
  if (auto ok = migrate(*db, real, migrations()); !ok)
    return ok.why();
  if (auto unsafe = is_new ? sync_folder_of(real) : std::string{}; !unsafe.empty())
    return refuse(refusal::forbidden, unsafe);
  lock->keep();

  std::unique_ptr<store> made{new store};
  made->state_ = std::make_unique<state>(std::move(*lock), std::move(db), real);
  auto& st = *made->state_;
  st.locked_by = std::move(locked_by);
  st.db->begin_immediate();
  st.db->execute("UPDATE server SET epoch = epoch + 1 WHERE id = 1");
  st.epoch = st.db->number("SELECT epoch FROM server WHERE id = 1");
  st.db->execute("COMMIT");
  st.laid_out = st.log_bytes = s.log_bytes;
  st.lease_ms = s.lease_ms;
  st.db->lay_out_log(st.log_bytes);
  st.all = std::make_unique<writer>(*st.db);
  st.publish();
  return made;
}

core::result<taken_over> store::take_over(const std::string& torc_file) {
  assert(!state_->in_group);
  return storage::take_over(*state_->all, torc_file, state_->path + ".taking-over");
}

core::image store::recover() {
  assert(!state_->in_group);
  auto image = recover_image(*state_->all, state_->epoch, state_->lease_ms);
  state_->publish();
  return image;
}

void store::begin() {
  assert(!state_->in_group);
  state_->db->begin_immediate();
  state_->open_group();
}

bool store::try_begin() {
  assert(!state_->in_group);
  if (!state_->db->try_begin_immediate())
    return false;
  state_->open_group();
  return true;
}

const std::string& store::locked_by() const {
  return *state_->locked_by;
}

bool store::in_group() const {
  return state_->in_group;
}

int64_t store::group_rows() const {
  return state_->in_group ? state_->db->total_changes() - state_->written_before : 0;
}

core::launch store::apply(core::turn t) {
  admitted_stages stages;
  if (t.cause.admitted) {
    stages.jobs = std::move(t.cause.admitted->all_jobs);
    stages.stages = std::move(t.cause.admitted->all_stages);
  }
  return apply(std::move(t), stages);
}

core::launch store::apply(core::turn t, const admitted_stages& stages) {
  assert(state_->in_group);
  if (t.cause.admitted)
    write_admission(*state_->all, *t.cause.admitted, stages.jobs, stages.stages);
  return write_turn(*state_->all, t);
}

core::result<core::edited> store::apply(const core::edit& e) {
  assert(state_->in_group);
  savepoint undo{*state_->db};
  auto done = write_edit(*state_->all, e);
  if (done)
    undo.keep();
  return done;
}

void store::remember(const core::once& call, const core::effect& what) {
  assert(state_->in_group);
  storage::remember(*state_->db, call, what, now().us);
}

void store::commit() {
  assert(state_->in_group);
  state_->all->ids.save();
  state_->all->counts.save();
  state_->db->execute("COMMIT");
  state_->in_group = false;
  ++state_->commits;
  state_->publish();
}

void store::tend_log() {
  assert(!state_->in_group);
  auto& st = *state_;
  if (st.db->log_is_long())
    st.db->checkpoint(false);
  const auto end = st.db->log_end();
  if (st.log_bytes == 0 || end + log_margin_bytes <= st.laid_out)
    return;
  st.laid_out = end + log_margin_bytes + st.log_bytes / log_step_part;
  st.db->lay_out_log(st.laid_out);
}

void store::checkpoint() {
  assert(!state_->in_group);
  std::error_code none;
  const auto wal = fs::file_size(state_->path + "-wal", none);
  const bool cut = !none && wal > large_wal_bytes;
  state_->db->checkpoint(cut);
  if (cut) {
    state_->laid_out = state_->log_bytes;
    state_->db->lay_out_log(state_->log_bytes);
  }
}

void store::collect_news(bool wanted) {
  state_->all->news.collect(wanted);
}

bool store::collects_news() const {
  return state_->all->news.wanted();
}

std::vector<core::happening> store::take_news() {
  return state_->all->news.take();
}

/// A foreign lock keeps commits away, but not those who count its answers.
std::shared_ptr<const core::progress> store::progress() const {
  auto now = state_->published.load();
  const auto busy = busy_results() - state_->busy_before;
  if (busy == now->busy_retries)
    return now;
  auto newer = std::make_shared<core::progress>(*now);
  newer->busy_retries = busy;
  // Where the writer has published meanwhile, its word stays.
  state_->published.compare_exchange_strong(now, newer);
  return newer;
}

int64_t store::epoch() const {
  return state_->epoch;
}

int64_t store::contradictions() const {
  return state_->all->contradictions;
}

} // namespace torc::storage
