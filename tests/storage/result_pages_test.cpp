#include "fixture.hpp"

#include <limits>

using namespace torc;
using namespace torc::test;

BOOST_FIXTURE_TEST_SUITE(result_pages, disk)

// Few of a large workflow's results are found by another way than many.
BOOST_AUTO_TEST_CASE(a_page_of_latest_results_is_a_part_of_them_all) {
  const std::vector<std::vector<size_t>> forty(40);
  const auto w = workflow(), other = workflow("other");
  const auto end_all = [&](core::workflow_id workflow, const std::vector<core::job_id>& of) {
    initialize(workflow, true);
    core::turn t;
    for (const auto j : of)
      t.grants.push_back(grant(workflow, j));
    core::turn end;
    for (const auto& o : turn(t).orders)
      end.cause.cause.ended.push_back(ended(o.open, job_status::completed));
    turn(end);
  };
  const auto mine = jobs(w, forty), others = jobs(other, forty);
  end_all(w, {mine.begin(), mine.begin() + 5});
  end_all(other, {others.begin(), others.begin() + 5});
  end_all(w, mine); // the first five have two results now
  core::result_filter f;
  f.workflow = w;
  const auto all = read->results(f);
  BOOST_REQUIRE(all.total == 40);
  BOOST_REQUIRE(all.items.size() == 40u);
  f.at = {3, 2, "", false};
  const auto page = read->results(f);
  BOOST_TEST(page.total == 40);
  BOOST_REQUIRE(page.items.size() == 2u);
  BOOST_TEST(page.items[0].id.value == all.items[3].id.value);
  BOOST_TEST(page.items[1].id.value == all.items[4].id.value);
  f.at.reverse = true;
  BOOST_TEST(read->results(f).items.at(1).id.value == all.items[35].id.value);
  f.at = {std::numeric_limits<int64_t>::max(), 2, "", false};
  BOOST_TEST(read->results(f).items.empty());
  BOOST_TEST(read->results(f).total == 40);
}

BOOST_AUTO_TEST_SUITE_END()
