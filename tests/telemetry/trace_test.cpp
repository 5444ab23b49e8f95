#include "telemetry/job_traces.hpp"
#include "telemetry/trace.hpp"

#include <boost/test/unit_test.hpp>

#include <algorithm>
#include <set>

using namespace torc::telemetry;

namespace {

constexpr trace_seed everything{0x1234, 0x5678, keep_all};

const finished_span& named(const std::vector<finished_span>& all, std::string_view name) {
  const auto at = std::find_if(all.begin(), all.end(), [&](auto& s) { return s.name == name; });
  BOOST_REQUIRE_MESSAGE(at != all.end(), "there is a span " << name);
  return *at;
}

job_note note(job_note::kind what, int64_t at_us, int64_t disk_us = 0) {
  job_note n;
  n.what = what;
  n.of = {3, 7, 1};
  n.at_us = at_us;
  n.disk_us = disk_us;
  n.runner = 9;
  return n;
}

job_note ended(int64_t start_us, int64_t at_us, int64_t disk_us, int32_t code) {
  auto n = note(job_note::kind::ended, at_us, disk_us);
  n.start_us = start_us;
  n.return_code = code;
  n.text = code == 0 ? "completed" : "failed";
  return n;
}

std::vector<finished_span> hear_all(job_traces& traces, const std::vector<job_note>& notes) {
  std::vector<finished_span> out;
  for (const auto& n : notes)
    traces.hear(n, out);
  return out;
}

} // namespace

BOOST_AUTO_TEST_SUITE(traces)

BOOST_AUTO_TEST_CASE(a_traceparent_is_read_as_the_specification_says_and_written_back) {
  const std::string text = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01";
  const auto at = parse_traceparent(text);
  BOOST_REQUIRE(at.has_value());
  BOOST_TEST(at->trace.high == 0x0af7651916cd43ddu);
  BOOST_TEST(at->trace.low == 0x8448eb211c80319cu);
  BOOST_TEST(at->span == 0xb7ad6b7169203331u);
  BOOST_TEST(at->sampled);
  BOOST_TEST(to_traceparent(*at) == text);
  BOOST_TEST(!parse_traceparent(text.substr(0, 53) + "00")->sampled);
  BOOST_TEST(parse_traceparent(text.substr(0, 53) + "ff")->sampled);
  // A later version may have more behind a dash.
  BOOST_TEST(parse_traceparent("cc" + text.substr(2) + "-more").has_value());
  BOOST_TEST(parse_traceparent("cc" + text.substr(2)).has_value());
}

BOOST_AUTO_TEST_CASE(what_is_no_traceparent_is_ignored) {
  for (const auto* text : {"", "00", "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-0",
                           "ff-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01",
                           "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01-more",
                           "cc-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01.more",
                           "00-00000000000000000000000000000000-b7ad6b7169203331-01",
                           "00-0af7651916cd43dd8448eb211c80319c-0000000000000000-01",
                           "00-0AF7651916CD43DD8448EB211C80319C-b7ad6b7169203331-01",
                           "00-0af7651916cd43dd8448eb211c8031 c-b7ad6b7169203331-01",
                           "00_0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01"})
    BOOST_TEST(!parse_traceparent(text).has_value(), text);
}

BOOST_AUTO_TEST_CASE(ids_follow_from_the_seed_and_never_meet) {
  std::set<std::pair<uint64_t, uint64_t>> traces;
  std::set<uint64_t> spans;
  constexpr int64_t jobs = 20'000;
  for (int64_t job = 1; job <= jobs; ++job) {
    const auto id = trace_of(everything, {1, job, 1});
    BOOST_REQUIRE(id == trace_of(everything, {1, job, 1}));
    traces.emplace(id.high, id.low);
    for (int32_t attempt : {1, 2})
      spans.insert(span_of(everything, {1, job, 1}, job_part::attempt, attempt));
    spans.insert(span_of(everything, {1, job, 1}, job_part::run, 1));
  }
  BOOST_TEST(traces.size() == static_cast<size_t>(jobs));
  BOOST_TEST(spans.size() == static_cast<size_t>(3 * jobs));
  BOOST_TEST(!(trace_of(everything, {1, 2, 3}) == trace_of({0x1234, 0x5679, keep_all}, {1, 2, 3})));
  BOOST_TEST(!(trace_of(everything, {1, 2, 3}) == trace_of(everything, {1, 2, 4})));
  BOOST_TEST(!(trace_of(everything, {1, 2, 3}) == trace_of(everything, {2, 1, 3})));
}

BOOST_AUTO_TEST_CASE(a_share_of_traces_is_kept) {
  trace_seed tenth = everything;
  tenth.bound = keep_all / 10;
  int kept = 0;
  for (int64_t job = 1; job <= 100'000; ++job)
    kept += tenth.keeps(trace_of(tenth, {1, job, 1}));
  BOOST_TEST(kept > 9'500);
  BOOST_TEST(kept < 10'500);
  BOOST_TEST(everything.keeps({~uint64_t{0}, ~uint64_t{0}}));
  BOOST_TEST(!trace_seed{}.keeps({0, 0}));
}

BOOST_AUTO_TEST_CASE(a_job_is_one_trace_from_its_submission_to_its_record) {
  using kind = job_note::kind;
  job_traces traces(everything);
  auto link = note(kind::linked, 0);
  link.link = parse_traceparent("00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01");
  auto granted = note(kind::granted, 300, 400);
  granted.text = "train";
  const auto spans = hear_all(traces, {link, note(kind::admitted, 100), note(kind::ready, 200),
                                       granted, note(kind::started, 500), ended(500, 900, 950, 0)});
  BOOST_TEST(traces.open() == 0u);
  BOOST_TEST(spans.size() == 7u);
  const auto& root = named(spans, "job");
  BOOST_TEST(root.parent == 0u);
  BOOST_TEST(!root.failed);
  BOOST_TEST(root.start_us == 100);
  BOOST_TEST(root.end_us == 950);
  BOOST_TEST((root.link == link.link));
  const std::vector<std::tuple<std::string_view, int64_t, int64_t, std::string_view>> expected = {
      {"blocked", 100, 200, "job"}, {"queued", 200, 300, "job"},       {"commit", 300, 400, "job"},
      {"attempt", 400, 900, "job"}, {"dispatch", 400, 500, "attempt"}, {"record", 900, 950, "job"}};
  for (const auto& [name, from, to, parent] : expected) {
    const auto& s = named(spans, name);
    BOOST_TEST(s.start_us == from, name);
    BOOST_TEST(s.end_us == to, name);
    BOOST_TEST(s.parent == named(spans, parent).id, name);
    BOOST_TEST((s.trace == trace_of(everything, {3, 7, 1})), name);
  }
  // What the runner derives on its own.
  BOOST_TEST(named(spans, "attempt").id == span_of(everything, {3, 7, 1}, job_part::attempt, 1));
}

BOOST_AUTO_TEST_CASE(an_attempt_that_is_retried_is_a_part_of_the_same_trace) {
  using kind = job_note::kind;
  job_traces traces(everything);
  auto retried = note(kind::retried, 600);
  retried.text = "retried";
  auto again = note(kind::granted, 700, 800);
  again.attempt = 2;
  auto end = ended(850, 900, 950, 1);
  end.attempt = 2;
  const auto spans = hear_all(
      traces, {note(kind::admitted, 100), note(kind::granted, 300, 400), retried, again, end});
  std::vector<const finished_span*> attempts;
  for (const auto& s : spans)
    if (s.name == "attempt")
      attempts.push_back(&s);
  BOOST_REQUIRE(attempts.size() == 2u);
  BOOST_TEST(attempts[0]->end_us == 600);
  BOOST_TEST(attempts[0]->failed);
  BOOST_TEST(attempts[1]->start_us == 800);
  BOOST_TEST((attempts[0]->id != attempts[1]->id));
  BOOST_TEST((attempts[0]->trace == attempts[1]->trace));
  BOOST_TEST(named(spans, "job").failed);
  BOOST_TEST(named(spans, "job").why == "failed, return code 1");
  // Ready when its workflow came, and no word of that.
  BOOST_TEST(named(spans, "blocked").end_us == 100);
}

BOOST_AUTO_TEST_CASE(what_was_lost_is_not_made_up) {
  using kind = job_note::kind;
  job_traces traces(everything);
  hear_all(traces, {note(kind::admitted, 100), note(kind::granted, 300, 400)});
  traces.forget();
  const auto spans = hear_all(traces, {note(kind::started, 400), ended(500, 900, 950, 0)});
  BOOST_TEST(traces.open() == 0u);
  BOOST_TEST(named(spans, "job").start_us == 500);
  BOOST_TEST(named(spans, "attempt").start_us == 500);
  for (const auto& s : spans)
    BOOST_TEST((s.name != "queued" && s.name != "dispatch"), s.name);
}

BOOST_AUTO_TEST_CASE(clocks_that_disagree_make_no_span_that_ends_before_it_begins) {
  using kind = job_note::kind;
  job_traces traces(everything);
  for (const auto& s : hear_all(traces, {note(kind::admitted, 100), note(kind::granted, 300, 400),
                                         ended(50, 60, 950, 0)}))
    BOOST_TEST(s.end_us >= s.start_us, s.name);
}

BOOST_AUTO_TEST_SUITE_END()
