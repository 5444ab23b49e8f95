#include "walk.hpp"

#include <boost/test/unit_test.hpp>

#include <algorithm>
#include <cstdlib>
#include <filesystem>
#include <iostream>
#include <set>
#include <utility>

using namespace torc::test;

namespace {

/// The folder of the lock file, which is a real one.
struct real_folder {
  real_folder() {
    auto name = (std::filesystem::temp_directory_path() / "torc_faults_XXXXXX").string();
    BOOST_REQUIRE(mkdtemp(name.data()));
    path = std::filesystem::canonical(name);
  }
  ~real_folder() { std::filesystem::remove_all(path); }
  std::filesystem::path path;
};

/// The first table in which two disks differ, or nothing.
std::string difference(const contents& a, const contents& b) {
  for (const auto& [table, rows] : a)
    if (!b.contains(table) || b.at(table) != rows)
      return table + "\n" + rows + "-- and not --\n" + (b.contains(table) ? b.at(table) : "none");
  return a.size() == b.size() ? "" : "a table too many";
}

/// One operation, and a fault at every call of it.
struct walk {
  const operation& what;
  const std::string& path;
  const faulty_disk::files& before;
  expectation expected = expect(what, path, before);
  std::set<std::pair<int32_t, size_t>> known = {};

  /// Everything that was acknowledged is there; of what was under way, all or nothing.
  void check(const remains& left) {
    if (!known.insert({left.acknowledged, fingerprint(left.disk)}).second)
      return;
    const auto found = restart(path, left.disk);
    const auto done = static_cast<size_t>(left.acknowledged);
    const auto wrong = difference(found, expected.after[done]);
    if (!wrong.empty() && done + 1 < expected.after.size())
      BOOST_TEST(difference(found, expected.after[done + 1]) == "");
    else
      BOOST_TEST(wrong == "");
  }

  /// Pairs of a call and a fault.
  int64_t points() const {
    int64_t count = 0;
    for (const auto c : expected.calls)
      count += std::count_if(all_faults.begin(), all_faults.end(),
                             [&](fault f) { return befalls(f, c); });
    return count;
  }

  int64_t all() {
    for (const auto& left : std::exchange(expected.sudden, {})) // not a burden of every fork
      check(left);
    for (size_t n = 1; n <= expected.calls.size(); ++n)
      for (const auto f : all_faults)
        if (!is_sudden(f) && befalls(f, expected.calls[n - 1])) {
          BOOST_TEST_CONTEXT(what.name << ", call " << n << ", " << to_string(f)) {
            check(act(what, path, before, f, static_cast<int64_t>(n)));
          }
        }
    return points();
  }
};

/// Calls `visit` with each operation of the life, on the disk on which it begins.
template <class Visit>
void live(Visit visit) {
  const real_folder folder;
  const auto path = (folder.path / "torc.db").string();
  faulty_disk::files disk;
  for (const auto& what : life_of_a_workflow(path))
    disk = visit(walk{what, path, disk});
}

/// A fault at every call of one operation; the ones before it go well.
void walk_through(const std::string& name) {
  bool is_found = false;
  live([&](walk w) {
    if (w.what.name == name) {
      const auto points = w.all();
      std::cout << name << ": " << w.expected.calls.size() << " calls, " << points << " points, "
                << w.known.size() << " different disks" << std::endl;
      is_found = true;
    }
    return w.expected.end;
  });
  BOOST_TEST(is_found);
}

} // namespace

// Whatever call of the disk fails: what was acknowledged is there, and nothing by half.
BOOST_AUTO_TEST_CASE(open) {
  walk_through("open");
}
BOOST_AUTO_TEST_CASE(create) {
  walk_through("create");
}
BOOST_AUTO_TEST_CASE(initialize) {
  walk_through("initialize");
}
BOOST_AUTO_TEST_CASE(claim) {
  walk_through("claim");
}
BOOST_AUTO_TEST_CASE(requeue) {
  walk_through("requeue");
}
BOOST_AUTO_TEST_CASE(edit) {
  walk_through("edit");
}
BOOST_AUTO_TEST_CASE(complete) {
  walk_through("complete");
}
BOOST_AUTO_TEST_CASE(unblock) {
  walk_through("unblock");
}
BOOST_AUTO_TEST_CASE(cancel) {
  walk_through("cancel");
}
BOOST_AUTO_TEST_CASE(reset) {
  walk_through("reset");
}
BOOST_AUTO_TEST_CASE(restore) {
  walk_through("restore");
}
BOOST_AUTO_TEST_CASE(erase) {
  walk_through("delete");
}

BOOST_AUTO_TEST_CASE(there_are_10_000_points) {
  int64_t total = 0;
  live([&](const walk& w) {
    total += w.points();
    return w.expected.end;
  });
  BOOST_TEST(total >= 10'000);
}
