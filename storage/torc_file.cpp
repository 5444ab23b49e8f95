#include "storage/torc_file.hpp"

#include "core/attempt_names.hpp"
#include "storage/torc_file_tables.hpp"

#include <algorithm>
#include <filesystem>
#include <map>

namespace torc::storage {

using core::refusal;
using core::refuse;

namespace {

/// One take-over: what fails is the file's fault, and leaves nothing behind.
class take_over_run {
public:
  take_over_run(writer& w, std::string file, std::string scratch)
      : w_(w), file_(std::move(file)), scratch_(std::move(scratch)) {}
  ~take_over_run() {
    if (attached_)
      static_cast<void>(attempt("DETACH torc"));
    drop_scratch();
  }
  take_over_run(const take_over_run&) = delete;
  take_over_run& operator=(const take_over_run&) = delete;

  core::result<taken_over> run() {
    if (auto ok = attach(); !ok)
      return ok.why();
    if (auto ok = check(); !ok)
      return ok.why();
    w_.db.begin_immediate();
    if (auto ok = copy(); !ok) {
      w_.db.execute("ROLLBACK");
      return ok.why();
    }
    w_.ids.save();
    auto done = count();
    w_.db.execute("COMMIT");
    return done;
  }

private:
  core::result<core::nothing> attempt(const std::string& sql) {
    if (sqlite3_exec(w_.db.handle(), sql.c_str(), nullptr, nullptr, nullptr) == SQLITE_OK)
      return core::nothing{};
    return refuse(refusal::unprocessable,
                  file_ + " cannot be taken over: " + sqlite3_errmsg(w_.db.handle()));
  }

  void drop_scratch() const {
    std::error_code none;
    for (const auto* more : {"", "-wal", "-shm", "-journal"})
      std::filesystem::remove(scratch_ + more, none);
  }

  /// A copy is attached: of one moment, and the file itself stays as it is.
  core::result<core::nothing> attach() {
    std::error_code none;
    if (!std::filesystem::is_regular_file(file_, none))
      return refuse(refusal::not_found, "there is no file " + file_);
    std::string why;
    auto source = database::open(file_, database::mode::read_only, why);
    if (!source)
      return refuse(refusal::forbidden, "cannot open " + file_ + ": " + why);
    if (sqlite3_exec(source->handle(), "SELECT count(*) FROM sqlite_schema", nullptr, nullptr,
                     nullptr) != SQLITE_OK)
      return refuse(refusal::conflict,
                    file_ + " is no database: " + sqlite3_errmsg(source->handle()));
    drop_scratch();
    std::string quoted;
    for (const char c : scratch_)
      quoted += c == '\'' ? std::string("''") : std::string(1, c);
    if (sqlite3_exec(source->handle(), ("VACUUM INTO '" + quoted + "'").c_str(), nullptr, nullptr,
                     nullptr) != SQLITE_OK)
      return refuse(refusal::unprocessable,
                    "cannot copy " + file_ + ": " + sqlite3_errmsg(source->handle()));
    auto done = attempt("ATTACH '" + quoted + "' AS torc");
    attached_ = bool(done);
    return done;
  }

  core::result<core::nothing> check() {
    statement has{w_.db, "SELECT 1 FROM pragma_table_info(?1, 'torc') WHERE name = ?2"};
    for (const auto mark : torc_marks()) {
      const auto dot = mark.find('.');
      if (!has.any(std::string(mark.substr(0, dot)), std::string(mark.substr(dot + 1))))
        return refuse(refusal::conflict,
                      file_ + " is no database of torc 0.21: it has no " + std::string(mark));
    }
    return core::nothing{};
  }

  core::result<core::nothing> copy() {
    for (const auto& space : torc_id_spaces()) {
      const auto most = w_.db.number(
          ("SELECT coalesce(max(id), 0) FROM torc." + std::string(space.table)).c_str());
      by_[std::string(space.table)] = w_.ids.draw(space.counter, most) - 1;
    }
    for (const auto sql : torc_copies())
      if (auto ok = attempt(with_numbers(sql)); !ok)
        return ok;
    if (by_["job"] != 0)
      rename_attempts();
    return complain_of_orphans();
  }

  std::string with_numbers(std::string_view sql) const {
    std::string text;
    for (size_t at = 0; at < sql.size();) {
      if (sql[at] != '@') {
        text += sql[at++];
        continue;
      }
      const auto end = std::min(sql.find_first_of(" ,)\n", at), sql.size());
      text += std::to_string(by_.at(std::string(sql.substr(at + 1, end - at - 1))));
      at = end;
    }
    return text;
  }

  /// RO-Crate entities call attempts by the ids of their jobs.
  void rename_attempts() {
    statement all{w_.db, "SELECT id, entity_id, metadata FROM ro_crate_entity WHERE id > ?1"};
    statement put{w_.db, "UPDATE ro_crate_entity SET entity_id = ?2, metadata = ?3 WHERE id = ?1"};
    const auto renamed = [&](const std::string& text) {
      return core::with_new_jobs(text, [&](int64_t job) { return job + by_["job"]; });
    };
    for (auto r = all.query(by_["ro_crate_entity"]); r.next();)
      put.run(r.get<int64_t>(0), renamed(r.get<std::string>(1)), renamed(r.get<std::string>(2)));
  }

  core::result<core::nothing> complain_of_orphans() {
    const auto orphans =
        w_.db.number(("SELECT count(*) FROM job AS j WHERE j.id > " + std::to_string(by_["job"]) +
                      " AND NOT EXISTS (SELECT 1 FROM resource_requirements AS r WHERE r.id = "
                      "j.resource_requirements_id)")
                         .c_str());
    if (orphans > 0)
      return refuse(refusal::unprocessable, file_ + " has " + std::to_string(orphans) +
                                                " jobs without resource requirements");
    return core::nothing{};
  }

  taken_over count() {
    const auto rows = [&](const char* table) {
      return w_.db.number(("SELECT count(*) FROM " + std::string(table) + " WHERE id > " +
                           std::to_string(by_[table]))
                              .c_str());
    };
    taken_over t{rows("workflow"), rows("job"), rows("result"), rows("event"), true};
    for (const auto& [table, by] : by_)
      t.same_ids = t.same_ids && (by == 0 || table == "local_scheduler");
    return t;
  }

  writer& w_;
  std::string file_, scratch_;
  std::map<std::string, int64_t> by_; ///< what ids of a table grow by
  bool attached_ = false;
};

} // namespace

core::result<taken_over> take_over(writer& w, const std::string& file, const std::string& scratch) {
  return take_over_run{w, file, scratch}.run();
}

} // namespace torc::storage
