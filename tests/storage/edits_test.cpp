#include "fixture.hpp"
#include "storage/columns.hpp"

using namespace torc;
using namespace torc::test;
using core::refusal;

namespace {

/// Gives every column of a row a value of its own, so that a mixed-up column shows.
template <class Row>
Row filled(core::workflow_id w) {
  Row row;
  int64_t n = 10;
  Row::fields(row, [&](std::string_view, auto& member, core::field) {
    using type = std::remove_cvref_t<decltype(member)>;
    ++n;
    const auto text = "t" + std::to_string(n);
    if constexpr (storage::is_list<type>)
      member = std::vector<int64_t>{};
    else if constexpr (storage::is_id<type>)
      member = type{n};
    else if constexpr (std::same_as<type, bool> || std::same_as<type, std::optional<bool>>)
      member = true;
    else if constexpr (std::same_as<type, std::string> ||
                       std::same_as<type, std::optional<std::string>>)
      member = text;
    else if constexpr (std::same_as<type, core::json_text> ||
                       std::same_as<type, std::optional<core::json_text>>)
      member = core::json_text{"{\"" + text + "\":[1, 2.50]}"};
    else if constexpr (std::same_as<type, std::optional<core::label_set>>)
      member = core::labels_of("a," + text);
    else if constexpr (std::same_as<type, std::optional<core::env_object>>)
      member = core::to_env({{"A", text}});
    else if constexpr (std::same_as<type, double> || std::same_as<type, std::optional<double>>)
      member = static_cast<double>(n) + 0.25;
    else if constexpr (std::same_as<type, job_status>)
      member = job_status::failed;
    else
      member = static_cast<int64_t>(n);
  });
  row.workflow = w;
  return row;
}

/// A row as text, for comparison.
template <class Row>
std::string shown(const Row& row) {
  std::string all;
  Row::fields(row, [&](std::string_view name, const auto& member, core::field) {
    using type = std::remove_cvref_t<decltype(member)>;
    const auto show = [](const auto& v) -> std::string {
      using plain = std::remove_cvref_t<decltype(v)>;
      if constexpr (storage::is_id<plain>)
        return std::to_string(v.value);
      else if constexpr (std::same_as<plain, core::json_text> ||
                         std::same_as<plain, core::env_object>)
        return v.text;
      else if constexpr (std::same_as<plain, core::label_set>)
        return core::joined(v);
      else if constexpr (std::same_as<plain, std::string>)
        return v;
      else if constexpr (std::same_as<plain, std::vector<int64_t>>)
        return storage::to_list(v);
      else if constexpr (std::same_as<plain, job_status>)
        return std::string{to_string(v)};
      else
        return std::to_string(v);
    };
    all += std::string{name} + "=";
    if constexpr (storage::is_optional<type>)
      all += member ? show(*member) : "null";
    else
      all += show(member);
    all += " ";
  });
  return all;
}

template <class Row>
Row stored(disk& d, Row row) {
  row.id.value = d.create(row);
  return row;
}

template <class Row>
void goes_round(disk& d, const Row& row) {
  auto found = d.read->find<Row>(row.id.value);
  BOOST_REQUIRE(found);
  BOOST_TEST(shown(*found) == shown(row));
  const auto page = d.read->page_where<Row>({row.workflow, {}, {}});
  BOOST_REQUIRE(!page.items.empty());
  BOOST_TEST(shown(page.items.back()) == shown(row));
  BOOST_TEST(page.total == static_cast<int64_t>(page.items.size()));
}

} // namespace

BOOST_FIXTURE_TEST_SUITE(edits, disk)

BOOST_AUTO_TEST_CASE(every_kind_of_row_comes_back_as_it_was_written) {
  const auto w = workflow();
  goes_round(*this, stored(*this, filled<core::file_row>(w)));
  goes_round(*this, stored(*this, filled<core::user_data_row>(w)));
  goes_round(*this, stored(*this, filled<core::compute_node_row>(w)));
  goes_round(*this, stored(*this, filled<core::scheduled_compute_node_row>(w)));
  goes_round(*this, stored(*this, filled<core::failure_handler_row>(w)));
  goes_round(*this, stored(*this, filled<core::slurm_scheduler_row>(w)));
  goes_round(*this, stored(*this, filled<core::local_scheduler_row>(w)));
  auto stats = filled<core::slurm_stats_row>(w);
  stats.job = jobs(w, {{}})[0];
  goes_round(*this, stored(*this, stats));
  refused(core::create<core::slurm_stats_row>{stats}, refusal::conflict);
  auto need = filled<core::requirement_row>(w);
  need.memory = "3g";
  need.runtime = "PT2H";
  goes_round(*this, stored(*this, need));
  auto action = filled<core::action_row>(w);
  action.trigger_count = 0; // Nothing that happens triggers it.
  goes_round(*this, stored(*this, action));
  auto entity = filled<core::ro_crate_entity_row>(w);
  entity.file_id = 1;
  goes_round(*this, stored(*this, entity));
  goes_round(*this, stored(*this, filled<core::event_row>(w)));
  auto event = filled<core::event_row>(w);
  event.timestamp = 0; // nobody has told a time yet
  event.id.value = create(event);
  event.timestamp = read->find<core::event_row>(event.id.value)->timestamp;
  BOOST_TEST(event.timestamp > 1'600'000'000'000);
  goes_round(*this, event);
  auto result = filled<core::result_row>(w);
  result.job = jobs(w, {{}})[0];
  result.compute_node = core::node_id{1};
  result.id.value = create(result);
  BOOST_TEST(shown(*read->result_by_id(result.id)) == shown(result));
  BOOST_TEST(shown(results(w).items.at(0)) == shown(result));
}

BOOST_AUTO_TEST_CASE(optional_values_may_be_missing_and_flags_are_false_then) {
  const auto w = workflow();
  core::file_row f;
  f.workflow = w;
  f.name = "f";
  goes_round(*this, stored(*this, f));
  core::user_data_row u;
  u.workflow = w;
  u.name = "u";
  u = stored(*this, u);
  u.is_ephemeral = false;
  goes_round(*this, u);
  core::compute_node_row n;
  n.workflow = w;
  n = stored(*this, n);
  n.is_active = false;
  goes_round(*this, n);
}

BOOST_AUTO_TEST_CASE(a_replaced_file_forgets_its_time_and_a_replaced_event_keeps_its_own) {
  const auto w = workflow();
  auto f = stored(*this, filled<core::file_row>(w));
  core::file_row change;
  change.id = f.id;
  change.name = "new";
  change.path = "/new";
  edit(core::replace<core::file_row>{change});
  f.name = "new";
  f.path = "/new";
  f.mtime.reset();
  goes_round(*this, f);
  auto event = stored(*this, filled<core::event_row>(w));
  const auto when = read->find<core::event_row>(event.id.value)->timestamp;
  event.data.text = "[1]";
  event.timestamp = 5;
  edit(core::replace<core::event_row>{event});
  event.timestamp = when;
  goes_round(*this, event);
}

BOOST_AUTO_TEST_CASE(a_workflow_gets_its_defaults_and_a_default_requirement) {
  const auto w = workflow("first");
  auto row = read->workflow(w).value();
  BOOST_TEST(row.compute_node_wait_for_new_jobs_seconds.value() == 90);
  BOOST_TEST(row.compute_node_wait_for_healthy_database_minutes.value() == 20);
  BOOST_TEST(row.compute_node_min_time_for_new_jobs_seconds.value() == 300);
  BOOST_TEST(row.compute_node_ignore_workflow_completion.value() == false);
  BOOST_TEST(row.jobs_sort_method.value() == "gpus_runtime_memory");
  BOOST_TEST(row.status_id.value() == w.value);
  BOOST_TEST(row.timestamp.value().size() == 24u);
  const auto status = read->workflow_status(w).value();
  BOOST_TEST(status.id.value == w.value);
  BOOST_TEST(status.run_id == 0);
  BOOST_TEST(!status.is_canceled);
  const auto needs = read->page_where<core::requirement_row>({w, {}, {}});
  BOOST_REQUIRE_EQUAL(needs.items.size(), 1u);
  BOOST_TEST(needs.items[0].name == "default");
  BOOST_TEST(needs.items[0].memory == "1m");
  BOOST_TEST(needs.items[0].runtime == "P0DT1M");

  core::workflow_row change;
  change.id = w;
  change.description = "about";
  change.compute_node_wait_for_new_jobs_seconds = 7;
  edit(core::replace<core::workflow_row>{change});
  row.description = "about";
  row.compute_node_wait_for_new_jobs_seconds = 7;
  BOOST_TEST(shown(read->workflow(w).value()) == shown(row));
}

BOOST_AUTO_TEST_CASE(what_names_something_unknown_is_refused) {
  const auto w = workflow();
  const auto j = jobs(w, {{}})[0];
  const auto other = workflow("other");
  const auto foreign = jobs(other, {{}})[0];
  refused(core::create<core::file_row>{filled<core::file_row>(core::workflow_id{99})},
          refusal::not_found);
  refused(core::replace<core::file_row>{filled<core::file_row>(w)}, refusal::not_found);
  refused(core::erase<core::file_row>{99}, refusal::not_found);
  refused(core::erase_all<core::file_row>{core::workflow_id{99}}, refusal::not_found);
  refused(core::replace<core::workflow_row>{}, refusal::not_found);
  refused(core::begin_initialize{core::workflow_id{99}, false, false}, refusal::not_found);
  refused(core::claim_action{w, core::action_id{99}, {}, ""}, refusal::not_found);
  refused(core::close_submission{w, {}}, refusal::not_found);
  auto result = filled<core::result_row>(w);
  result.job = foreign;
  refused(core::create<core::result_row>{result}, refusal::unprocessable);
  result.job = j;
  refused(core::create<core::result_row>{result}, refusal::unprocessable);
  auto action = filled<core::action_row>(w);
  action.job_ids = {{foreign.value}};
  refused(core::create<core::action_row>{action}, refusal::unprocessable);

  const auto job_with = [&](auto change) {
    core::job_row row;
    row.workflow = w;
    row.name = "x";
    row.command = "true";
    auto good = row;
    change(row);
    // The good one before it must go, too.
    refused(core::create_jobs{w, {good, row}, false}, refusal::unprocessable);
  };
  job_with([](core::job_row& r) { r.requirement.value = 99; });
  job_with([](core::job_row& r) { r.failure_handler.value = 99; });
  job_with([](core::job_row& r) { r.input_file_ids = {{99}}; });
  job_with([](core::job_row& r) { r.output_user_data_ids = {{99}}; });
  job_with([&](core::job_row& r) { r.depends_on_job_ids = {{foreign.value}}; });
  refused(core::create_jobs{core::workflow_id{99}, {}, false}, refusal::not_found);
  BOOST_TEST(read->job_ids(w).size() == 1u);
  BOOST_TEST(store->progress()->workflows.at(w)->stages.at(0).by_status[0] == 1);
}

BOOST_AUTO_TEST_CASE(rows_of_other_workflows_may_be_named_as_in_torc) {
  const auto w = workflow();
  const auto other = workflow("other");
  auto need = filled<core::requirement_row>(other);
  need.memory = "3g";
  need.runtime = "PT2H";
  core::job_row j;
  j.workflow = w;
  j.name = "j";
  j.command = "c";
  j.requirement = stored(*this, need).id;
  j.input_file_ids = {{stored(*this, filled<core::file_row>(other)).id.value}};
  j.output_user_data_ids = {{stored(*this, filled<core::user_data_row>(other)).id.value}};
  j.scheduler.value = 99;
  j.id = core::job_id{edit(core::create_jobs{w, {j}, false}).ids[0]};
  BOOST_TEST(read->job(j.id)->input_file_ids.value() == j.input_file_ids.value());
  const auto facts = read->facts_for_admission(w).value();
  BOOST_TEST(facts.classes.at(0).need.memory_bytes == int64_t{3} << 30);
  auto result = filled<core::result_row>(w);
  result.job = j.id;
  result.compute_node = stored(*this, filled<core::compute_node_row>(other)).id;
  create(result);
}

BOOST_AUTO_TEST_CASE(replacing_a_file_without_a_time_clears_its_time) {
  auto file = stored(*this, filled<core::file_row>(workflow()));
  BOOST_TEST(file.mtime.has_value());
  file.mtime.reset();
  edit(core::replace<core::file_row>{file});
  BOOST_TEST(!read->find<core::file_row>(file.id.value)->mtime.has_value());
}

BOOST_AUTO_TEST_CASE(all_requirements_are_deleted_but_the_default_and_those_in_use) {
  const auto w = workflow();
  core::requirement_row r;
  r.workflow = w;
  r.name = "used";
  r.id.value = create(r);
  core::job_row j;
  j.workflow = w;
  j.name = "j";
  j.command = "c";
  j.requirement = r.id;
  edit(core::create_jobs{w, {j}, false});
  r.name = "unused";
  create(r);
  BOOST_TEST(edit(core::erase_all<core::requirement_row>{w}).count == 1);
  const auto left = read->page_where<core::requirement_row>({w, {}, {}}).items;
  BOOST_REQUIRE_EQUAL(left.size(), 2u);
  BOOST_TEST(left[0].name == "default");
  BOOST_TEST(left[1].name == "used");
}

BOOST_AUTO_TEST_CASE(all_events_of_a_workflow_are_deleted_and_no_others) {
  const auto w = workflow();
  create(filled<core::event_row>(w));
  create(filled<core::event_row>(w));
  const auto kept = stored(*this, filled<core::event_row>(workflow("other")));
  BOOST_TEST(read->latest_event(w).has_value());
  BOOST_TEST(edit(core::erase_all<core::event_row>{w}).count == 2);
  BOOST_TEST(!read->latest_event(w).has_value());
  BOOST_TEST(read->find<core::event_row>(kept.id.value).has_value());
}

BOOST_AUTO_TEST_CASE(user_data_is_created_with_its_jobs_or_not_at_all) {
  const auto w = workflow();
  const auto j = jobs(w, {{}, {}});
  const auto id =
      edit(core::create_linked_user_data{filled<core::user_data_row>(w), j[0].value, j[1].value})
          .ids.at(0);
  BOOST_TEST(read->job(j[0])->input_user_data_ids.value() == std::vector<int64_t>{id});
  BOOST_TEST(read->job(j[1])->output_user_data_ids.value() == std::vector<int64_t>{id});
  refused(core::create_linked_user_data{filled<core::user_data_row>(w), 99, {}},
          refusal::unprocessable);
}

BOOST_AUTO_TEST_CASE(a_requirement_is_checked_and_stays_while_jobs_use_it) {
  const auto w = workflow();
  core::requirement_row r;
  r.workflow = w;
  r.name = "big";
  r.memory = "12 apples";
  refused(core::create<core::requirement_row>{r}, refusal::unprocessable);
  r.memory = "2g";
  r.runtime = "tomorrow";
  refused(core::create<core::requirement_row>{r}, refusal::unprocessable);
  r.runtime = "PT1H";
  r.num_nodes = 0;
  refused(core::create<core::requirement_row>{r}, refusal::unprocessable);
  r.num_nodes = 1;
  r.id.value = create(r);
  core::job_row j;
  j.workflow = w;
  j.name = "j";
  j.command = "c";
  j.requirement = r.id;
  j.priority = 4;
  edit(core::create_jobs{w, {j}, false});
  refused(core::erase<core::requirement_row>{r.id.value}, refusal::unprocessable);
  r.memory = "4g";
  BOOST_TEST(control(core::amend_requirement{r}).ok());
  const auto facts = read->facts_for_admission(w).value();
  BOOST_REQUIRE_EQUAL(facts.classes.size(), 1u);
  BOOST_TEST(facts.classes[0].need.memory_bytes == int64_t{4} << 30);
  BOOST_TEST(facts.classes[0].need.runtime_s == 3600);
  BOOST_TEST(facts.classes[0].priority == 4);
  BOOST_TEST(control(core::remove_jobs{w, true, {}}).value().count == 1);
  edit(core::erase<core::requirement_row>{r.id.value});
  r.name = "default";
  refused(core::create<core::requirement_row>{r}, refusal::conflict);
}

BOOST_AUTO_TEST_CASE(two_entities_of_one_name_and_two_results_of_one_attempt_conflict) {
  const auto w = workflow();
  auto e = filled<core::ro_crate_entity_row>(w);
  e.file_id.reset();
  create(e);
  refused(core::create<core::ro_crate_entity_row>{e}, refusal::conflict);
  auto node = filled<core::compute_node_row>(w);
  auto r = filled<core::result_row>(w);
  r.compute_node.value = create(node);
  r.job = jobs(w, {{}})[0];
  create(r);
  refused(core::create<core::result_row>{r}, refusal::conflict);
}

BOOST_AUTO_TEST_CASE(an_action_is_claimed_once_unless_it_persists) {
  const auto w = workflow();
  auto a = filled<core::action_row>(w);
  a.executed = false;
  a.persistent = false;
  const core::action_id once{create(a)};
  a.persistent = true;
  const core::action_id ever{create(a)};
  edit(core::claim_action{w, once, 7, "now"});
  refused(core::claim_action{w, once, 8, "later"}, refusal::conflict);
  const auto claimed = read->find<core::action_row>(once.value);
  BOOST_TEST(claimed->executed);
  BOOST_TEST(claimed->executed_by.value() == 7);
  BOOST_TEST(claimed->executed_at.value() == "now");
  edit(core::claim_action{w, ever, 7, "now"});
  edit(core::claim_action{w, ever, 8, "later"});
  BOOST_TEST(!read->find<core::action_row>(ever.value)->executed);
}

BOOST_AUTO_TEST_CASE(deleting_takes_along_what_hung_on_it) {
  const auto w = workflow();
  const auto file = stored(*this, filled<core::file_row>(w));
  const auto data = stored(*this, filled<core::user_data_row>(w));
  const auto handler = stored(*this, filled<core::failure_handler_row>(w));
  const auto scheduler = stored(*this, filled<core::local_scheduler_row>(w));
  const auto node = stored(*this, filled<core::compute_node_row>(w));
  core::job_row j;
  j.workflow = w;
  j.name = "j";
  j.command = "c";
  j.input_file_ids = {{file.id.value}};
  j.output_file_ids = {{file.id.value}};
  j.input_user_data_ids = {{data.id.value}};
  j.failure_handler = handler.id;
  j.scheduler = scheduler.id;
  j.id = core::job_id{edit(core::create_jobs{w, {j}, false}).ids[0]};
  auto result = filled<core::result_row>(w);
  result.job = j.id;
  result.compute_node = node.id;
  create(result);

  edit(core::erase<core::file_row>{file.id.value});
  edit(core::erase_all<core::user_data_row>{w});
  edit(core::erase<core::failure_handler_row>{handler.id.value});
  edit(core::erase_all<core::local_scheduler_row>{w});
  edit(core::erase<core::compute_node_row>{node.id.value});
  const auto left = read->job(j.id).value();
  BOOST_TEST(left.input_file_ids->empty());
  BOOST_TEST(left.output_file_ids->empty());
  BOOST_TEST(left.input_user_data_ids->empty());
  BOOST_TEST(!left.failure_handler);
  BOOST_TEST(!left.scheduler);
  BOOST_TEST(results(w).total == 0);
  auto n = rows();
  for (const char* table :
       {"file", "user_data", "failure_handler", "local_scheduler", "compute_node", "result",
        "job_input_file", "job_output_file", "job_input_user_data"})
    BOOST_TEST(n[table] == 0, table);
}

BOOST_AUTO_TEST_SUITE_END()
