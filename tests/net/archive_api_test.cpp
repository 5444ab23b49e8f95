#include "net/sha256.hpp"
#include "tests/net/api_fixture.hpp"

using namespace torc;

namespace {

/// A table of an archive, its hash being right.
std::string part(const std::string& table, const std::string& columns, const std::string& row) {
  const auto lines = row + '\n';
  const auto hash = net::new_sha256();
  hash->add(lines);
  return R"({"table":")" + table + R"(","columns":)" + columns + R"(,"rows":1,"sha256":")" +
         hash->end() + "\"}\n" + lines;
}

const std::string head = R"({"format":"torc-workflow-archive","version":1})"
                         "\n";
const std::string workflow = part("workflow", R"(["id","name","user"])", R"([1,"w","u"])");
const std::string status = part("workflow_status", R"(["id"])", "[1]");

/// Tells of a workflow with one event.
void tell_workflow(const core::archive_listener& to, const std::string& data) {
  const auto tell = [&](std::string_view table, const std::vector<std::string>& columns,
                        const std::vector<core::cell>& row) {
    to.table(*core::find_archived_table(table), columns);
    to.row(row);
  };
  tell("workflow", {"id"}, {int64_t{1}});
  tell("workflow_status", {"id"}, {int64_t{1}});
  tell("event", {"id", "workflow_id", "data"}, {int64_t{3}, int64_t{1}, data});
}

} // namespace

BOOST_FIXTURE_TEST_SUITE(archives_of_workflows, with_workflow)

BOOST_AUTO_TEST_CASE(an_archive_must_say_whose_its_rows_are) {
  const auto refused = [&](const std::string& parts, std::string_view words) {
    const auto got = ask("POST", "/archive_files", head + parts);
    BOOST_TEST(got.status == 422, got.body);
    BOOST_TEST(got.body.find(words) != got.body.npos, got.body);
    BOOST_TEST(house.edits.empty());
  };
  std::string many = R"(["id")", ids = "[1";
  for (int i = 0; i < 40'000; ++i)
    many += R"(,"id")", ids += ",1";
  refused(part("workflow", "[]", "[]") + status, "lacks the column workflow.id");
  refused(part("workflow", R"(["name","user"])", R"(["w","u"])") + status, "workflow.id");
  refused(workflow + part("workflow_status", R"(["is_canceled"])", "[0]"), "workflow_status.id");
  refused(part("workflow", many + "]", ids + "]") + status, "comes twice");
  for (const auto* id : {R"(["abc"])", R"(["1"])", "[1.5]", "[1.0]", "[null]"}) {
    refused(part("workflow", R"(["id"])", id) + status, "workflow.id must be a whole number");
    refused(workflow + part("workflow_status", R"(["id"])", id),
            "workflow_status.id must be a whole number");
    refused(workflow + status + part("job_state", R"(["job_id"])", id),
            "job_state.job_id must be a whole number");
  }
  refused(workflow + status + part("job_state", R"(["status"])", "[0]"), "job_state.job_id");
  auto negative = status;
  negative.replace(negative.find(R"("rows":1)"), 8, R"("rows":-1)");
  refused(workflow + negative, "negative");
  house.edited = core::refuse(core::refusal::unavailable, "the disk is full");
  BOOST_TEST(ask("POST", "/archive_files", head + workflow + status).status == 503);
  const auto& open = only_edit<core::open_restore>();
  BOOST_TEST(open.counts[static_cast<size_t>(core::id_space::workflow)] == 1);
}

BOOST_AUTO_TEST_CASE(what_still_arrives_is_no_archive) {
  rows.archive = [](const core::archive_listener& to) {
    tell_workflow(to, "1");
    return core::result<core::nothing>(core::nothing{});
  };
  BOOST_TEST(ask("GET", "/workflows/1/archive_file").status == 200);
  BOOST_TEST(ask("GET", "/workflows/2/archive_file").status == 404);
}

BOOST_AUTO_TEST_CASE(no_run_is_so_high_that_none_can_follow) {
  const auto put = [&](const std::string& run) {
    return ask("PUT", "/workflows/1/status",
               R"({"id":1,"run_id":)" + run + R"(,"is_canceled":false})")
        .status;
  };
  BOOST_TEST(put("2147483648") == 422);
  BOOST_TEST(put("9223372036854775807") == 422);
  BOOST_TEST(house.controls.empty());
  BOOST_TEST(put("2147483647") == 200);
}

BOOST_AUTO_TEST_SUITE_END()

BOOST_AUTO_TEST_CASE(an_archive_is_no_longer_than_what_is_taken_back) {
  net::server_settings settings;
  settings.max_body_bytes = 2'000;
  running_server s(settings);
  s.rows.workflows[1].id.value = 1;
  std::string data = "1";
  s.rows.archive = [&data](const core::archive_listener& to) {
    tell_workflow(to, data);
    return core::result<core::nothing>(core::nothing{});
  };
  BOOST_TEST(s.ask("GET", "/workflows/1/archive_file").status == 200);
  data = std::string(2'000, '1');
  const auto got = s.ask("GET", "/workflows/1/archive_file");
  BOOST_TEST(got.status == 422, got.body);
  BOOST_TEST(got.body.find("TORC_MAX_REQUEST_BODY_MB") != got.body.npos, got.body);
}
