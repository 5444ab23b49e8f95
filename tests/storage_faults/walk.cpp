#include "walk.hpp"

#include "storage/statement.hpp"

#include <boost/test/unit_test.hpp>

#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cstring>
#include <functional>
#include <set>
#include <stdexcept>
#include <utility>

namespace torc::test {

namespace {

/// Memory through which the process that ends tells the one that stays what it leaves behind.
class will {
public:
  static constexpr size_t most = size_t{32} << 20;

  will()
      : at_(static_cast<char*>(
            mmap(nullptr, most, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0))) {
    if (at_ == MAP_FAILED)
      throw std::runtime_error("no shared memory");
  }
  ~will() { munmap(at_, most); }
  will(const will&) = delete;
  will& operator=(const will&) = delete;

  void write(remains::ending how, int32_t acknowledged, const faulty_disk::files& disk) {
    size_t n = 0;
    auto put = [&](const void* from, size_t size) {
      if (n + size > most)
        _exit(3);
      std::memcpy(at_ + n, from, size);
      n += size;
    };
    put(&how, sizeof how);
    put(&acknowledged, sizeof acknowledged);
    auto count = disk.size();
    put(&count, sizeof count);
    for (const auto& [name, bytes] : disk)
      for (const auto* text : {&name, &bytes}) {
        auto size = text->size();
        put(&size, sizeof size);
        put(text->data(), size);
      }
  }

  remains read() const {
    size_t n = 0;
    auto get = [&](void* to, size_t size) {
      std::memcpy(to, at_ + n, size);
      n += size;
    };
    auto get_text = [&] {
      size_t size = 0;
      get(&size, sizeof size);
      std::string text(size, '\0');
      get(text.data(), size);
      return text;
    };
    remains r;
    get(&r.how, sizeof r.how);
    get(&r.acknowledged, sizeof r.acknowledged);
    size_t count = 0;
    for (get(&count, sizeof count); count > 0; --count) {
      auto name = get_text();
      r.disk.emplace(std::move(name), get_text());
    }
    return r;
  }

private:
  char* at_;
};

will& last_will() {
  static will only;
  return only;
}

int32_t acknowledged = 0;

/// With a log that is laid out by two writes, not by hundreds.
auto open_store(const std::string& path) {
  storage::store::settings s;
  s.log_bytes = 128 << 10;
  return storage::store::open(path, s);
}

[[noreturn]] void leave(remains::ending how) {
  last_will().write(how, acknowledged, faulty_disk::the().left());
  _exit(0);
}

[[noreturn]] void live(const operation& what, const std::string& path, fault f, int64_t n) {
  acknowledged = 0;
  faulty_disk::the().arm(f, n, [] { leave(remains::ending::died); });
  core::on_fault([](std::string_view) { leave(remains::ending::faulted); });
  auto opened = open_store(path);
  if (!opened)
    leave(remains::ending::refused);
  auto store = std::move(*opened);
  store->recover();
  for (const auto& step : what.steps) {
    step(*store);
    ++acknowledged;
  }
  store->checkpoint();
  store.reset();
  leave(remains::ending::finished);
}

std::string row_text(const storage::statement::rows& r, int columns) {
  std::string text;
  for (int c = 0; c < columns; ++c)
    text += r.get<std::optional<std::string>>(c).value_or("null") + "|";
  return text + "\n";
}

/// Times of the wall clock differ from walk to walk.
bool is_volatile(const std::string& column) {
  return column == "timestamp" || column == "first_start_us" || column == "last_end_us" ||
         column == "canceled_at_ms" || column == "at_ms";
}

std::string table_text(storage::database& db, const std::string& table) {
  std::string columns;
  int count = 0;
  storage::statement info{db, "SELECT name FROM pragma_table_info('" + table + "')"};
  for (auto r = info.query(); r.next();)
    if (const auto name = r.get<std::string>(0); !is_volatile(name)) {
      columns += (count++ ? ", " : "") + name;
    }
  std::string text;
  storage::statement all{db, "SELECT " + columns + " FROM " + table + " ORDER BY 1, 2"};
  for (auto r = all.query(); r.next();)
    text += row_text(r, count);
  return text;
}

contents contents_of(storage::database& db) {
  contents all;
  storage::statement tables{db, "SELECT name FROM sqlite_schema WHERE type = 'table' AND name NOT "
                                "IN ('server', 'counter') ORDER BY name"};
  for (auto r = tables.query(); r.next();) {
    const auto name = r.get<std::string>(0);
    all[name] = table_text(db, name);
  }
  return all;
}

/// The promises, as far as one file can show them.
void check_promises(storage::database& db) {
  BOOST_TEST(db.number("SELECT count(*) FROM job_state WHERE status IN (3, 4) AND "
                       "(grant_id IS NULL OR (runner_id IS NOT NULL AND runner_id NOT IN "
                       "(SELECT r.id FROM runner AS r)))") == 0,
             "a job is pending or running without an owner");
  BOOST_TEST(db.number("SELECT count(*) FROM job_depends_on AS d "
                       "JOIN job_state AS s ON s.job_id = d.job_id "
                       "JOIN job_state AS b ON b.job_id = d.depends_on_job_id "
                       "WHERE s.status IN (2, 3, 4, 5) AND b.status <> 5") == 0,
             "a successor goes before its predecessor is done");
  BOOST_TEST(db.number("SELECT count(*) FROM job_state AS s WHERE s.status = 5 AND "
                       "(SELECT count(*) FROM result AS x WHERE x.job_id = s.job_id) <> 1") == 0,
             "a completed job has not just one result");
}

} // namespace

remains act(const operation& what, const std::string& path, const faulty_disk::files& before,
            fault f, int64_t n) {
  auto& shared = last_will();
  faulty_disk::the().load(before);
  const auto child = fork();
  if (child < 0)
    throw std::runtime_error("no process");
  if (child == 0)
    live(what, path, f, n);
  int status = 0;
  waitpid(child, &status, 0);
  if (!WIFEXITED(status) || WEXITSTATUS(status) != 0)
    throw std::runtime_error(what.name + ": the process ended with wait status " +
                             std::to_string(status) + " and left no word");
  return shared.read();
}

contents restart(const std::string& path, const faulty_disk::files& disk) {
  faulty_disk::the().load(disk);
  {
    auto opened = open_store(path);
    BOOST_REQUIRE_MESSAGE(opened, (opened ? "" : opened.why().message));
    const auto image = (*opened)->recover();
    BOOST_TEST(image.set_aside.empty());
    BOOST_TEST((*opened)->contradictions() == 0);
  }
  std::string why;
  auto db = storage::database::open(path, storage::database::mode::read_only, why);
  BOOST_REQUIRE_MESSAGE(db, why);
  BOOST_TEST(storage::statement(*db, "PRAGMA integrity_check").first<std::string>().value() ==
             "ok");
  check_promises(*db);
  return contents_of(*db);
}

size_t fingerprint(const faulty_disk::files& disk) {
  std::string all;
  for (const auto& [name, bytes] : disk)
    all += name + "\n" + std::to_string(bytes.size()) + "\n" + bytes;
  return std::hash<std::string>{}(all);
}

namespace {

/// Collects what sudden faults would leave of the disk, now that so many steps are acknowledged.
void note_deaths(expectation& e, std::set<std::pair<int32_t, size_t>>& known, int64_t n) {
  for (const auto f : all_faults) {
    if (!is_sudden(f))
      continue;
    auto disk = faulty_disk::the().left(f, n);
    if (known.insert({acknowledged, fingerprint(disk)}).second)
      e.sudden.push_back({remains::ending::died, acknowledged, std::move(disk)});
  }
}

} // namespace

expectation expect(const operation& what, const std::string& path,
                   const faulty_disk::files& before) {
  expectation e;
  auto& disk = faulty_disk::the();
  std::vector<faulty_disk::files> states;
  std::set<std::pair<int32_t, size_t>> known;
  acknowledged = 0;
  disk.load(before);
  disk.watch([&](int64_t n) { note_deaths(e, known, n); });
  {
    auto store = std::move(open_store(path).value());
    store->recover();
    states.push_back(disk.seen());
    for (const auto& step : what.steps) {
      step(*store);
      ++acknowledged;
      states.push_back(disk.seen());
    }
    BOOST_TEST(store->contradictions() == 0);
    store->checkpoint();
  }
  e.calls = disk.calls();
  e.end = disk.seen();
  for (const auto& s : states)
    e.after.push_back(restart(path, s));
  return e;
}

} // namespace torc::test
