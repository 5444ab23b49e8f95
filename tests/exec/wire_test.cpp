#include "exec/wire.hpp"

#include <boost/test/unit_test.hpp>

#include <string>

using namespace torc::exec;
using outcome = wire::frame_reader::outcome;

BOOST_AUTO_TEST_SUITE(wire_frames)

BOOST_AUTO_TEST_CASE(frames_survive_being_cut_at_any_byte) {
  job_command job{7, "echo x", stdio_mode::combined, "o", "e", {"A=1", "B="}, "/tmp"};
  std::string bytes;
  wire::append(bytes, wire::command{job});
  wire::append(bytes, wire::command{wire::signal_job{7, 15}});
  wire::append(bytes, wire::command{wire::signal_all{9}});
  for (size_t cut = 0; cut <= bytes.size(); ++cut) {
    wire::frame_reader reader;
    int frames = 0;
    wire::command next;
    for (const auto& part : {bytes.substr(0, cut), bytes.substr(cut)}) {
      reader.add(part);
      while (reader.next(next) == outcome::frame) {
        if (++frames == 1) {
          const auto& read = std::get<job_command>(next);
          BOOST_CHECK_EQUAL(read.tag, job.tag);
          BOOST_CHECK_EQUAL(read.command, job.command);
          BOOST_CHECK(read.stdio == job.stdio);
          BOOST_CHECK(read.env_add == job.env_add);
          BOOST_CHECK_EQUAL(read.cwd, job.cwd);
        }
      }
    }
    BOOST_CHECK_EQUAL(frames, 3);
    BOOST_CHECK_EQUAL(std::get<wire::signal_all>(next).number, 9);
  }
}

BOOST_AUTO_TEST_CASE(an_exit_keeps_all_its_fields) {
  job_exit end{1, 137, true, 2, 3, 4, 5, 6, false, "why"};
  std::string bytes;
  wire::append(bytes, wire::event{end});
  wire::frame_reader reader;
  reader.add(bytes);
  wire::event next;
  BOOST_REQUIRE(reader.next(next) == outcome::frame);
  const auto& read = std::get<job_exit>(next);
  BOOST_CHECK(read.tag == 1 && read.return_code == 137 && read.signaled && read.start_us == 2);
  BOOST_CHECK(read.end_us == 3 && read.user_us == 4 && read.sys_us == 5);
  BOOST_CHECK(read.max_rss_bytes == 6 && !read.spawn_failed && read.why == "why");
  BOOST_CHECK(reader.next(next) == outcome::incomplete);
}

BOOST_AUTO_TEST_CASE(garbage_is_broken_and_not_waited_for) {
  const auto reads = [](const std::string& bytes) {
    wire::frame_reader reader;
    reader.add(bytes);
    wire::command next;
    return reader.next(next);
  };
  BOOST_CHECK(reads(std::string(4, '\0')) == outcome::broken);           // an empty frame
  BOOST_CHECK(reads(std::string(4, '\xff')) == outcome::broken);         // 4 GiB
  BOOST_CHECK(reads({1, 0, 0, 0, 99}) == outcome::broken);               // no such kind
  BOOST_CHECK(reads({2, 0, 0, 0, 2, 0}) == outcome::broken);             // cut inside a number
  BOOST_CHECK(reads({6, 0, 0, 0, 2, 9, 0, 0, 0, 0}) == outcome::broken); // one byte too many
  BOOST_CHECK(reads({5, 0, 0, 0, 2, 9, 0, 0, 0}) == outcome::frame);
}

BOOST_AUTO_TEST_SUITE_END()
