#include "fixture.hpp"

using namespace torc;
using namespace torc::test;

namespace {

struct shelf : disk {
  core::workflow_id w = workflow();

  core::job_row job(const std::string& name) const {
    core::job_row j;
    j.workflow = w;
    j.name = name;
    j.command = "echo " + name;
    return j;
  }
  int64_t file(const std::string& name) {
    core::file_row f;
    f.workflow = w;
    f.name = name;
    f.path = "/" + name;
    return create(f);
  }
  int64_t data(const std::string& name, std::optional<core::json_text> value) {
    core::user_data_row u;
    u.workflow = w;
    u.name = name;
    u.data = std::move(value);
    return create(u);
  }
  std::string names(const core::job_filter& f) const {
    std::string all;
    for (const auto& j : read->jobs(f).items)
      all += j.name;
    return all;
  }
  core::job_filter of_w() const {
    core::job_filter f;
    f.workflow = w;
    return f;
  }
};

std::vector<std::pair<int64_t, int64_t>> plain(const core::workflow_facts& f) {
  std::vector<std::pair<int64_t, int64_t>> all;
  for (const auto& [blocker, job] : f.edges)
    all.emplace_back(blocker.value, job.value);
  std::sort(all.begin(), all.end());
  return all;
}

} // namespace

BOOST_FIXTURE_TEST_SUITE(reader, shelf)

BOOST_AUTO_TEST_CASE(jobs_are_paged_sorted_and_filtered) {
  const auto f = file("in");
  std::vector<core::job_row> rows;
  for (const auto* name : {"b", "a", "d", "c", "e"})
    rows.push_back(job(name));
  rows[2].input_file_ids = {{f}};
  const auto ids = edit(core::create_jobs{w, rows, false}).ids;
  // Jobs of another workflow lie between.
  const auto other = workflow("other");
  jobs(other, {{}});
  auto late = job("f");
  late.depends_on_job_ids = {{ids[0]}};
  edit(core::create_jobs{w, {late}, false});

  auto q = of_w();
  BOOST_TEST(names(q) == "badcef");
  BOOST_TEST(read->jobs(q).total == 6);
  q.at.reverse = true;
  BOOST_TEST(names(q) == "fecdab");
  q.at.sort_by = "name";
  BOOST_TEST(names(q) == "fedcba");
  q.at = {};
  q.at.sort_by = "name; DROP TABLE job";
  BOOST_TEST(names(q) == "badcef");
  q.at = {2, 3, "name", false};
  BOOST_TEST(names(q) == "cde");
  BOOST_TEST(read->jobs(q).total == 6);
  q.at = {100, 3, "", false};
  BOOST_TEST(names(q) == "");
  BOOST_TEST(read->jobs(q).total == 6);
  q.at = {0, 0, "", false};
  BOOST_TEST(read->jobs(q).total == 6);
  q = of_w();
  q.needs_file_id = f;
  BOOST_TEST(names(q) == "d");
  q = of_w();
  q.upstream_job_id = ids[0];
  BOOST_TEST(names(q) == "f");
  q = of_w();
  q.status = job_status::blocked;
  BOOST_TEST(names(q) == "");
  initialize(w);
  BOOST_TEST(names(q) == "f");
  BOOST_TEST(read->job_ids(w).size() == 6u);
  const auto counts = read->job_counts(w);
  BOOST_REQUIRE_EQUAL(counts.size(), 2u);
  BOOST_TEST(counts[1].second == 5);
}

BOOST_AUTO_TEST_CASE(relationships_are_filled_where_asked_for) {
  const auto in = file("in"), out = file("out");
  const auto u = data("u", core::json_text{"1"});
  auto a = job("a");
  a.output_file_ids = {{out}};
  a.output_user_data_ids = {{u}};
  const auto first = edit(core::create_jobs{w, {a}, false}).ids[0];
  auto b = job("b");
  b.input_file_ids = {{out, in, out}};
  b.input_user_data_ids = {{u}};
  b.depends_on_job_ids = {{first}};
  const auto second = edit(core::create_jobs{w, {b}, false}).ids[0];

  const auto check = [&](const core::job_row& j) {
    BOOST_TEST(j.input_file_ids.value() == (std::vector<int64_t>{in, out}));
    BOOST_TEST(j.input_user_data_ids.value() == std::vector<int64_t>{u});
    BOOST_TEST(j.depends_on_job_ids.value() == std::vector<int64_t>{first});
    BOOST_TEST(j.output_file_ids.value().empty());
  };
  check(read->job(core::job_id{second}).value());
  auto q = of_w();
  BOOST_TEST(!read->jobs(q).items[1].input_file_ids);
  q.include_relationships = true;
  check(read->jobs(q).items[1]);
  q.at.reverse = true;
  check(read->jobs(q).items[0]);
  // Far apart, so that they are not read as one stretch.
  std::vector<core::job_row> many(20, job("x"));
  edit(core::create_jobs{w, many, false});
  auto c = job("c");
  c.output_file_ids = {{in}};
  const auto last = edit(core::create_jobs{w, {c}, false}).ids[0];
  const auto some = read->jobs_by_id({last, 12345, first}, true);
  BOOST_REQUIRE_EQUAL(some.size(), 2u);
  BOOST_TEST(some[0].name == "c");
  BOOST_TEST(some[0].output_file_ids.value() == std::vector<int64_t>{in});
  BOOST_TEST(some[1].output_file_ids.value() == std::vector<int64_t>{out});
  BOOST_TEST(some[1].output_user_data_ids.value() == std::vector<int64_t>{u});
  BOOST_TEST(!some[1].depends_on_job_ids);
}

BOOST_AUTO_TEST_CASE(edges_come_from_dependencies_files_and_user_data_each_once) {
  const auto f = file("f");
  const auto u = data("u", {});
  auto a = job("a"), b = job("b"), c = job("c"), d = job("d");
  a.output_file_ids = {{f}};
  b.input_file_ids = {{f}};
  b.output_user_data_ids = {{u}};
  c.input_file_ids = {{f}};
  c.input_user_data_ids = {{u}};
  c.output_user_data_ids = {{u}}; // reads and writes it: no edge to itself
  const auto ids = edit(core::create_jobs{w, {a, b, c}, false}).ids;
  d.depends_on_job_ids = {{ids[0], ids[2]}};
  d.input_file_ids = {{f}};
  const auto last = edit(core::create_jobs{w, {d}, false}).ids[0];
  const auto facts = read->facts_for_admission(w).value();
  const std::vector<std::pair<int64_t, int64_t>> expected{
      {ids[0], ids[1]}, {ids[0], ids[2]}, {ids[0], last}, {ids[1], ids[2]}, {ids[2], last}};
  BOOST_TEST((plain(facts) == expected));
  BOOST_TEST(facts.jobs.size() == 4u);
  BOOST_TEST(facts.run == 0);
  BOOST_TEST(facts.sort_method == "gpus_runtime_memory");
  const auto page = read->job_dependencies(w, {1, 2, "", false});
  BOOST_TEST(page.total == 5);
  BOOST_REQUIRE_EQUAL(page.items.size(), 2u);
  BOOST_TEST(page.items[0].job_name == "c");
  BOOST_TEST(page.items[0].depends_on_job_name == "a");
  BOOST_TEST(page.items[1].depends_on_job_name == "b");
  BOOST_TEST(!read->facts_for_admission(core::workflow_id{99}).ok());
}

BOOST_AUTO_TEST_CASE(inputs_that_nobody_makes_are_told) {
  const auto in = file("in"), made = file("made"), late = file("late");
  const auto missing = data("missing", {});
  const auto product = data("product", {});
  data("unused", {});
  const auto there = data("there", core::json_text{"1"});
  auto a = job("a"), b = job("b");
  a.input_file_ids = {{in}};
  a.output_file_ids = {{made}};
  a.output_user_data_ids = {{product}};
  a.input_user_data_ids = {{missing, there}};
  b.input_file_ids = {{made}};
  b.output_file_ids = {{late}};
  b.input_user_data_ids = {{product}};
  const auto ids = edit(core::create_jobs{w, {a, b}, false}).ids;
  BOOST_TEST(read->missing_user_data(w) == std::vector<int64_t>{missing});
  BOOST_TEST(read->required_existing_files(w) == std::vector<int64_t>{in});
  initialize(w);
  core::turn t;
  t.grants.push_back(grant(w, core::job_id{ids[0]}));
  core::turn end;
  end.cause.cause.ended.push_back(ended(turn(t).orders.at(0).open));
  turn(end);
  BOOST_TEST(read->required_existing_files(w) == (std::vector<int64_t>{in, made}));
  // It ended without having made it.
  BOOST_TEST(read->missing_user_data(w) == (std::vector<int64_t>{missing, product}));
}

BOOST_AUTO_TEST_CASE(workflows_are_found_by_name_user_text_and_archive) {
  auto row = read->workflow(w).value();
  row.name = "second";
  row.user = "bob";
  row.description = "About Whales";
  const core::workflow_id second{create(row)};
  const auto found = [&](auto change) {
    core::workflow_filter f;
    change(f);
    std::string all;
    for (const auto& r : read->workflows(f).items)
      all += std::to_string(r.id.value) + " ";
    return all;
  };
  BOOST_TEST(found([](auto&) {}) == "1 2 ");
  BOOST_TEST(found([](auto& f) { f.name = "second"; }) == "2 ");
  BOOST_TEST(found([](auto& f) { f.user = "ada"; }) == "1 ");
  BOOST_TEST(found([](auto& f) { f.description = "whale"; }) == "2 ");
  BOOST_TEST(found([](auto& f) { f.is_archived = true; }) == "");
  BOOST_TEST(found([](auto& f) { f.at = {0, 1, "name", false}; }) == "2 ");
  core::workflow_status_row s;
  s.id = second;
  s.is_archived = true;
  BOOST_TEST(control(core::put_status{s}).ok());
  BOOST_TEST(found([](auto& f) { f.is_archived = true; }) == "2 ");
  BOOST_TEST(found([](auto& f) { f.is_archived = false; }) == "1 ");
}

BOOST_AUTO_TEST_CASE(tables_are_filtered_by_equality_as_their_columns_say) {
  file("a");
  file("b");
  core::compute_node_row n;
  n.workflow = w;
  n.hostname = "h1";
  n.is_active = true;
  create(n);
  n.hostname = "h2";
  n.is_active = false;
  n.num_cpus = 7;
  create(n);
  const auto count = [&]<class Row>(std::type_identity<Row>, const char* name, const char* value) {
    const auto page = read->page_where<Row>({w, {{name, value}}, {}});
    BOOST_TEST(page.total == static_cast<int64_t>(page.items.size()));
    return page.total;
  };
  using node = std::type_identity<core::compute_node_row>;
  BOOST_TEST(count(std::type_identity<core::file_row>{}, "path", "/a") == 1);
  BOOST_TEST(count(std::type_identity<core::file_row>{}, "path", "' OR 1=1 --") == 0);
  BOOST_TEST(count(node{}, "hostname", "h2") == 1);
  BOOST_TEST(count(node{}, "is_active", "true") == 1);
  BOOST_TEST(count(node{}, "is_active", "false") == 1);
  BOOST_TEST(count(node{}, "num_cpus", "7") == 1);
  const auto page = read->page_where<core::file_row>({w, {}, {1, 1, "name", true}});
  BOOST_TEST(page.items.at(0).name == "a");
  BOOST_TEST(page.total == 2);
}

BOOST_AUTO_TEST_CASE(results_are_the_latest_of_each_job_or_all) {
  const auto j = jobs(w, {{}, {}});
  for (int run = 1; run <= 2; ++run) {
    initialize(w, true);
    core::turn t;
    t.grants = {grant(w, j[0]), grant(w, j[1])};
    core::turn end;
    for (const auto& o : turn(t).orders)
      end.cause.cause.ended.push_back(
          ended(o.open, run == 1 ? job_status::failed : job_status::completed));
    turn(end);
  }
  core::result_filter f;
  f.workflow = w;
  BOOST_TEST(read->results(f).total == 2);
  BOOST_TEST(read->results(f).items[0].run_id == 2);
  f.run_id = 1;
  BOOST_TEST(read->results(f).total == 0);
  f.all_runs = true;
  BOOST_TEST(read->results(f).total == 2);
  f.job_id = j[0].value;
  BOOST_TEST(read->results(f).total == 1);
  f = {};
  f.workflow = w;
  f.all_runs = true;
  f.at = {1, 2, "", true};
  const auto page = read->results(f);
  BOOST_TEST(page.total == 4);
  BOOST_TEST(page.items.at(0).id.value == 3);
  f.status = job_status::failed;
  BOOST_TEST(read->results(f).total == 2);
  f.return_code = 5;
  BOOST_TEST(read->results(f).total == 0);
  // Who runs again has no latest result until it ends.
  initialize(w, true);
  f = {};
  f.workflow = w;
  BOOST_TEST(read->results(f).total == 0);
}

BOOST_AUTO_TEST_CASE(triggers_of_actions_are_counted_from_the_statuses) {
  const auto j = jobs(w, {{}, {0}});
  const auto add = [&](const char* trigger, bool listed) {
    core::action_row a;
    a.workflow = w;
    a.trigger_type = trigger;
    a.action_type = "run_commands";
    if (listed) {
      a.job_ids = {{j[0].value, j[1].value}};
      a.required_triggers = 2;
    }
    create(a);
  };
  add("on_workflow_start", false);
  add("on_jobs_ready", true);
  add("on_jobs_complete", true);
  add("on_workflow_complete", false);
  add("on_worker_start", false);
  const auto counts = [&] {
    std::string all;
    for (const auto& a : read->actions(w, {}, false))
      all += std::to_string(a.trigger_count);
    return all;
  };
  BOOST_TEST(counts() == "00000");
  BOOST_TEST(read->actions(w, {"on_worker_start", "on_jobs_ready"}, false).size() == 2u);
  BOOST_TEST(read->actions(w, {}, true).empty());
  initialize(w);
  BOOST_TEST(counts() == "11001");
  core::turn t;
  t.grants.push_back(grant(w, j[0]));
  core::turn end;
  end.cause.cause.ended.push_back(ended(turn(t).orders.at(0).open));
  end.cause.ready = {{w, j[1], 0, 1}};
  turn(end);
  BOOST_TEST(counts() == "12101");
  core::turn t2;
  t2.grants.push_back(grant(w, j[1]));
  core::turn end2;
  end2.cause.cause.ended.push_back(ended(turn(t2).orders.at(0).open));
  turn(end2);
  BOOST_TEST(counts() == "12211");
  const auto pending = read->actions(w, {}, true);
  BOOST_REQUIRE_EQUAL(pending.size(), 5u);
  edit(core::claim_action{w, pending[0].id, {}, "now"});
  BOOST_TEST(read->actions(w, {}, true).size() == 4u);
}

BOOST_AUTO_TEST_CASE(a_start_without_jobs_is_a_start) {
  core::action_row a;
  a.workflow = w;
  a.trigger_type = "on_workflow_start";
  a.action_type = "run_commands";
  create(a);
  BOOST_TEST(read->actions(w, {}, true).empty());
  initialize(w);
  BOOST_TEST(read->actions(w, {}, true).size() == 1u);
}

BOOST_AUTO_TEST_CASE(a_disabled_job_does_not_make_a_workflow_initialized) {
  const auto j = jobs(w, {{}, {}});
  BOOST_TEST(control(core::force_status{j[0], w, 0, job_status::disabled, {}}).ok());
  BOOST_TEST(read->is_uninitialized(w));
  BOOST_TEST(edit(core::begin_initialize{w, true, true}).count == 1);
}

BOOST_AUTO_TEST_CASE(relationships_name_who_makes_and_who_reads) {
  const auto in = file("in"), made = file("made");
  file("unused");
  auto a = job("a"), b = job("b"), c = job("c");
  a.input_file_ids = {{in}};
  a.output_file_ids = {{made}};
  b.input_file_ids = c.input_file_ids = {{made}};
  const auto ids = edit(core::create_jobs{w, {a, b, c}, false}).ids;
  const auto page = read->relationships(w, core::related::files, {});
  BOOST_REQUIRE_EQUAL(page.total, 3);
  BOOST_TEST(page.items[0].thing_id == in);
  BOOST_TEST(page.items[0].producer_job_id == 0);
  BOOST_TEST(page.items[0].consumer_job_name == "a");
  BOOST_TEST(page.items[1].thing_name == "made");
  BOOST_TEST(page.items[1].thing_path == "/made");
  BOOST_TEST(page.items[1].producer_job_id == ids[0]);
  BOOST_TEST(page.items[1].consumer_job_id == ids[1]);
  BOOST_TEST(page.items[2].consumer_job_id == ids[2]);
  core::page second;
  second.offset = 1;
  second.limit = 1;
  const auto one = read->relationships(w, core::related::files, second);
  BOOST_TEST(one.total == 3);
  BOOST_REQUIRE_EQUAL(one.items.size(), 1u);
  BOOST_TEST(one.items[0].consumer_job_id == ids[1]);
  BOOST_TEST(read->relationships(w, core::related::user_data, {}).total == 0);
}

BOOST_AUTO_TEST_CASE(completeness_follows_the_statuses) {
  BOOST_TEST(read->completeness(w).is_complete);
  BOOST_TEST(read->is_uninitialized(w));
  const auto j = jobs(w, {{}});
  BOOST_TEST(!read->completeness(w).is_complete);
  BOOST_TEST(read->is_uninitialized(w));
  initialize(w);
  BOOST_TEST(!read->is_uninitialized(w));
  core::turn t;
  t.grants.push_back(grant(w, j[0]));
  core::turn end;
  end.cause.cause.ended.push_back(ended(turn(t).orders.at(0).open, job_status::pending_failed));
  turn(end);
  BOOST_TEST(!read->completeness(w).is_complete);
  BOOST_TEST(!read->completeness(w).is_canceled);
}

BOOST_AUTO_TEST_CASE(the_file_tells_its_sizes) {
  const auto f = read->database();
  BOOST_TEST(f.path == path);
  // The schema alone is more, though all of it is still in the log.
  BOOST_TEST(f.bytes > 65536);
  BOOST_TEST(f.wal_bytes > 0);
}

BOOST_AUTO_TEST_SUITE_END()
