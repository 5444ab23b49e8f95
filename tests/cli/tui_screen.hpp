#pragma once

#include "cli/tui/browser.hpp"

#include <boost/test/unit_test.hpp>

#include <string>
#include <vector>

namespace torc::test {

using namespace torc::cli;
using namespace torc::cli::tui;

inline json::value listed(int64_t first, int64_t count, bool has_more,
                          const char* status = "ready") {
  json::array items;
  for (int64_t id = first; id < first + count; ++id)
    items.push_back(json::object{{"id", id},
                                 {"name", "job " + std::to_string(id)},
                                 {"status", status},
                                 {"stage", 0},
                                 {"attempt_id", 1},
                                 {"run_id", 1},
                                 {"compute_node_id", 0}});
  return json::object{{"items", items}, {"has_more", has_more}};
}

inline json::value progress(int64_t workflow, int64_t done, int64_t total, int64_t failed = 0) {
  return json::object{
      {"workflow_id", workflow},
      {"run_id", 1},
      {"is_canceled", false},
      {"stages",
       json::array{json::object{{"total", total},
                                {"by_status", json::object{{"completed", done},
                                                           {"failed", failed},
                                                           {"ready", total - done - failed}}}}}}};
}

/// A browser whose questions a test answers.
struct screen {
  explicit screen(int64_t workflow = 0, int rows = 24, int columns = 80)
      : b({"http://here", "out", "host", workflow, false}, rows, columns) {}

  std::string text() const {
    const auto c = b.draw();
    std::string all;
    for (int row = 0; row < c.rows(); ++row)
      all += c.line(row) + "\n";
    return all;
  }
  bool shows(const std::string& what) const { return text().find(what) != std::string::npos; }

  void type(std::u32string_view letters) {
    for (const auto l : letters)
      b.press({key_code::letter, l});
  }
  void press(key_code code) { b.press({code}); }

  /// The path of the last question of the kind; all others of it are dropped.
  std::string asked(topic what) {
    for (auto& a : b.take_asks())
      questions.push_back(a);
    std::string path;
    for (const auto& a : questions)
      if (a.what == what)
        path = a.path;
    return path;
  }
  void answer(topic what, const json::value& body, const std::string& trouble = {},
              bool lost = false) {
    reply r;
    r.to.what = what;
    r.to.path = asked(what);
    BOOST_REQUIRE_MESSAGE(!r.to.path.empty(), "nothing of the kind was asked");
    r.body = body;
    r.trouble = trouble;
    r.lost = lost;
    std::erase_if(questions, [&](const ask& a) { return a.what == what; });
    b.hear(r, now_ms);
  }
  /// Time passes until what is stale is asked for again.
  void wait() {
    now_ms += 10'000;
    b.tick(now_ms);
  }

  browser b;
  std::vector<ask> questions;
  int64_t now_ms = 0;
};

} // namespace torc::test
