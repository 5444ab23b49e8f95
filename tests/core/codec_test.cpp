#include "core/codec.hpp"
#include "core/record_reader.hpp"

#include <boost/test/unit_test.hpp>

#include <limits>
#include <random>

using namespace torc::core;

namespace {

/// One message in three versions of the program.
struct inner_old {
  int64_t a = 1;
};
struct inner_new {
  int64_t a = 1;
  std::string b = "kept";
};
struct older {
  int32_t x = 1;
  std::vector<inner_old> list;
};
struct newer {
  int32_t x = 1;
  std::vector<inner_new> list;
  bool flag = true;
  int16_t y = 5;
};
template <class F>
void fields(F& f, inner_old& v) {
  f(v.a);
}
template <class F>
void fields(F& f, inner_new& v) {
  f(v.a, v.b);
}
template <class F>
void fields(F& f, older& v) {
  f(v.x, v.list);
}
template <class F>
void fields(F& f, newer& v) {
  f(v.x, v.list, v.flag, v.y);
}

struct numbers {
  int8_t a = 0;
  uint16_t b = 0;
  int64_t c = 0;
  uint64_t d = 0;
  bool e = false;
};
template <class F>
void fields(F& f, numbers& v) {
  f(v.a, v.b, v.c, v.d, v.e);
}

wire::report full_report() {
  auto r = wire::report{};
  r.runner = 12;
  r.seq = 99;
  for (int i = 0; i < 3; ++i) {
    r.started.push_back({1000 + i, i, 7, 2});
    r.started_us.push_back(1'700'000'000'000'000 + i);
    r.done.push_back({{2000 + i, i, 7, 2}, -9, 6, 5, 6, -1, 1 << 20});
  }
  r.returned = {1, -2, std::numeric_limits<int64_t>::min(), std::numeric_limits<int64_t>::max()};
  r.leaving = true;
  r.round_trip_us = 1234;
  return r;
}

wire::attach full_attach() {
  auto a = wire::attach{};
  a.instance = -77;
  a.token = std::string("\0bin\xff", 5);
  a.user = "ada";
  a.hostname = "node1";
  a.memory_bytes = int64_t{1} << 40;
  a.held = {{1, 2, 3, 4}, {5, 6, 7, 8}};
  a.unacked = full_report().done;
  return a;
}

} // namespace

BOOST_AUTO_TEST_SUITE(codec)

BOOST_AUTO_TEST_CASE(a_report_comes_back_as_it_was_sent) {
  auto r = full_report();
  auto back = decode<wire::report>(encode(r));
  BOOST_REQUIRE(back.ok());
  BOOST_TEST(back->runner == 12);
  BOOST_TEST(back->seq == 99);
  BOOST_REQUIRE(back->started.size() == 3u);
  BOOST_TEST(back->started[2].grant == 1002);
  BOOST_TEST(back->started_us == r.started_us, boost::test_tools::per_element());
  BOOST_TEST(back->done[1].return_code == -9);
  BOOST_TEST(int{back->done[1].status} == 6);
  BOOST_TEST(back->done[1].peak_memory_bytes == -1);
  BOOST_TEST(back->returned == r.returned, boost::test_tools::per_element());
  BOOST_TEST(back->leaving);
  BOOST_TEST(back->round_trip_us == 1234);
}

BOOST_AUTO_TEST_CASE(every_kind_of_message_encodes_to_the_same_bytes_again) {
  auto same = [](const auto& m) {
    using T = std::decay_t<decltype(m)>;
    auto back = open_sealed<T>(seal(m));
    return back.ok() && encode(*back) == encode(m);
  };
  BOOST_TEST(same(full_attach()));
  BOOST_TEST(same(full_report()));
  BOOST_TEST(same(wire::welcome{1, 5, "no", 3, 900000, {4, 5}}));
  BOOST_TEST(same(
      wire::run_jobs{{{{1, 2, 3, 4}, 5, "n", "echo hi", 2, 1, 1, 1 << 30, 60, {"A=1", "B="}}}}));
  BOOST_TEST(same(wire::revoke{{1, 2, 3}, true}));
  BOOST_TEST(same(wire::ack{-4}));
  BOOST_TEST(same(wire::finished{8, true}));
}

BOOST_AUTO_TEST_CASE(the_bytes_of_a_message_stay_what_they_were) {
  BOOST_TEST(encode(wire::ack{-1}) == std::string("\x01\x01"));
  BOOST_TEST(encode(wire::finished{150, true}) == std::string("\x03\xac\x02\x01"));
  BOOST_TEST(encode(wire::revoke{{1, 2}, false}) == std::string("\x04\x02\x02\x04\0", 5));
}

BOOST_AUTO_TEST_CASE(orders_of_a_server_that_knows_no_traces_are_read) {
  // run_jobs before its second field was appended: no orders.
  const auto older = decode<wire::run_jobs>(std::string("\x01\x00", 2));
  BOOST_REQUIRE(older.ok());
  BOOST_TEST(older->trace.bound == 0u);
  const auto back = decode<wire::run_jobs>(encode(wire::run_jobs{{}, {1, ~uint64_t{0}, 3}}));
  BOOST_REQUIRE(back.ok());
  BOOST_TEST(back->trace.low == ~uint64_t{0});
  BOOST_TEST(back->trace.bound == 3u);
}

BOOST_AUTO_TEST_CASE(the_ends_of_every_range_come_back) {
  auto ends = numbers{-128, 65535, std::numeric_limits<int64_t>::min(), ~uint64_t{0}, true};
  auto back = record::decode<numbers>(record::encode(ends));
  BOOST_REQUIRE(back.ok());
  BOOST_TEST(int{back->a} == -128);
  BOOST_TEST(back->b == 65535);
  BOOST_TEST(back->c == ends.c);
  BOOST_TEST(back->d == ends.d);
  BOOST_TEST(back->e);
}

BOOST_AUTO_TEST_CASE(a_number_out_of_its_range_is_malformed) {
  auto bytes = [](std::initializer_list<int> list) {
    auto s = std::string();
    for (auto b : list)
      s += static_cast<char>(b);
    return static_cast<char>(s.size()) + s;
  };
  BOOST_TEST(!record::decode<numbers>(bytes({0x80, 0x02})).ok());       // 128 as int8
  BOOST_TEST(!record::decode<numbers>(bytes({0, 0x80, 0x80, 4})).ok()); // 65536 as uint16
  BOOST_TEST(!record::decode<numbers>(bytes({0, 0, 0, 0, 2})).ok());    // 2 as bool
  BOOST_TEST(!record::decode<numbers>(
                  bytes({0, 0, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 2}))
                  .ok()); // over 64 bits
}

BOOST_AUTO_TEST_CASE(an_older_reader_skips_what_a_newer_writer_appended) {
  auto sent = newer{7, {{2, "two"}, {3, "three"}}, false, 9};
  auto got = record::decode<older>(record::encode(sent));
  BOOST_REQUIRE(got.ok());
  BOOST_TEST(got->x == 7);
  BOOST_REQUIRE(got->list.size() == 2u);
  BOOST_TEST(got->list[1].a == 3);
}

BOOST_AUTO_TEST_CASE(a_newer_reader_keeps_the_initial_values_of_what_an_older_writer_lacks) {
  auto got = record::decode<newer>(record::encode(older{7, {{2}, {3}}}));
  BOOST_REQUIRE(got.ok());
  BOOST_TEST(got->x == 7);
  BOOST_REQUIRE(got->list.size() == 2u);
  BOOST_TEST(got->list[1].a == 3);
  BOOST_TEST(got->list[1].b == "kept");
  BOOST_TEST(got->flag);
  BOOST_TEST(got->y == 5);
}

BOOST_AUTO_TEST_CASE(every_truncation_and_every_trailing_byte_is_malformed) {
  auto whole = encode(full_attach());
  for (size_t n = 0; n < whole.size(); ++n)
    BOOST_TEST(!decode<wire::attach>(std::string_view(whole).substr(0, n)).ok());
  BOOST_TEST(!decode<wire::attach>(whole + "x").ok());
}

BOOST_AUTO_TEST_CASE(a_count_or_length_that_the_bytes_cannot_hold_is_refused_without_allocating) {
  // revoke: a record of 5 bytes that announces 2^28 grants; run_jobs the same; a text of 4 GiB.
  BOOST_TEST(!decode<wire::revoke>(std::string("\x05\x80\x80\x80\x80\x01", 6)).ok());
  BOOST_TEST(!decode<wire::run_jobs>(std::string("\x05\xff\xff\xff\xff\x7f", 6)).ok());
  BOOST_TEST(!decode<wire::welcome>(std::string("\x07\x01\x02\xff\xff\xff\xff\x7f", 8)).ok());
  auto long_list = wire::revoke{};
  long_list.grants.resize(record::longest_list + 1);
  BOOST_TEST(!decode<wire::revoke>(encode(long_list)).ok());
  long_list.grants.pop_back();
  BOOST_TEST(decode<wire::revoke>(encode(long_list)).ok());
}

BOOST_AUTO_TEST_CASE(garbage_is_refused_or_read_but_never_harms) {
  auto dice = std::mt19937(5);
  size_t read = 0;
  for (int round = 0; round < 50'000; ++round) {
    auto bytes = std::string(dice() % 40, '\0');
    for (auto& b : bytes)
      b = static_cast<char>(dice() % 3 ? dice() % 8 : dice());
    if (!bytes.empty() && dice() % 2)
      bytes[0] = static_cast<char>(bytes.size() - 1); // a length that fits, to get further in
    read += decode<wire::attach>(bytes).ok();
    read += decode<wire::report>(bytes).ok();
    read += decode<wire::run_jobs>(bytes).ok();
    read += decode<wire::welcome>(bytes).ok();
  }
  BOOST_TEST(read > 0u); // else the dice never got past the first byte
}

BOOST_AUTO_TEST_CASE(a_message_with_one_flipped_bit_never_harms) {
  auto whole = encode(full_report());
  for (size_t at = 0; at < whole.size(); ++at)
    for (int bit = 0; bit < 8; ++bit) {
      auto bent = whole;
      bent[at] = static_cast<char>(bent[at] ^ (1 << bit));
      auto got = decode<wire::report>(bent);
      if (got)
        BOOST_TEST(encode(*got).size() <= whole.size() + 64u);
    }
}

BOOST_AUTO_TEST_CASE(an_envelope_of_another_kind_is_refused) {
  auto s = seal(wire::ack{3});
  BOOST_TEST(open_sealed<wire::ack>(s).ok());
  auto other = open_sealed<wire::finished>(s);
  BOOST_REQUIRE(!other.ok());
  BOOST_TEST((other.why().why == refusal::malformed));
}

BOOST_AUTO_TEST_CASE(only_attach_and_welcome_are_read_from_a_newer_program) {
  auto a = seal(wire::attach{});
  auto k = seal(wire::ack{});
  a.protocol = k.protocol = wire::protocol + 1;
  BOOST_TEST(open_sealed<wire::attach>(a).ok());
  BOOST_TEST(!open_sealed<wire::ack>(k).ok());
  a.protocol = wire::oldest_protocol - 1;
  BOOST_TEST(!open_sealed<wire::attach>(a).ok());
}

BOOST_AUTO_TEST_SUITE_END()
