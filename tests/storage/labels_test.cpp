#include "fixture.hpp"

#include "core/archive.hpp"

using namespace torc;
using namespace torc::test;

namespace {

core::label_set set_of(const std::string& text) {
  return core::split_labels(text).value();
}

struct labeled : disk {
  core::workflow_id w = workflow();
  core::job_id plain = add("plain", ""), windows = add("windows", "windows"),
               gpu = add("gpu", "windows,gpu");

  core::job_id add(const std::string& name, const std::string& text,
                   std::optional<core::env_object> env = {}) {
    core::job_row j;
    j.workflow = w;
    j.name = name;
    j.command = "true";
    j.labels = set_of(text);
    j.env = std::move(env);
    return core::job_id{edit(core::create_jobs{w, {j}, false}).ids.at(0)};
  }
  std::string taken_by(const std::string& labels) const {
    core::job_filter f;
    f.workflow = w;
    f.labels = set_of(labels);
    const auto page = read->jobs(f);
    BOOST_TEST(page.total == static_cast<int64_t>(page.items.size()));
    std::string names;
    for (const auto& j : page.items)
      names += (names.empty() ? "" : " ") + j.name;
    return names;
  }
  std::map<std::string, int64_t> unserved() const {
    std::map<std::string, int64_t> all;
    for (const auto& [labels, count] : read->unserved_labels(w))
      all[core::joined(labels)] = count;
    return all;
  }
  core::launch place(core::grant g) {
    core::turn t;
    t.grants.push_back(std::move(g));
    return turn(std::move(t));
  }
};

} // namespace

BOOST_FIXTURE_TEST_SUITE(labels, labeled)

BOOST_AUTO_TEST_CASE(labels_are_stored_and_reach_the_rooms) {
  BOOST_TEST(core::joined(read->job(gpu)->labels) == "gpu,windows");
  BOOST_TEST(read->job(plain)->labels.empty());
  const auto planned = initialize(w);
  BOOST_REQUIRE_EQUAL(planned.classes.size(), 3u);
  BOOST_TEST(core::joined(planned.classes[planned.jobs[2].job_class].need.labels) == "gpu,windows");
  BOOST_TEST(planned.classes[planned.jobs[0].job_class].need.labels.empty());
}

BOOST_AUTO_TEST_CASE(jobs_are_listed_by_what_a_runner_would_take) {
  add("more", "windows,gpu2");
  BOOST_TEST(taken_by("") == "plain");
  BOOST_TEST(taken_by("gpu").empty());
  BOOST_TEST(taken_by("windows") == "windows");
  BOOST_TEST(taken_by("fast,gpu,windows") == "windows gpu");
}

BOOST_AUTO_TEST_CASE(ready_jobs_that_nobody_serves_are_counted_by_their_labels) {
  BOOST_TEST(unserved().empty(), "none is ready");
  initialize(w);
  BOOST_TEST((unserved() == std::map<std::string, int64_t>{{"gpu,windows", 1}, {"windows", 1}}));
  core::compute_node_row n;
  n.workflow = w;
  n.hostname = "box";
  n.start_time = "2026-01-31T12:00:00Z";
  n.compute_node_type = "local";
  n.is_active = true;
  n.labels = set_of("windows");
  const auto id = create(n);
  BOOST_TEST((unserved() == std::map<std::string, int64_t>{{"gpu,windows", 1}}));
  BOOST_TEST(core::joined(read->find<core::compute_node_row>(id)->labels.value()) == "windows");
  n.labels = set_of("fast,gpu,windows");
  create(n);
  BOOST_TEST(unserved().empty());
}

BOOST_AUTO_TEST_CASE(a_change_of_labels_is_told_to_the_rooms_and_an_empty_list_clears_them) {
  core::amend_job a;
  a.job = windows;
  a.workflow = w;
  a.labels = set_of("b,a");
  core::turn t;
  t.cause.cause.controls.push_back({core::ticket_id{5}, a});
  const auto launch = turn(std::move(t));
  BOOST_REQUIRE_EQUAL(launch.amended.jobs.size(), 1u);
  BOOST_TEST(core::joined(launch.amended.jobs[0].kind.need.labels) == "a,b");
  BOOST_TEST(core::joined(read->job(windows)->labels) == "a,b");
  a.labels = core::label_set{};
  BOOST_TEST(control(a).ok());
  BOOST_TEST(taken_by("") == "plain windows");
  a.labels.reset();
  a.priority = 2;
  a.job = gpu;
  BOOST_TEST(control(a).ok());
  BOOST_TEST(core::joined(read->job(gpu)->labels) == "gpu,windows");
}

BOOST_AUTO_TEST_CASE(a_runners_labels_stand_on_its_compute_node) {
  initialize(w);
  auto j = joining();
  j.room.labels = set_of("windows,x");
  core::turn t;
  t.cause.cause.joined.push_back(j);
  turn(std::move(t));
  BOOST_TEST(core::joined(read->runners().at(0).room.labels) == "windows,x");
  place(grant(w, windows));
  const auto nodes = read->page_where<core::compute_node_row>({w, {}, {}}).items;
  BOOST_REQUIRE_EQUAL(nodes.size(), 1u);
  BOOST_TEST(core::joined(nodes[0].labels.value()) == "windows,x");
}

BOOST_AUTO_TEST_CASE(an_order_has_the_environment_of_the_job_and_of_its_workflow) {
  core::workflow_row row;
  row.name = "e";
  row.user = "ada";
  row.env = core::to_env({{"A", "of workflow"}, {"B", "of workflow"}});
  w = core::workflow_id{create(row)};
  const auto own = add("own", "", core::to_env({{"B", "own\n'1'"}, {"C", ""}}));
  const auto same = add("same", "");
  BOOST_TEST(read->job(own)->env->text == R"({"A":"of workflow","B":"own\n'1'","C":""})");
  initialize(w);
  const auto env_of = [&](core::job_id job) { return place(grant(w, job)).orders.at(0).text.env; };
  BOOST_TEST(env_of(own) == (std::vector<std::string>{"A=of workflow", "B=own\n'1'", "C="}),
             boost::test_tools::per_element());
  BOOST_TEST(env_of(same) == (std::vector<std::string>{"A=of workflow", "B=of workflow"}),
             boost::test_tools::per_element());
  core::job_row large;
  large.name = "large";
  large.command = "true";
  large.env = core::to_env({{"C", std::string(core::env_object::longest - 20, 'x')}});
  BOOST_TEST(!try_edit(core::create_jobs{w, {large}, false}).ok());
}

BOOST_AUTO_TEST_SUITE_END()
