#include "world.hpp"

#include <algorithm>

using namespace torc;
using namespace torc::test;

namespace {

using kind = telemetry::job_note::kind;

struct notebook final : telemetry::trace_sink {
  telemetry::trace_seed from{11, 12, telemetry::keep_all};
  std::vector<telemetry::job_note> heard;

  const telemetry::trace_seed& seed() const override { return from; }
  void hear(std::vector<telemetry::job_note> notes) override {
    heard.insert(heard.end(), notes.begin(), notes.end());
  }
  std::vector<kind> of(int64_t job) const {
    std::vector<kind> all;
    for (const auto& n : heard)
      if (n.of.job == job)
        all.push_back(n.what);
    return all;
  }
};

struct traced_world {
  std::shared_ptr<notebook> book = std::make_shared<notebook>();
};

} // namespace

BOOST_FIXTURE_TEST_SUITE(traced, traced_world)

BOOST_AUTO_TEST_CASE(each_step_of_a_job_is_noted_when_it_is_on_disk) {
  world w(book);
  const auto id = w.must_create(2, {{0, 1}});
  w.must_initialize(id);
  auto g = w.must_attach(1, 0, id);
  const auto first = g.heard->orders.begin()->second.what.job;
  BOOST_TEST((book->heard.front().what == kind::admitted));
  BOOST_TEST(book->heard.front().of.run == 0); // the workflow's alone
  w.must_finish(g, g.heard->orders.begin()->first, 3);
  BOOST_TEST((book->of(first) == std::vector{kind::granted, kind::ended}));
  const auto& end = *std::find_if(book->heard.begin(), book->heard.end(),
                                  [](const auto& n) { return n.what == kind::ended; });
  BOOST_TEST(end.of.workflow == id.value);
  BOOST_TEST(end.of.run == 1);
  BOOST_TEST(end.return_code == 3);
  BOOST_TEST(end.text == "failed");
  for (const auto& n : book->heard)
    BOOST_TEST(n.disk_us > 0);
}

BOOST_AUTO_TEST_CASE(a_released_job_is_ready_before_it_is_granted) {
  world w(book);
  const auto id = w.must_create(2, {{0, 1}});
  w.must_initialize(id);
  auto g = w.must_attach(1, 0, id);
  w.must_finish(g, g.heard->orders.begin()->first);
  const auto second = g.heard->orders.begin()->second;
  BOOST_TEST((book->of(second.what.job) == std::vector{kind::ready, kind::granted}));
  BOOST_TEST(book->heard.back().text == second.name);
  BOOST_TEST(book->heard.back().of.run == second.what.run);
}

BOOST_AUTO_TEST_CASE(the_seed_goes_out_with_the_orders) {
  world w(book);
  const auto id = w.must_create(1, {});
  w.must_initialize(id);
  auto g = w.must_attach(1, 0, id);
  BOOST_TEST(g.heard->trace.high == 11u);
  BOOST_TEST(g.heard->trace.low == 12u);
  BOOST_TEST(g.heard->trace.bound == telemetry::keep_all);
}

BOOST_AUTO_TEST_CASE(what_is_not_kept_is_not_noted) {
  book->from.bound = 1; // one of 2^63
  world w(book);
  const auto id = w.must_create(2, {{0, 1}});
  w.must_initialize(id);
  auto g = w.must_attach(1, 0, id);
  BOOST_TEST(w.work_off(g) == 2);
  for (const auto& n : book->heard)
    BOOST_TEST((n.what == kind::admitted));
  book->heard.clear();
  book->from.bound = 0;
  world off(book);
  off.must_initialize(off.must_create(1, {}));
  BOOST_TEST(book->heard.empty());
}

BOOST_AUTO_TEST_SUITE_END()
