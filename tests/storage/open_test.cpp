#include "fixture.hpp"
#include "storage/backup.hpp"
#include "storage/lock_file.hpp"
#include "storage/schema.hpp"

#include <sys/wait.h>
#include <unistd.h>

#include <fstream>
#include <functional>
#include <iterator>
#include <set>
#include <thread>

using namespace torc;
using namespace torc::test;

namespace {

std::string refusal_of(const std::string& path) {
  auto s = storage::store::open(path, {});
  return s ? "" : s.why().message;
}

bool contains(const std::string& text, const std::string& part) {
  return text.find(part) != std::string::npos;
}

std::unique_ptr<storage::database> raw(const std::string& path) {
  std::string why;
  auto db = storage::database::open(path, storage::database::mode::read_write_create, why);
  BOOST_REQUIRE(db);
  return db;
}

std::string bytes_of(const std::string& path) {
  std::ifstream in{path, std::ios::binary};
  return {std::istreambuf_iterator<char>{in}, {}};
}

std::set<std::string> names_in(const std::filesystem::path& folder) {
  std::set<std::string> names;
  for (const auto& entry : std::filesystem::directory_iterator{folder})
    names.insert(entry.path().filename().string());
  return names;
}

/// What a process says that ends by a fault in `doing`.
std::string fault_of(const std::function<void()>& doing) {
  int ends[2];
  BOOST_REQUIRE(pipe(ends) == 0);
  const auto child = fork();
  if (child == 0) {
    dup2(ends[1], STDERR_FILENO);
    core::on_fault(nullptr);
    doing();
    _exit(0);
  }
  close(ends[1]);
  std::string said(1 << 16, '\0');
  size_t size = 0;
  for (ssize_t n = 1; n > 0; size += n > 0 ? static_cast<size_t>(n) : 0)
    n = ::read(ends[0], said.data() + size, said.size() - size);
  close(ends[0]);
  int status = 0;
  BOOST_REQUIRE(waitpid(child, &status, 0) == child);
  BOOST_TEST((WIFEXITED(status) && WEXITSTATUS(status) == 70));
  said.resize(size);
  return said;
}

} // namespace

BOOST_AUTO_TEST_SUITE(open)

BOOST_AUTO_TEST_CASE(missing_folders_are_made_and_each_start_raises_the_epoch) {
  temp_folder f;
  const auto path = (f.path / "a" / "b" / "torc.db").string();
  for (int64_t start = 1; start <= 3; ++start) {
    auto s = storage::store::open(path, {});
    BOOST_REQUIRE(s);
    BOOST_TEST((*s)->epoch() == start);
    BOOST_TEST((*s)->recover().epoch == start);
  }
}

BOOST_AUTO_TEST_CASE(a_second_store_on_the_same_file_is_refused_and_told_whose_it_is) {
  disk d;
  const auto why = refusal_of(d.path);
  BOOST_TEST(contains(why, "pid " + std::to_string(getpid())), why);
  std::filesystem::create_symlink(d.path, d.folder.path / "other.db");
  BOOST_TEST(!refusal_of((d.folder.path / "other.db").string()).empty());
  d.read.reset();
  d.store.reset();
  BOOST_TEST(refusal_of(d.path) == "");
}

BOOST_AUTO_TEST_CASE(a_file_with_a_second_name_is_refused_whichever_is_used) {
  disk d;
  const auto other = (d.folder.path / "other.db").string();
  std::filesystem::create_hard_link(d.path, other);
  const auto before = names_in(d.folder.path);
  BOOST_TEST(contains(refusal_of(other), other + " has 2 names (hard links)"), refusal_of(other));
  BOOST_TEST(names_in(d.folder.path) == before, boost::test_tools::per_element());
  d.read.reset();
  d.store.reset();
  BOOST_TEST(contains(refusal_of(d.path), "hard links"));
  const auto copied = storage::back_up(other, (d.folder.path / "copy.db").string(), nullptr);
  BOOST_REQUIRE(!copied);
  BOOST_TEST(contains(copied.why().message, "hard links"), copied.why().message);
  std::filesystem::remove(other);
  BOOST_TEST(refusal_of(d.path) == "");
}

BOOST_AUTO_TEST_CASE(a_lock_file_that_its_last_holder_removes_locks_nobody) {
  temp_folder f;
  const auto path = (f.path / "torc.db").string();
  {
    auto first = storage::lock_file::take(path);
    BOOST_REQUIRE(first);
    BOOST_TEST(!storage::lock_file::take(path).ok());
  }
  BOOST_TEST(names_in(f.path).empty());
  auto second = storage::lock_file::take(path);
  BOOST_REQUIRE(second);
  second->keep();
  { const auto gone = std::move(*second); }
  BOOST_TEST(names_in(f.path).size() == 1u);
  { BOOST_TEST(storage::lock_file::take(path).ok()); }
  BOOST_TEST(names_in(f.path).size() == 1u);
}

BOOST_AUTO_TEST_CASE(a_log_that_is_laid_out_ahead_is_read_back_after_a_crash) {
  disk d;
  const auto log = d.path + "-wal";
  BOOST_TEST(std::filesystem::file_size(log) >= 16u << 20);
  const auto epoch = d.store->epoch();
  temp_folder other;
  const auto copy = (other.path / "torc.db").string();
  std::filesystem::copy(d.path, copy);
  std::filesystem::copy(log, copy + "-wal");
  auto after = storage::store::open(copy, {});
  BOOST_REQUIRE(after);
  BOOST_TEST((*after)->epoch() == epoch + 1);
  BOOST_TEST(raw(copy)->number("SELECT count(*) FROM counter") ==
             raw(d.path)->number("SELECT count(*) FROM counter"));
}

BOOST_AUTO_TEST_CASE(a_commit_finds_its_part_of_the_log_laid_out) {
  temp_folder f;
  const auto path = (f.path / "torc.db").string();
  storage::store::settings settings;
  settings.log_bytes = 256 << 10;
  auto s = storage::store::open(path, settings);
  BOOST_REQUIRE(s);
  (*s)->recover();
  const auto length = [&] { return std::filesystem::file_size(path + "-wal"); };
  for (int n = 0; n < 200; ++n) {
    const auto before = length();
    (*s)->begin();
    core::workflow_row w;
    w.name = w.user = "one of many";
    BOOST_REQUIRE((*s)->apply(core::create<core::workflow_row>{w}));
    (*s)->commit();
    BOOST_REQUIRE(length() == before);
    (*s)->tend_log();
  }
  BOOST_TEST(length() > 1u << 20);
  BOOST_TEST(raw(path)->number("SELECT count(*) FROM workflow") == 200);
}

BOOST_AUTO_TEST_CASE(a_log_that_has_become_long_is_folded_in_and_begun_anew) {
  temp_folder f;
  const auto path = (f.path / "torc.db").string();
  storage::store::settings settings;
  settings.full_sync = false;
  settings.log_bytes = 0;
  auto s = storage::store::open(path, settings);
  BOOST_REQUIRE(s);
  (*s)->recover();
  const std::string long_text(100'000, 'x');
  const auto before = std::filesystem::file_size(path);
  for (int n = 0; n < 1000; ++n) {
    (*s)->begin();
    core::workflow_row w;
    w.name = w.user = "one of many";
    w.description = long_text;
    BOOST_REQUIRE((*s)->apply(core::create<core::workflow_row>{w}));
    (*s)->commit();
    (*s)->tend_log();
  }
  BOOST_TEST(std::filesystem::file_size(path) > before + (32u << 20));
  BOOST_TEST(std::filesystem::file_size(path + "-wal") < 90u << 20);
}

BOOST_AUTO_TEST_CASE(what_is_no_database_of_ours_is_refused_and_left_as_it_is) {
  temp_folder f;
  const auto text = (f.path / "notes.txt").string();
  std::ofstream{text} << "this is a shopping list, and quite a long one";
  BOOST_TEST(contains(refusal_of(text), "no database"));
  BOOST_TEST(std::filesystem::file_size(text) == 45u);

  const auto foreign = (f.path / "foreign.db").string();
  raw(foreign)->execute("CREATE TABLE song (title TEXT)");
  BOOST_TEST(contains(refusal_of(foreign), "another program"));
  BOOST_TEST(raw(foreign)->number("SELECT count(*) FROM sqlite_schema") == 1);

  const auto old = (f.path / "old.db").string();
  raw(old)->execute("CREATE TABLE _sqlx_migrations (version INTEGER)");
  BOOST_TEST(contains(refusal_of(old), "torc 0.x"));

  BOOST_TEST(contains(refusal_of(f.path.string()), "folder"));
  BOOST_TEST(contains(refusal_of("/proc/nowhere/torc.db"), "cannot make the folder"));

  const auto logging = (f.path / "logging.db").string();
  raw(logging)->execute("PRAGMA journal_mode=WAL; CREATE TABLE song (title TEXT)");
  BOOST_TEST(contains(refusal_of(logging), "another program"));
  const std::set<std::string> left{"foreign.db", "logging.db", "notes.txt", "old.db"};
  BOOST_TEST(names_in(f.path) == left, boost::test_tools::per_element());
}

BOOST_AUTO_TEST_CASE(a_damaged_page_is_told_with_its_remedy_and_nothing_is_written_over_it) {
  temp_folder f;
  const auto path = (f.path / "torc.db").string();
  BOOST_TEST(refusal_of(path) == "");
  {
    std::fstream file{path, std::ios::binary | std::ios::in | std::ios::out};
    file.seekp(4096);
    file << std::string(std::filesystem::file_size(path) - 4096, '\xAA');
  }
  const auto before = bytes_of(path);
  const auto said = fault_of([&] { refusal_of(path); });
  BOOST_TEST(contains(said, path), said);
  BOOST_TEST(contains(said, "damaged"), said);
  BOOST_TEST(contains(said, "torc-server backup"), said);
  BOOST_TEST(bytes_of(path) == before);
}

BOOST_AUTO_TEST_CASE(a_full_disk_is_told_with_its_remedy_and_little_of_the_sql) {
  temp_folder f;
  const auto path = (f.path / "torc.db").string();
  const auto said = fault_of([&] {
    auto db = raw(path);
    db->execute("CREATE TABLE t (x)");
    db->set_pragma("max_page_count", 10);
    db->execute("INSERT INTO t  VALUES\n(zeroblob(1000000)) /*" + std::string(500, 'x') + "*/");
  });
  BOOST_TEST(contains(said, "its disk is full"), said);
  BOOST_TEST(contains(said, "make space"), said);
  BOOST_TEST(contains(said, "INSERT INTO t VALUES (zeroblob(1000000))"), said);
  BOOST_TEST(said.size() < 400u, said);
}

BOOST_AUTO_TEST_CASE(a_newer_schema_is_refused) {
  temp_folder f;
  const auto path = (f.path / "torc.db").string();
  BOOST_TEST(refusal_of(path) == "");
  raw(path)->set_pragma("user_version", 9999);
  BOOST_TEST(contains(refusal_of(path), "newer version"));
}

BOOST_AUTO_TEST_CASE(a_migration_copies_first_and_goes_on_from_where_the_file_is) {
  temp_folder f;
  const auto path = (f.path / "torc.db").string();
  constexpr storage::migration one[] = {
      {1, "CREATE TABLE a (x INTEGER); INSERT INTO a VALUES (7)"}};
  constexpr storage::migration two[] = {one[0], {2, "ALTER TABLE a ADD COLUMN y INTEGER"}};
  auto db = raw(path);
  BOOST_TEST(storage::recognise(*db, path, one).ok());
  BOOST_TEST(storage::migrate(*db, path, one).ok());
  BOOST_TEST(!std::filesystem::exists(path + ".v0.backup"));
  BOOST_TEST(storage::recognise(*db, path, two).ok());
  BOOST_TEST(storage::migrate(*db, path, two).ok());
  BOOST_TEST(storage::migrate(*db, path, two).ok());
  BOOST_TEST(db->pragma("user_version") == 2);
  BOOST_TEST(db->number("SELECT count(y) + 1 FROM a") == 1);
  BOOST_TEST(!storage::recognise(*db, path, one).ok());
  auto copy = raw(path + ".v1.backup");
  BOOST_TEST(copy->pragma("user_version") == 1);
  BOOST_TEST(copy->number("SELECT x FROM a") == 7);
}

BOOST_AUTO_TEST_CASE(a_foreign_lock_is_waited_for_named_and_counted) {
  temp_folder f;
  const auto path = (f.path / "torc.db").string();
  std::unique_ptr<storage::database> foreign;
  std::vector<std::string> told;
  const storage::store* waiting = nullptr;
  int64_t counted = 0;
  storage::store::settings settings;
  settings.on_foreign_lock = [&](const std::string& holder) {
    told.push_back(holder);
    if (holder.empty() || told.size() != 1)
      return;
    counted = waiting->progress()->busy_retries;
    foreign->execute("COMMIT");
  };
  auto s = storage::store::open(path, settings);
  BOOST_REQUIRE(s);
  (*s)->recover();
  waiting = s->get();
  foreign = raw(path);
  foreign->execute("BEGIN IMMEDIATE");
  (*s)->begin();
  core::workflow_row row;
  row.name = "w";
  row.user = "u";
  BOOST_TEST((*s)->apply(core::create<core::workflow_row>{row}).ok());
  (*s)->commit();
  BOOST_REQUIRE_EQUAL(told.size(), 2u);
  BOOST_TEST(contains(told[0], "pid " + std::to_string(getpid())), told[0]);
  BOOST_TEST(told[1] == "");
  BOOST_TEST(counted > 0); // while it was locked
  BOOST_TEST((*s)->progress()->busy_retries >= counted);
}

BOOST_AUTO_TEST_CASE(a_checkpoint_waits_for_nobody) {
  disk d;
  d.workflow();
  auto reader = raw(d.path);
  reader->execute("BEGIN");
  BOOST_TEST(reader->number("SELECT count(*) FROM workflow") == 1);
  d.workflow();
  const auto before = d.store->progress()->busy_retries;
  d.store->checkpoint();
  d.workflow();
  BOOST_TEST(d.store->progress()->busy_retries == before);
  reader->execute("COMMIT");
}

BOOST_AUTO_TEST_SUITE_END()
