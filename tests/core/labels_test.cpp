#include "core/environment.hpp"
#include "core/explain.hpp"
#include "tests/core/matcher_world.hpp"

using namespace torc::core;
using namespace torc::core::test::of_matcher;

namespace {

label_set set_of(std::vector<std::string> names) {
  return make_labels(std::move(names)).value();
}

job_class of_labels(std::vector<std::string> names, int64_t requirement = 1) {
  auto c = of_class(1);
  c.need.labels = set_of(std::move(names));
  c.requirement = requirement_id{requirement};
  return c;
}

capacity room_with(std::vector<std::string> names) {
  return {8, 8, 1, int64_t{64} << 30, {}, set_of(std::move(names))};
}

runner_joined with(runner_joined j, std::vector<std::string> names) {
  j.room.labels = set_of(std::move(names));
  return j;
}

/// Job 1 has no label, 2 and 3 are for windows, 4 for windows and gpu.
releases mixed() {
  return admitted(wf, 1, {0, 1, 1, 2},
                  {of_class(1), of_labels({"windows"}), of_labels({"windows", "gpu"})});
}

} // namespace

BOOST_AUTO_TEST_SUITE(labels)

BOOST_AUTO_TEST_CASE(labels_are_sorted_and_each_is_there_once) {
  BOOST_TEST(joined(set_of({"windows", "gpu", "gpu"})) == "gpu,windows");
  BOOST_TEST((split_labels("windows,,gpu,").value() == set_of({"gpu", "windows"})));
  BOOST_TEST((labels_of("gpu,windows") == set_of({"gpu", "windows"})));
  BOOST_TEST(labels_of("").empty());
}

BOOST_AUTO_TEST_CASE(what_is_no_label_is_refused) {
  const auto umlauts = [](size_t n) {
    std::string text;
    for (size_t i = 0; i < n; ++i)
      text += "\xc3\xa4";
    return text;
  };
  BOOST_TEST(make_labels({umlauts(label_set::longest)}).ok());
  for (const auto& bad : {std::string(), std::string(" "), std::string("a "), std::string(" a"),
                          std::string("a,b"), std::string("a\nb"), umlauts(129)})
    BOOST_TEST(!make_labels({"good", bad}), bad);
  // The letter that would be cut is left out.
  BOOST_TEST(make_labels({"a" + umlauts(128)}).why().message.find("\"a" + umlauts(63) + "\"") ==
             0u);
  std::vector<std::string> many_names;
  for (size_t i = 0; i <= label_set::most; ++i)
    many_names.push_back(std::to_string(i));
  BOOST_TEST(!make_labels(many_names));
  many_names.pop_back();
  BOOST_TEST(make_labels(many_names).ok());
}

BOOST_AUTO_TEST_CASE(a_runner_serves_what_it_has_all_labels_of_and_nothing_else) {
  const auto none = label_set{};
  BOOST_TEST(serves(none, none));
  BOOST_TEST(!serves(none, set_of({"a"})));
  BOOST_TEST(!serves(set_of({"a"}), none));
  BOOST_TEST(serves(set_of({"a", "b"}), set_of({"b"})));
  BOOST_TEST(!serves(set_of({"a"}), set_of({"a", "b"})));
  BOOST_TEST(missing_labels(set_of({"a"}), set_of({"a", "b"})) == std::vector<std::string>{"b"},
             boost::test_tools::per_element());
}

BOOST_AUTO_TEST_CASE(claims_get_only_jobs_of_their_labels) {
  for (const bool by_count : {false, true})
    for (auto [labels, jobs] :
         {std::pair{std::vector<std::string>{}, list{1}},
          std::pair{std::vector<std::string>{"gpu"}, list{}},
          std::pair{std::vector<std::string>{"windows"}, list{2, 3}},
          std::pair{std::vector<std::string>{"gpu", "windows", "x"}, list{2, 3, 4}}}) {
      auto w = world{};
      w.hear(mixed());
      auto o = claim(1, 10, room_with(labels));
      o.by_count = by_count;
      w.offer_room(o);
      BOOST_TEST(w.jobs() == jobs, boost::test_tools::per_element());
    }
}

BOOST_AUTO_TEST_CASE(runners_are_sent_only_jobs_of_their_labels) {
  for (const bool by_slots_alone : {false, true})
    for (auto [labels, jobs] :
         {std::pair{std::vector<std::string>{}, list{1}},
          std::pair{std::vector<std::string>{"gpu"}, list{}},
          std::pair{std::vector<std::string>{"gpu", "windows"}, list{2, 3, 4}}}) {
      auto w = world{};
      w.hear(mixed());
      w.join(with(by_slots_alone ? by_slots(1, 9, 9) : by_room(1, 9, 64, 9), labels));
      BOOST_TEST(w.jobs() == jobs, boost::test_tools::per_element());
    }
}

BOOST_AUTO_TEST_CASE(what_waits_at_a_runner_is_not_asked_back_for_one_that_may_not_have_it) {
  auto w = world{};
  w.hear(admitted(wf, 1, many(4), {of_labels({"gpu"})}));
  w.join(with(by_slots(1, 1, 3), {"gpu"}));
  BOOST_TEST(w.said.grants.size() == 4u);
  w.join(by_slots(2, 4));
  BOOST_TEST(w.said.recalls.empty());
  w.join(with(by_slots(3, 4), {"gpu", "more"}));
  BOOST_REQUIRE_EQUAL(w.said.recalls.size(), 1u);
  BOOST_TEST(w.said.recalls[0].count == 3);
}

BOOST_AUTO_TEST_CASE(another_requirement_leaves_a_job_its_labels) {
  auto w = world{};
  w.hear(admitted(wf, 1, {0}, {of_labels({"gpu"}, 5)}));
  auto r = releases{};
  r.cause.amended.classes.push_back({wf, requirement_id{5}, of_class(2).need});
  w.hear(r);
  w.join(by_slots(1, 1));
  BOOST_TEST(w.said.grants.empty());
  w.join(with(by_slots(2, 1), {"gpu"}));
  BOOST_REQUIRE_EQUAL(w.said.grants.size(), 1u);
  BOOST_TEST(w.said.grants[0].need.num_cpus == 2);
}

BOOST_AUTO_TEST_CASE(a_ready_job_says_which_label_its_runner_lacks) {
  auto facts = workflow_facts{};
  facts.workflow = workflow_id{1};
  facts.classes = {of_labels({"gpu", "windows"}), of_class(1)};
  for (uint32_t c : {0u, 1u}) {
    auto& j = facts.jobs.emplace_back();
    j.job = job_id{c + 1};
    j.status = job_status::ready;
    j.job_class = c;
  }
  const auto why = [&](int64_t job, const std::vector<runner_facts>& runners) {
    const std::vector<attempt_facts> none;
    const explain_input in{facts, none, runners, [](job_id) { return std::string("j"); }};
    const auto e = explain_job(in, job_id{job}).value();
    return std::to_string(e.fitting_runners) + " " + e.reasons.at(0);
  };
  const auto runner = [](std::vector<std::string> names) {
    return runner_facts{"h", room_with(std::move(names))};
  };
  BOOST_TEST(why(1, {runner({"windows"})}) ==
             "0 it is ready: it asks for a runner with the labels gpu and windows, and the one "
             "runner lacks the label gpu; start one with: torc workflows run 1 --label "
             "gpu,windows");
  BOOST_TEST(why(1, {runner({}), runner({"gpu"})}) ==
             "0 it is ready: it asks for a runner with the labels gpu and windows, and of the 2 "
             "runners the nearest lacks the label windows; start one with: torc workflows run 1 "
             "--label gpu,windows");
  BOOST_TEST(why(1, {}) == "0 it is ready: no runner is attached to the server; start one with: "
                           "torc workflows run 1 --label gpu,windows");
  BOOST_TEST(why(2, {runner({"gpu"})}) ==
             "0 it is ready: the one runner has labels, and such take only jobs with labels; start "
             "one with: torc workflows run 1");
  BOOST_TEST(why(1, {runner({"gpu", "windows"}), runner({})})
                 .starts_with("1 it is ready: 1 runner is large enough, of 1"));
}

BOOST_AUTO_TEST_CASE(an_environment_is_sorted_and_the_last_of_a_name_counts) {
  BOOST_TEST(to_env({{"B", "2"}, {"A", "x\"y"}, {"B", "3"}}).text == R"({"A":"x\"y","B":"3"})");
  BOOST_TEST(to_env({}).empty());
  BOOST_TEST(is_env_name("_a1"));
  for (const auto* bad : {"", "1a", "a-b", "a b", "a="})
    BOOST_TEST(!is_env_name(bad), bad);
}

BOOST_AUTO_TEST_CASE(an_older_runners_shell_sets_the_environment) {
  BOOST_TEST(with_exports({"A=it's", "B=a=b"}, "echo $A") ==
             "export A='it'\\''s'\nexport B='a=b'\necho $A");
}

BOOST_AUTO_TEST_SUITE_END()
