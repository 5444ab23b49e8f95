#include "cli/server/logging.hpp"

#include <boost/json.hpp>
#include <boost/test/unit_test.hpp>

#include <fcntl.h>
#include <unistd.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <string>
#include <vector>

namespace fs = std::filesystem;
using namespace torc::cli;

namespace {

/// A log in a folder of its own; what goes to stderr meanwhile goes nowhere.
struct logged {
  logged() {
    char name[] = "/tmp/torc-log-XXXXXX";
    folder = ::mkdtemp(name);
    const int nowhere = ::open("/dev/null", O_WRONLY);
    ::dup2(nowhere, STDERR_FILENO);
    ::close(nowhere);
  }
  ~logged() {
    ::dup2(before, STDERR_FILENO);
    ::close(before);
    fs::remove_all(folder);
  }
  void open(const std::string& filter, bool json = false) {
    server_settings s;
    s.log_filter = filter;
    s.log_dir = folder.string();
    s.json_logs = json;
    const auto opened = open_log(s);
    BOOST_REQUIRE(opened.ok());
  }
  std::vector<std::string> lines() const {
    std::ifstream in(folder / "torc-server.log");
    std::vector<std::string> out;
    for (std::string line; std::getline(in, line);)
      out.push_back(line);
    return out;
  }

  int before = ::dup(STDERR_FILENO);
  fs::path folder;
};

} // namespace

BOOST_AUTO_TEST_SUITE(a_log_filter)

BOOST_AUTO_TEST_CASE(is_a_level_for_everything) {
  BOOST_TEST((log_filter::parse("debug").level_of("torc_server") == log_level::debug));
  BOOST_TEST((log_filter::parse(" WARNING ").level_of("torc_server::x") == log_level::warn));
  BOOST_TEST((log_filter::parse("off").level_of("torc_server") == log_level::off));
}

BOOST_AUTO_TEST_CASE(is_info_where_nothing_is_said) {
  BOOST_TEST((log_filter::parse("").level_of("torc_server") == log_level::info));
  BOOST_TEST((log_filter::parse(" , ").level_of("torc_server") == log_level::info));
}

BOOST_AUTO_TEST_CASE(gives_single_targets_a_level_of_their_own) {
  const auto f = log_filter::parse("torc_server::house=trace,warn,torc_server=debug");
  BOOST_TEST((f.level_of("torc_server::house") == log_level::trace));
  BOOST_TEST((f.level_of("torc_server::house::door") == log_level::trace));
  BOOST_TEST((f.level_of("torc_server") == log_level::debug));
  BOOST_TEST((f.level_of("hyper") == log_level::warn));
}

BOOST_AUTO_TEST_CASE(holds_for_what_begins_with_the_target_and_errors_are_left_of_the_rest) {
  const auto f = log_filter::parse("torc=debug,quiet=off");
  BOOST_TEST((f.level_of("torc_server::timing") == log_level::debug));
  BOOST_TEST((f.level_of("quiet") == log_level::off));
  BOOST_TEST((f.level_of("hyper") == log_level::error));
}

BOOST_AUTO_TEST_CASE(believes_the_last_of_equal_directives) {
  const auto f = log_filter::parse("a=debug,info,a=warn,error");
  BOOST_TEST((f.level_of("a") == log_level::warn));
  BOOST_TEST((f.level_of("b") == log_level::error));
}

BOOST_AUTO_TEST_CASE(logs_a_target_without_a_level_wholly) {
  BOOST_TEST((log_filter::parse("torc_server").level_of("torc_server::x") == log_level::trace));
}

BOOST_AUTO_TEST_CASE(leaves_out_what_it_cannot_read_and_says_so) {
  const auto f = log_filter::parse("info,torc=loud,a b=debug,=warn,{x}");
  BOOST_TEST((f.level_of("torc_server") == log_level::info));
  const std::vector<std::string> ignored{"torc=loud", "a b=debug", "=warn", "{x}"};
  BOOST_TEST(f.ignored() == ignored, boost::test_tools::per_element());
}

BOOST_AUTO_TEST_SUITE_END()

BOOST_FIXTURE_TEST_SUITE(the_server_s_log, logged)

BOOST_AUTO_TEST_CASE(has_the_time_the_level_and_the_target_before_the_text) {
  open("info");
  log(log_level::warn, log_target::house, "a runner\nlied\x1b[2J");
  log(log_level::debug, log_target::house, "nobody asked");
  const auto all = lines();
  BOOST_TEST_REQUIRE(all.size() == 1U);
  BOOST_TEST(all[0].substr(10, 1) == "T");
  BOOST_TEST(all[0].ends_with("  WARN torc_server::house: a runner lied [2J"), all[0]);
}

BOOST_AUTO_TEST_CASE(lets_pass_what_the_filter_lets_pass) {
  open("error,torc_server::house=debug");
  BOOST_TEST(is_logged(log_level::debug, log_target::house));
  BOOST_TEST(!is_logged(log_level::info, log_target::server));
  log(log_level::debug, log_target::house, "one");
  log_line("two");
  log(log_level::error, log_target::server, "three");
  BOOST_TEST(lines().size() == 2U);
}

BOOST_AUTO_TEST_CASE(shows_a_span_by_its_name) {
  open("debug");
  log(log_level::debug, log_target::timing, "get_job{job_id=1}: close time.busy=1.0ms");
  BOOST_TEST(lines().at(0).ends_with(" DEBUG get_job{job_id=1}: close time.busy=1.0ms"));
}

BOOST_AUTO_TEST_CASE(is_one_json_object_a_line_where_that_was_asked_for) {
  open("info", true);
  log(log_level::info, log_target::server, "say \"hello\"\nto them");
  const auto line = boost::json::parse(lines().at(0)).as_object();
  BOOST_TEST(line.at("level").as_string() == "INFO");
  BOOST_TEST(line.at("target").as_string() == "torc_server");
  BOOST_TEST(line.at("message").as_string() == "say \"hello\"\nto them");
  BOOST_TEST(line.at("timestamp").as_string().size() == 24U);
}

BOOST_AUTO_TEST_CASE(begins_a_new_file_after_10_MiB_and_keeps_five_old_ones) {
  open("info");
  const std::string line(64 * 1024, 'x');
  for (int i = 0; i < 7 * 10 * 16; ++i)
    log_line(line);
  size_t files = 0;
  for (const auto& entry : fs::directory_iterator(folder)) {
    ++files;
    BOOST_TEST(entry.file_size() <= size_t{10} << 20);
  }
  BOOST_TEST(files == 6U);
}

BOOST_AUTO_TEST_CASE(refuses_a_folder_that_cannot_be_one) {
  std::ofstream(folder / "file") << "x";
  server_settings s;
  s.log_dir = (folder / "file").string();
  const auto opened = open_log(s);
  BOOST_REQUIRE(!opened.ok());
  BOOST_TEST(opened.why().message.find(s.log_dir) != std::string::npos);
}

BOOST_AUTO_TEST_SUITE_END()
