#include "fixture.hpp"
#include "storage/backup.hpp"
#include "storage/copy.hpp"
#include "storage/schema.hpp"

#include <fstream>
#include <sstream>

using namespace torc;
using namespace torc::test;

namespace fs = std::filesystem;

namespace {

/// Makes no hash of its texts, so that nothing is mistaken for something else.
class whole final : public core::digest {
public:
  void add(std::string_view text) override { all_ += text; }
  std::string end() override { return std::move(all_); }

private:
  std::string all_;
};

std::unique_ptr<core::digest> all_text() {
  return std::make_unique<whole>();
}

std::unique_ptr<storage::database> raw(const std::string& path) {
  std::string why;
  auto db = storage::database::open(path, storage::database::mode::read_write_create, why);
  BOOST_REQUIRE(db);
  return db;
}

std::vector<storage::table_digest> digests(const std::string& path) {
  auto db = raw(path);
  std::vector<storage::table_digest> all;
  for (const auto& table : storage::tables_of(*db))
    all.push_back(storage::digest_of(*db, table, all_text));
  return all;
}

std::string refusal_of(const std::string& from, const std::string& to) {
  const auto made = storage::back_up(from, to, all_text);
  return made ? "" : made.why().message;
}

bool contains(const std::string& text, const std::string& part) {
  return text.find(part) != std::string::npos;
}

size_t entries(const fs::path& folder) {
  return static_cast<size_t>(std::distance(fs::directory_iterator{folder}, {}));
}

std::string text_of(const fs::path& file) {
  std::ifstream in{file};
  BOOST_REQUIRE(in);
  return (std::ostringstream{} << in.rdbuf()).str();
}

/// A database as a server of that schema's version left it.
std::string recorded(const fs::path& folder, int version) {
  auto path = (folder / "torc.db").string();
  const auto name = "schema_" + std::to_string(version) + ".sql";
  raw(path)->execute(text_of(fs::path{TORC_SOURCE_DIR} / "tests/storage/recorded" / name));
  return path;
}

} // namespace

BOOST_AUTO_TEST_SUITE(copies)

BOOST_AUTO_TEST_CASE(a_copy_has_every_row_that_was_committed_and_no_other) {
  disk d;
  const auto w = d.workflow("kept");
  d.jobs(w, {{}, {0}, {0, 1}});
  temp_folder other;
  const auto to = (other.path / "copy.db").string();
  core::workflow_row open;
  open.name = "not yet";
  open.user = "ada";
  d.store->begin();
  BOOST_REQUIRE(d.store->apply(core::create<core::workflow_row>{open}).ok());
  const auto made = storage::back_up(d.path, to, all_text);
  d.store->commit();
  BOOST_REQUIRE_MESSAGE(made, (made ? "" : made.why().message));
  BOOST_TEST((made->tables == digests(to)));
  BOOST_TEST((made->tables != digests(d.path)), "the commit came after it");
  BOOST_TEST(made->rows() > 10);
  BOOST_TEST(static_cast<uintmax_t>(made->bytes) == fs::file_size(to));
  BOOST_TEST(entries(other.path) == 1u);
  auto copy = storage::store::open(to, {});
  BOOST_REQUIRE_MESSAGE(copy, (copy ? "" : copy.why().message));
  BOOST_TEST(raw(to)->number("SELECT count(*) FROM workflow") == 1);
}

BOOST_AUTO_TEST_CASE(nothing_is_overwritten_and_a_refused_copy_leaves_nothing_behind) {
  disk d;
  temp_folder other;
  const auto to = (other.path / "copy.db").string();
  std::ofstream{to} << "precious";
  BOOST_TEST(contains(refusal_of(d.path, to), "exists already"));
  BOOST_TEST(text_of(to) == "precious");
  fs::rename(to, to + "-journal");
  BOOST_TEST(contains(refusal_of(d.path, to), "copy.db-journal exists already"));
  fs::remove(to + "-journal");
  fs::create_symlink("nowhere", to);
  BOOST_TEST(contains(refusal_of(d.path, to), "exists already"));
  fs::remove(to);

  auto db = raw(d.path);
  auto copied = storage::copy_database(*db, to, [](storage::database&) {
    return core::result<core::nothing>{core::refuse(core::refusal::unprocessable, "not that")};
  });
  BOOST_REQUIRE(!copied);
  BOOST_TEST(copied.why().message == "not that");
  BOOST_TEST(entries(other.path) == 0u);
  BOOST_TEST(contains(refusal_of(d.path, "/proc/nowhere/copy.db"), "cannot write beside"));
}

BOOST_AUTO_TEST_CASE(a_copy_with_other_rows_is_noticed) {
  disk d;
  const auto before = digests(d.path);
  BOOST_TEST((before == digests(d.path)));
  d.workflow();
  BOOST_TEST((before != digests(d.path)));
  auto db = raw(d.path);
  db->execute("CREATE TABLE t (a INTEGER PRIMARY KEY, b) ; INSERT INTO t VALUES (1, 1)");
  const auto sum = [&] { return storage::digest_of(*db, "t", all_text).sum; };
  const auto whole = sum();
  for (const auto* other : {"1.0", "'1'", "NULL", "''", "'1\"'", "1e300"}) {
    db->execute("UPDATE t SET b = " + std::string{other});
    BOOST_TEST(sum() != whole, other);
  }
  db->execute("UPDATE t SET b = 1");
  BOOST_TEST(sum() == whole);
}

BOOST_AUTO_TEST_CASE(only_a_database_of_ours_is_copied) {
  temp_folder f;
  const auto to = (f.path / "copy.db").string();
  const auto at = [&](const char* name) { return (f.path / name).string(); };
  BOOST_TEST(contains(refusal_of(at("missing.db"), to), "there is no database"));
  BOOST_TEST(contains(refusal_of(f.path.string(), to), "there is no database"));
  std::ofstream{at("notes.txt")} << "this is a shopping list, and quite a long one";
  BOOST_TEST(contains(refusal_of(at("notes.txt"), to), "no database"));
  raw(at("foreign.db"))->execute("CREATE TABLE song (title TEXT)");
  BOOST_TEST(contains(refusal_of(at("foreign.db"), to), "another program"));
  BOOST_TEST(!fs::exists(to));
  BOOST_TEST(!fs::exists(at("missing.db")));
}

/// What servers of these schemas wrote of a cancellation, and events that only look like one.
constexpr auto canceled_by_ada =
    "UPDATE workflow_status SET is_canceled = 1 WHERE id = 2;"
    "INSERT INTO event (id, workflow_id, timestamp, data) VALUES "
    "(9001, 2, 7, '{\"category\":\"workflow_canceled\",\"user\":\"ada\"}'), "
    "(9002, 2, 6, '{\"category\":\"workflow_canceled\",\"user\":7}'), (9003, 2, 8, 'no JSON')";

BOOST_AUTO_TEST_CASE(databases_of_earlier_schemas_are_copied_and_brought_forward) {
  core::result_filter ended_one;
  ended_one.workflow = core::workflow_id{1};
  for (const int version : {1, 2, 4}) {
    temp_folder f;
    const auto path = recorded(f.path, version);
    raw(path)->execute(canceled_by_ada);
    const auto before = digests(path);
    auto s = storage::store::open(path, {});
    BOOST_REQUIRE_MESSAGE(s, (s ? "" : s.why().message));
    const auto image = (*s)->recover();
    BOOST_TEST((*s)->epoch() == 2);
    BOOST_TEST(image.set_aside.empty());
    BOOST_REQUIRE_EQUAL(image.open.size(), 1u);
    BOOST_TEST(image.open[0].open.job.value == 6);
    BOOST_TEST(image.open[0].runner_instance == 4659144761286232790);
    auto read = storage::open_reader(path);
    BOOST_TEST(read->results(ended_one).total == 3);
    BOOST_TEST((read->job(core::job_id{4})->status == job_status::canceled));
    BOOST_TEST(read->cancellation_of(core::workflow_id{2})->user == "ada");
    BOOST_TEST(read->cancellation_of(core::workflow_id{2})->at_ms == 7);
    const auto copy = path + ".v" + std::to_string(version) + ".backup";
    BOOST_TEST((digests(copy) == before));
    BOOST_TEST(raw(copy)->pragma("user_version") == version);
    BOOST_TEST(raw(path)->pragma("user_version") == storage::migrations().back().version);
    BOOST_TEST(raw(path)->number("SELECT count(*) FROM workflow_status WHERE initialized = 1") ==
               2);
  }
}

BOOST_AUTO_TEST_CASE(what_cannot_be_copied_is_not_migrated) {
  temp_folder f;
  const auto path = recorded(f.path, 1);
  const auto before = digests(path);
  fs::create_directories(path + ".v1.backup/somebody's");
  auto s = storage::store::open(path, {});
  BOOST_REQUIRE(!s);
  BOOST_TEST(contains(s.why().message, "must be copied before it is changed"), s.why().message);
  BOOST_TEST(raw(path)->pragma("user_version") == 1);
  BOOST_TEST((digests(path) == before));
}

BOOST_AUTO_TEST_SUITE_END()
