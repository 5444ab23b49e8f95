#include "net/json/document.hpp"
#include "net/json/job.hpp"
#include "net/json/rows.hpp"
#include "net/json/text.hpp"

#include <boost/test/unit_test.hpp>

using namespace torc;
namespace json = torc::net::json;

namespace {

template <class Row>
std::string written(const Row& row) {
  std::string out;
  json::write(out, row);
  return out;
}

template <class Row>
std::string complaint(std::string_view body) {
  const auto row = json::read<Row>(body);
  return row ? "" : row.why().message;
}

/// Every member of a row gets a value of its own, so that a mixed-up name shows.
template <class Row>
Row filled() {
  Row row;
  int64_t n = 100;
  const auto fill = [&n](auto& self, auto& to) -> void {
    using type = std::remove_reference_t<decltype(to)>;
    ++n;
    if constexpr (requires { to.has_value(); })
      self(self, to.emplace());
    else if constexpr (
        requires {
          to.push_back(n);
          to.front() + 1;
        } &&
        !requires { to.c_str(); })
      to = {n, n + 1};
    else if constexpr (requires { to.value; })
      to.value = n;
    else if constexpr (std::is_same_v<type, core::label_set>)
      to = core::labels_of("a,label " + std::to_string(n));
    else if constexpr (std::is_same_v<type, core::env_object>)
      to = core::to_env({{"NAME", std::to_string(n)}});
    else if constexpr (std::is_same_v<type, core::json_text>)
      to.text = "{\"a\":[" + std::to_string(n) + "]}";
    else if constexpr (std::is_same_v<type, std::string>)
      to = "text " + std::to_string(n);
    else if constexpr (std::is_same_v<type, bool>)
      to = true;
    else if constexpr (std::is_same_v<type, core::job_status>)
      to = core::job_status::failed;
    else if constexpr (std::is_same_v<type, double>)
      to = static_cast<double>(n) + 0.25;
    else
      to = static_cast<type>(n);
  };
  Row::fields(row, [&](std::string_view, auto& member, core::field) { fill(fill, member); });
  return row;
}

/// What was written is read again, but for what only the server sets.
template <class Row>
void check_round_trip() {
  const Row row = filled<Row>();
  const auto text = written(row);
  BOOST_REQUIRE_MESSAGE(json::check(text).ok(), text);
  const auto read = json::read<Row>(text);
  BOOST_REQUIRE_MESSAGE(read.ok(), (read.ok() ? "" : read.why().message));
  json::members was, is;
  const auto second = written(*read);
  was.assign(text);
  is.assign(second);
  Row::fields(row, [&](std::string_view name, const auto&, core::field kind) {
    if (kind != core::field::assigned)
      BOOST_TEST(was.take(name).value_or("none") == is.take(name).value_or("nothing"), name);
  });
}

} // namespace

BOOST_AUTO_TEST_SUITE(json_rows)

BOOST_AUTO_TEST_CASE(every_row_survives_being_written_and_read) {
  check_round_trip<core::workflow_row>();
  check_round_trip<core::workflow_status_row>();
  check_round_trip<core::requirement_row>();
  check_round_trip<core::result_row>();
  check_round_trip<core::compute_node_row>();
  check_round_trip<core::scheduled_compute_node_row>();
  check_round_trip<core::file_row>();
  check_round_trip<core::user_data_row>();
  check_round_trip<core::event_row>();
  check_round_trip<core::failure_handler_row>();
  check_round_trip<core::slurm_scheduler_row>();
  check_round_trip<core::local_scheduler_row>();
  check_round_trip<core::action_row>();
  check_round_trip<core::ro_crate_entity_row>();
}

BOOST_AUTO_TEST_CASE(members_without_a_value_are_left_out) {
  core::workflow_row row;
  row.id.value = 7;
  row.name = "w";
  row.user = "u";
  BOOST_TEST(written(row) == R"({"id":7,"name":"w","user":"u"})");
  core::file_row file;
  file.id.value = 1;
  file.workflow.value = 7;
  file.name = "f";
  file.path = "/tmp/f";
  BOOST_TEST(written(file) == R"({"id":1,"workflow_id":7,"name":"f","path":"/tmp/f"})");
  file.mtime = 3;
  BOOST_TEST(written(file) ==
             R"({"id":1,"workflow_id":7,"name":"f","path":"/tmp/f","st_mtime":3.0})");
}

BOOST_AUTO_TEST_CASE(a_result_looks_as_torc_writes_it) {
  core::result_row row;
  row.id.value = row.job.value = row.workflow.value = row.compute_node.value = 1;
  row.run_id = 1;
  row.exec_time_minutes = 1;
  row.completion_time = "2026-01-01T00:00:00.000Z";
  BOOST_TEST(written(row) ==
             R"({"id":1,"job_id":1,"workflow_id":1,"run_id":1,"attempt_id":1,)"
             R"("compute_node_id":1,"return_code":0,"exec_time_minutes":1.0,)"
             R"("completion_time":"2026-01-01T00:00:00.000Z","status":"completed"})");
}

BOOST_AUTO_TEST_CASE(a_job_always_has_a_scheduler_id_and_lists_only_where_there_are_any) {
  core::job_row job;
  job.id.value = 2;
  job.workflow.value = 1;
  job.name = "b";
  job.command = "true";
  job.requirement.value = 3;
  job.input_file_ids.emplace();
  std::string out;
  json::write_job(out, job);
  BOOST_TEST(out ==
             R"({"id":2,"workflow_id":1,"name":"b","command":"true","status":"uninitialized",)"
             R"("cancel_on_blocking_job_failure":true,"supports_termination":false,)"
             R"("resource_requirements_id":3,"scheduler_id":null,"attempt_id":1})");
  job.depends_on_job_ids = {1};
  job.scheduler.value = 5;
  job.failure_handler.value = 6;
  job.priority = 9;
  job.labels = core::make_labels({"w\"", "gpu"}).value();
  job.env = core::to_env({{"A", "1"}});
  job.invocation_script = "bash x.sh";
  out.clear();
  json::write_job(out, job);
  BOOST_TEST(out == R"({"id":2,"workflow_id":1,"name":"b","command":"true",)"
                    R"("invocation_script":"bash x.sh","status":"uninitialized",)"
                    R"("cancel_on_blocking_job_failure":true,"supports_termination":false,)"
                    R"("depends_on_job_ids":[1],"resource_requirements_id":3,"scheduler_id":5,)"
                    R"("failure_handler_id":6,"attempt_id":1,"priority":9,)"
                    R"("labels":["gpu","w\""],"env":{"A":"1"}})");
}

BOOST_AUTO_TEST_CASE(a_job_is_read_with_its_lists_and_without_what_the_server_sets) {
  json::members scratch;
  const auto job = json::read_job(
      R"({"id":77,"workflow_id":1,"name":"b","command":"x","status":"running","attempt_id":4,)"
      R"("depends_on_job_ids":[1, 2],"input_file_ids":null,"scheduler_id":null,"priority":-3,)"
      R"("labels":["b","a","b"],"env":{"B":"x","A":"\u00e4"}})",
      {}, scratch);
  BOOST_REQUIRE(job.ok());
  BOOST_TEST(job->id.value == 0);
  BOOST_TEST((job->status == core::job_status::uninitialized));
  BOOST_TEST(job->attempt_id == 1);
  BOOST_TEST((job->depends_on_job_ids == std::vector<int64_t>{1, 2}));
  BOOST_TEST(!job->input_file_ids);
  BOOST_TEST(job->priority == -3);
  BOOST_TEST(core::joined(job->labels) == "a,b");
  BOOST_TEST(job->env->text == "{\"A\":\"\xc3\xa4\",\"B\":\"x\"}");
}

BOOST_AUTO_TEST_CASE(complaints_name_the_field_and_what_was_found) {
  BOOST_TEST(complaint<core::workflow_row>(R"({"user":"u"})") == "missing field `name`");
  BOOST_TEST(complaint<core::workflow_row>(R"({"name":1,"user":"u"})") ==
             "name: found a number (1), expected a string without NUL characters");
  BOOST_TEST(complaint<core::workflow_row>(R"({"name":null,"user":"u"})") ==
             "name: found null, expected a string without NUL characters");
  BOOST_TEST(complaint<core::workflow_row>(R"({"name":"a\u0000b","user":"u"})") ==
             "name: found a string, expected a string without NUL characters");
  BOOST_TEST(complaint<core::workflow_row>(R"([])") == "found a list, expected an object");
  BOOST_TEST(complaint<core::file_row>(R"({"workflow_id":1.5,"name":"f","path":"p"})") ==
             "workflow_id: found a number (1.5), expected an integer of 64 bits");
  BOOST_TEST(
      complaint<core::file_row>(R"({"workflow_id":9223372036854775808,"name":"f","path":"p"})") ==
      "workflow_id: found a number (9223372036854775808), expected an integer of 64 bits");
}

BOOST_AUTO_TEST_CASE(json_is_taken_where_a_text_of_json_is_kept) {
  const auto row = json::read<core::workflow_row>(
      R"({"name":"w","user":"u","metadata":{"a": [1]},"slurm_defaults":"{}"})");
  BOOST_REQUIRE(row.ok());
  BOOST_TEST(*row->metadata == R"({"a": [1]})");
  BOOST_TEST(*row->slurm_defaults == "{}");
  BOOST_TEST(complaint<core::workflow_row>(R"({"name":"w","user":"u","metadata":1})") != "");
  BOOST_TEST(complaint<core::workflow_row>(R"({"name":{},"user":"u"})") != "");
}

BOOST_AUTO_TEST_CASE(optional_nulls_are_absent_and_required_json_may_be_null) {
  const auto file =
      json::read<core::file_row>(R"({"workflow_id":1,"name":"f","path":"p","st_mtime":null})");
  BOOST_REQUIRE(file.ok());
  BOOST_TEST(!file->mtime);
  const auto event = json::read<core::event_row>(R"({"workflow_id":1,"data":null})");
  BOOST_REQUIRE(event.ok());
  BOOST_TEST(event->data.text == "null");
  const auto data = json::read<core::user_data_row>(R"({"workflow_id":1,"name":"d","data":null})");
  BOOST_REQUIRE(data.ok());
  BOOST_TEST(!data->data);
}

BOOST_AUTO_TEST_CASE(unknown_keys_are_reported_and_bounded) {
  json::unknown_keys unknown;
  BOOST_TEST(json::read<core::file_row>(
                 R"({"workflow_id":1,"name":"f","path":"p","x":{"name":1},"id":9,"y":2})",
                 {&unknown, false})
                 .ok());
  BOOST_TEST((unknown.names() == std::vector<std::string>{"x", "y"}));
  std::string many = R"({"workflow_id":1,"name":"f","path":"p")";
  for (int i = 0; i < 100; ++i)
    many += ",\"k" + std::to_string(i) + "\":0";
  json::unknown_keys some;
  BOOST_TEST(json::read<core::file_row>(many + "}", {&some, false}).ok());
  BOOST_TEST(some.names().size() == json::unknown_keys::limit);
}

BOOST_AUTO_TEST_CASE(a_list_of_jobs_names_the_position_of_what_is_wrong) {
  const auto jobs = json::read_jobs(
      R"({"jobs":[{"workflow_id":1,"name":"a","command":"x"},{"workflow_id":1,"name":"b"}]})", {});
  BOOST_REQUIRE(!jobs.ok());
  BOOST_TEST(jobs.why().message == "jobs[1]: missing field `command`");
  BOOST_TEST(json::read_jobs(R"({"jobs":{}})", {}).why().message ==
             "jobs: found an object, expected a list");
}

BOOST_AUTO_TEST_SUITE_END()

BOOST_AUTO_TEST_SUITE(json_text)

BOOST_AUTO_TEST_CASE(strings_are_escaped_and_unescaped) {
  std::string out;
  json::put(out, std::string_view("a\"b\\c\n\t\x01/é"));
  BOOST_TEST(out == R"("a\"b\\c\n\t\u0001/é")");
  BOOST_REQUIRE(json::check(out).ok());
  BOOST_TEST(json::as_string(out).value() == "a\"b\\c\n\t\x01/é");
  BOOST_TEST(json::as_string(R"("\u00e9\ud83d\ude00\/")").value() == "é😀/");
}

BOOST_AUTO_TEST_CASE(numbers_are_exact) {
  std::string out;
  json::put(out, int64_t{-9223372036854775807 - 1});
  BOOST_TEST(json::as_integer(out).value() == -9223372036854775807 - 1);
  out.clear();
  json::put(out, 0.1);
  BOOST_TEST(out == "0.1");
  BOOST_TEST(json::as_double("1e3").value() == 1000.0);
  BOOST_TEST(!json::as_integer("1e3"));
  BOOST_TEST(json::as_integer("-10.00").value() == -10);
  for (const auto* none : {"1.5", "1.01", "1.0e3"})
    BOOST_TEST(!json::as_integer(none), none);
}

BOOST_AUTO_TEST_CASE(what_is_no_json_is_refused_with_its_place) {
  for (const std::string_view bad :
       {"{", "{\"a\":}", "[1,]", "{'a':1}", "nul", "\"\xff\"", "\"\\ud800\"", "{} {}", "\"a", "01",
        "\"\x01\"", "{\"a\" 1}", "", "   "})
    BOOST_TEST(!json::check(bad).ok(), bad);
  const auto wrong = json::check("{\"a\":1,\n  x}");
  BOOST_REQUIRE(!wrong.ok());
  BOOST_TEST(wrong.why().message.find("at line 2 column 3") != std::string::npos);
  BOOST_TEST(json::check(std::string(100, '[') + std::string(100, ']')).ok());
  BOOST_TEST(!json::check(std::string(100'000, '[')).ok());
}

BOOST_AUTO_TEST_CASE(members_are_cut_at_their_own_brackets) {
  json::members m;
  m.assign(R"( { "a" : [1, {"b":"]}"}] , "\u0063" : "x\"," , "d":{}, "a":2 } )");
  BOOST_TEST(m.take("a").value() == "2");
  BOOST_TEST(m.take("c").value() == R"("x\",")");
  BOOST_TEST((m.left() == std::vector<std::string>{"d"}));
  std::vector<std::string> items;
  json::elements(R"([ 1,"a]" ,[2,[3]], {"x":[4]},null ])", [&](std::string_view item) {
    items.emplace_back(item);
    return true;
  });
  BOOST_TEST((items == std::vector<std::string>{"1", "\"a]\"", "[2,[3]]", "{\"x\":[4]}", "null"}));
}

BOOST_AUTO_TEST_SUITE_END()
