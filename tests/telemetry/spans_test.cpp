#include "telemetry/call_span.hpp"
#include "telemetry/snapshot.hpp"

#include <boost/test/unit_test.hpp>

#include <algorithm>
#include <mutex>
#include <set>
#include <thread>
#include <vector>

using namespace torc::telemetry;

namespace {

std::vector<std::string>& printed() {
  static std::vector<std::string> lines;
  return lines;
}

struct with_lines {
  with_lines() {
    printed().clear();
    print_lines([](std::string_view line) { printed().emplace_back(line); });
  }
  ~with_lines() { print_lines(nullptr); }
};

uint64_t count_of(span s, since when = since::reset) {
  return take_snapshot(when)->of(s).busy.count();
}

} // namespace

BOOST_AUTO_TEST_SUITE(spans)

BOOST_AUTO_TEST_CASE(have_the_names_of_the_timing_guide) {
  std::set<std::string_view> names;
  for (size_t i = 0; i < span_count; ++i)
    names.insert(to_string(static_cast<span>(i)));
  BOOST_TEST(names.size() == 21U);
  for (const char* name : {"get_pending_actions",
                           "claim_action",
                           "get_ready_job_requirements",
                           "is_workflow_complete",
                           "claim_jobs_based_on_resources",
                           "claim_next_jobs",
                           "process_changed_job_inputs",
                           "manage_status_change",
                           "start_job",
                           "complete_job",
                           "prepare_ready_jobs",
                           "create_job",
                           "create_jobs",
                           "get_job",
                           "list_jobs",
                           "update_job_status",
                           "create_workflow",
                           "cancel_workflow",
                           "get_workflow_status",
                           "list_workflows",
                           "reset_workflow_status"})
    BOOST_TEST(names.contains(name), name);
}

BOOST_AUTO_TEST_CASE(of_threads_that_have_ended_are_counted_too) {
  reset();
  for (int i = 0; i < 4; ++i)
    std::thread([] { record(span::get_job, 1000, 500, 3); }).join();
  record(span::get_job, 1000, 500);
  const auto s = take_snapshot(since::reset);
  BOOST_TEST(s->of(span::get_job).busy.count() == 13U);
  BOOST_TEST(s->of(span::get_job).busy.sum() == 13'000U);
  BOOST_TEST(s->of(span::get_job).idle.sum() == 6'500U);
}

BOOST_AUTO_TEST_CASE(are_added_up_while_others_write) {
  reset();
  constexpr uint64_t each = 20'000;
  std::vector<std::thread> threads;
  for (int i = 0; i < 3; ++i)
    threads.emplace_back([] {
      for (uint64_t n = 0; n < each; ++n)
        record(span::list_jobs, 100, 0);
    });
  uint64_t before = 0;
  while (before < 1000) {
    const auto now = count_of(span::list_jobs);
    BOOST_TEST_REQUIRE(now >= before);
    before = now;
  }
  for (auto& t : threads)
    t.join();
  BOOST_TEST(count_of(span::list_jobs) == 3 * each);
}

BOOST_AUTO_TEST_CASE(begin_at_zero_after_a_reset_and_go_on_in_the_total) {
  record(span::create_job, 10, 10);
  const auto total = count_of(span::create_job, since::start);
  reset();
  BOOST_TEST(count_of(span::create_job) == 0U);
  record(span::create_job, 10, 10);
  BOOST_TEST(count_of(span::create_job) == 1U);
  BOOST_TEST(count_of(span::create_job, since::start) == total + 1);
}

BOOST_AUTO_TEST_CASE(print_nothing_unless_asked) {
  printed().clear();
  call_span(span::get_job).close();
  BOOST_TEST(printed().empty());
}

BOOST_FIXTURE_TEST_CASE(say_what_they_are_about_and_in_what, with_lines) {
  call_span parent(span::manage_status_change);
  parent.describe(fields().add("job_id", 7).add("status", std::string_view("ready")));
  call_span child(span::update_job_status, parent, fields().add("job_id", 7));
  child.close();
  parent.close();
  BOOST_TEST_REQUIRE(printed().size() == 2U);
  BOOST_TEST(printed()[0].starts_with("manage_status_change{job_id=7 status=ready}:"
                                      "update_job_status{job_id=7}: close time.busy="));
  BOOST_TEST(
      printed()[1].starts_with("manage_status_change{job_id=7 status=ready}: close time.busy="));
}

BOOST_FIXTURE_TEST_CASE(print_their_times_in_milliseconds, with_lines) {
  print_close(name_with(span::prepare_ready_jobs, fields().add("workflow_id", 1).add("limit", 10)),
              15'200'000, 100'000);
  BOOST_TEST(printed().back() == "prepare_ready_jobs{workflow_id=1 limit=10}: close "
                                 "time.busy=15.2ms time.idle=0.1ms");
  BOOST_TEST(in_ms(0) == "0.0ms");
  BOOST_TEST(in_ms(400) == "0.0004ms");
  BOOST_TEST(in_ms(-5) == "0.0ms");
  BOOST_TEST(in_ms(3'600'000'000'000) == "3600000.0ms");
}

BOOST_AUTO_TEST_CASE(are_busy_only_while_somebody_works_on_them) {
  reset();
  const auto call = std::make_shared<call_span>(span::get_workflow_status);
  BOOST_TEST(!current_call());
  {
    const working_on here(call);
    BOOST_TEST(current_call() == call);
    {
      const working_on again(call);
      const working_on other(std::make_shared<call_span>(span::none));
      BOOST_TEST(current_call() != call);
    }
    BOOST_TEST(current_call() == call);
  }
  BOOST_TEST(!current_call());
  const auto worked = call->busy_ns();
  std::thread([call] { const working_on there(call); }).join();
  BOOST_TEST(call->busy_ns() >= worked);
  call->add_busy(1'000'000'000'000);
  const auto whole = call->close();
  const auto times = take_snapshot(since::reset)->of(span::get_workflow_status);
  BOOST_TEST(times.busy.sum() == static_cast<uint64_t>(whole)); // never more than there was
  BOOST_TEST(times.idle.sum() == 0U);
}

BOOST_AUTO_TEST_SUITE_END()
