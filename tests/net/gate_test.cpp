#include "fake_reader.hpp"
#include "net/api/ownership.hpp"
#include "net/password_file.hpp"

#include <boost/test/unit_test.hpp>

#include <cstdlib>
#include <filesystem>
#include <fstream>

using namespace torc;
using net::api::wanted_by;

namespace {

net::request request_for(std::string method, const std::string& path, std::string body = {},
                         net::query_pairs query = {}) {
  net::request in;
  in.method = std::move(method);
  in.path = std::string(net::base_path) + path;
  in.body = std::move(body);
  in.query = std::move(query);
  return in;
}

/// Workflow 1 is ada's, row 5 of every table belongs to it.
struct with_rows {
  fakes::rows rows;
  fakes::fake_reader reader{rows};
  with_rows() {
    rows.workflows[1].user = "ada";
    rows.owners[1] = core::workflow_id{1};
    rows.owners[5] = core::workflow_id{1};
  }
  bool may(const net::request& in, const std::string& user) {
    return !net::api::why_not(reader, wanted_by(in), user).has_value();
  }
};

struct with_file {
  std::string folder = (std::filesystem::temp_directory_path() / "torc_gate_XXXXXX").string();
  std::string path;
  with_file() {
    BOOST_REQUIRE(mkdtemp(folder.data()));
    path = folder + "/users";
  }
  ~with_file() { std::filesystem::remove_all(folder); }
  net::password_file must(const std::string& text) const {
    std::ofstream(path) << text;
    auto file = net::password_file::read(path);
    BOOST_REQUIRE_MESSAGE(file.ok(), (file ? "" : file.why().message));
    return *file;
  }
  std::string why(const std::string& text) const {
    std::ofstream(path) << text;
    const auto file = net::password_file::read(path);
    return file ? "" : file.why().message;
  }
};

} // namespace

BOOST_AUTO_TEST_SUITE(doorkeeper)

BOOST_FIXTURE_TEST_CASE(what_hangs_on_a_workflow_is_its_owners, with_rows) {
  for (const auto& in :
       {request_for("GET", "/workflows/1"), request_for("PUT", "/workflows/1/cancel"),
        request_for("POST", "/submissions/1/close"), request_for("GET", "/access_check/1/bob"),
        request_for("GET", "/jobs/5"), request_for("PUT", "/jobs/5/start_job/1/1"),
        request_for("DELETE", "/files/5"), request_for("GET", "/slurm_schedulers/5"),
        request_for("GET", "/jobs", {}, {{"workflow_id", "1"}}),
        request_for("DELETE", "/events", {}, {{"workflow_id", "1"}}),
        request_for("POST", "/files", R"({"name":"f","workflow_id":1})"),
        request_for("POST", "/bulk_jobs", R"({"jobs":[{"workflow_id":1}]})")}) {
    BOOST_TEST(may(in, "ada"), in.path);
    BOOST_TEST(!may(in, "bob"), in.path);
  }
}

BOOST_FIXTURE_TEST_CASE(what_does_not_exist_or_is_nobodys_is_left_to_the_handler, with_rows) {
  for (const auto& in : {request_for("GET", "/workflows/9"), request_for("GET", "/jobs/9"),
                         request_for("GET", "/jobs"), request_for("POST", "/workflows", "{}"),
                         request_for("GET", "/workflows"), request_for("POST", "/files", "no JSON"),
                         request_for("GET", "/access_groups"), request_for("GET", "/server_stats"),
                         request_for("POST", "/bulk_jobs", R"({"jobs":[]})")})
    BOOST_TEST(may(in, "bob"), in.path);
}

BOOST_FIXTURE_TEST_CASE(groups_and_the_server_are_the_admins, with_rows) {
  for (const auto& in :
       {request_for("POST", "/access_groups", "{}"), request_for("DELETE", "/access_groups/1"),
        request_for("POST", "/access_groups/1/members", "{}"),
        request_for("POST", "/admin/reload-auth")})
    BOOST_TEST(!may(in, "ada"), in.path);
  BOOST_TEST(net::api::is_public(request_for("GET", "/ping")));
  BOOST_TEST(!net::api::is_public(request_for("GET", "/workflows")));
}

BOOST_FIXTURE_TEST_CASE(a_password_is_right_for_its_user_only, with_file) {
  const auto file =
      must("# "
           "people\nada:$2b$04$abcdefghijklmnopqrstuurEfAndIY3RbOMkDYHQKNUSj60Us18cO\r\n\nbob:$2b$"
           "04$abcdefghijklmnopqrstuu0m4FNu/b0Ul0dVXpD5yXn5kdSneXCgS\n");
  BOOST_TEST(file.users() == 2u);
  BOOST_TEST(file.verify("ada", "opens sesame"));
  BOOST_TEST(!file.verify("ada", "second"));
  BOOST_TEST(file.verify("bob", "second"));
  BOOST_TEST(!file.verify("eve", "opens sesame"));
  BOOST_TEST(!must("").verify("ada", ""));
}

BOOST_FIXTURE_TEST_CASE(a_file_with_anything_but_bcrypt_is_refused_by_line, with_file) {
  BOOST_TEST(why("ada:$2b$04$abcdefghijklmnopqrstuurEfAndIY3RbOMkDYHQKNUSj60Us18cO\nbob:plain\n")
                 .find("users:2") != std::string::npos);
  BOOST_TEST(why("no colon\n").find("users:1") != std::string::npos);
  BOOST_TEST(why(":x\n").find("users:1") != std::string::npos);
  const auto refusal = [](const std::string& file) {
    const auto read = net::password_file::read(file);
    return read ? "" : read.why().message;
  };
  BOOST_TEST(refusal(folder + "/none").ends_with("/none: No such file or directory"));
  BOOST_TEST(refusal(folder).ends_with(folder + ": Is a directory"), refusal(folder));
}

BOOST_AUTO_TEST_SUITE_END()
