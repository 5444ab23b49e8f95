#include "net/api/once_keeper.hpp"
#include "tests/net/api_fixture.hpp"

#include <future>
#include <thread>

using namespace torc;

namespace {

constexpr const char* body = R"({"workflow_id":1,"name":"f","path":"/f"})";

/// Calls under a key; the fake house remembers what it was given, the fake database nothing.
struct keyed : with_workflow {
  net::client::answer call(std::string_view method, std::string_view target, std::string with,
                           const std::string& key = "k1") {
    auto c = connect();
    const auto reply = c.request(method, target, std::move(with), {{"Idempotency-Key", key}});
    BOOST_REQUIRE_MESSAGE(reply, (reply ? "" : reply.why().message));
    return *reply;
  }
  net::client::answer create(const std::string& key = "k1") {
    return call("POST", "/files", body, key);
  }
  /// Has the database remember the call whose key came first.
  core::kept_call& remembered() {
    auto& kept = rows.kept[{house.keys.front().caller, house.keys.front().key}];
    kept.fingerprint = house.keys.front().fingerprint;
    return kept;
  }
};

} // namespace

BOOST_FIXTURE_TEST_SUITE(calls_under_a_key, keyed)

BOOST_AUTO_TEST_CASE(change_something_under_it_and_keep_their_answer_before_it_is_told) {
  const auto got = create();
  BOOST_TEST(got.status == 200);
  BOOST_REQUIRE_EQUAL(house.keys.size(), 1u);
  BOOST_TEST(house.keys[0].key == "k1");
  BOOST_TEST(house.keys[0].caller == "");
  BOOST_TEST(house.keys[0].step == 0);
  BOOST_TEST(house.keys[0].fingerprint.size() == 64u);
  BOOST_REQUIRE_EQUAL(house.edits.size(), 2u);
  const auto& kept = std::get<core::keep_answer>(house.edits[1]);
  BOOST_TEST(kept.answer.status == 200);
  BOOST_TEST(kept.answer.type == "application/json");
  BOOST_TEST(kept.answer.body == got.body);
  BOOST_TEST(kept.call.key == "k1");
}

BOOST_AUTO_TEST_CASE(are_answered_as_before_without_being_made_again) {
  create();
  remembered().answer = {201, "application/json", R"({"id":7})"};
  house.edits.clear();
  const auto again = create();
  BOOST_TEST(again.status == 201);
  BOOST_TEST(again.body == R"({"id":7})");
  BOOST_TEST(house.edits.empty());
}

BOOST_AUTO_TEST_CASE(say_that_an_answer_is_a_repetition) {
  create();
  remembered().answer = {200, "application/json", "{}"};
  raw_connection c(port());
  c.send("POST /torc-service/v1/files HTTP/1.1\r\nhost: x\r\nidempotency-key: k1\r\n"
         "connection: close\r\ncontent-length: " +
         std::to_string(std::string_view(body).size()) + "\r\n\r\n" + body);
  const auto got = c.read_all();
  BOOST_TEST(got.find("Idempotent-Replayed: true\r\n") != got.npos, got);
}

BOOST_AUTO_TEST_CASE(have_their_answer_made_from_what_they_did_where_that_was_all_that_was_kept) {
  create();
  remembered().effects[0] = {{90}, 1};
  house.edits.clear();
  const auto again = create();
  BOOST_TEST(again.body == R"({"id":90,"workflow_id":1,"name":"f","path":"/f"})");
  BOOST_REQUIRE_EQUAL(house.edits.size(), 1u);
  BOOST_TEST(std::holds_alternative<core::keep_answer>(house.edits[0]));
}

BOOST_AUTO_TEST_CASE(with_another_body_path_query_or_method_are_refused) {
  create();
  remembered().answer = {200, "application/json", "{}"};
  house.edits.clear();
  BOOST_TEST(call("PUT", "/files", body).status == 405); // there is no such route
  BOOST_TEST(call("POST", "/nowhere", body).status == 404);
  for (const auto& got : {call("POST", "/files", R"({"workflow_id":1,"name":"g","path":"/f"})"),
                          call("POST", "/files?a=b", body), call("POST", "/user_data", body),
                          call("PUT", "/files/1", body)})
    BOOST_TEST(got.status == 422, got.body);
  BOOST_TEST(house.edits.empty());
}

BOOST_AUTO_TEST_CASE(of_two_keys_are_two) {
  create("a");
  create("b");
  BOOST_TEST(house.edits.size() == 4u);
  BOOST_TEST(house.keys[1].key == "b");
}

BOOST_AUTO_TEST_CASE(that_are_refused_are_not_kept) {
  house.edited = core::refuse(core::refusal::conflict, "taken");
  BOOST_TEST(create().status == 409);
  BOOST_TEST(house.edits.size() == 1u);
  BOOST_TEST(call("POST", "/files", "{", "k2").status == 400);
  BOOST_TEST(house.edits.size() == 1u);
}

BOOST_AUTO_TEST_CASE(go_one_after_another) {
  house.hold = true;
  auto first = std::async(std::launch::async, [&] { return create(); });
  // The worker and the socket thread work it off until the house has it.
  const auto held = [&] {
    size_t count = 0;
    on_socket_thread([&] { count = house.held.size(); });
    return count;
  };
  while (held() < 1)
    std::this_thread::yield();
  auto second = std::async(std::launch::async, [&] { return create(); });
  std::vector<std::function<void()>> answers;
  on_socket_thread([&] { answers.swap(house.held); });
  on_socket_thread([&] { answers.front()(); }); // its answer is to be kept now
  while (held() < 1)
    std::this_thread::yield();
  on_socket_thread([&] {
    auto& kept = remembered();
    const auto& keep = std::get<core::keep_answer>(house.edits.back());
    kept.answer = keep.answer;
    answers.swap(house.held);
    answers.front()();
  });
  BOOST_TEST(first.get().body == second.get().body);
  BOOST_TEST(house.edits.size() == 2u);
}

BOOST_AUTO_TEST_CASE(that_take_something_away_have_their_answer_foretold) {
  auto& f = rows.files[5];
  f.id.value = 5;
  f.workflow.value = 1;
  f.name = "f";
  f.path = "/f";
  const auto got = call("DELETE", "/files/5", "");
  BOOST_TEST(got.status == 200);
  BOOST_TEST(house.keys.at(0).foretold.status == 200);
  BOOST_TEST(house.keys.at(0).foretold.body == got.body);
}

BOOST_AUTO_TEST_CASE(of_several_steps_count_them) {
  rows.facts.emplace();
  rows.facts->workflow.value = 1;
  BOOST_TEST(call("POST", "/workflows/1/initialize_jobs", "").status == 200);
  BOOST_REQUIRE_EQUAL(house.keys.size(), 3u); // claims are taken back, it begins, it is admitted
  for (int32_t i = 0; i < 3; ++i)
    BOOST_TEST(house.keys[static_cast<size_t>(i)].step == i);
}

BOOST_AUTO_TEST_CASE(need_a_key_of_some_printable_characters) {
  for (const auto& key : {std::string(net::api::once_keeper::longest_key + 1, 'x'), std::string(),
                          std::string("a b"), std::string("\x80")})
    BOOST_TEST(create(key).status == 400, key);
  BOOST_TEST(house.edits.empty());
  BOOST_TEST(create(std::string(net::api::once_keeper::longest_key, 'x')).status == 200);
}

BOOST_AUTO_TEST_CASE(and_those_without_one_or_that_only_ask_leave_no_trace) {
  BOOST_TEST(ask("POST", "/files", body).status == 200);
  BOOST_TEST(call("GET", "/workflows/1", "").status == 200);
  BOOST_TEST(house.edits.size() == 1u);
  BOOST_TEST(house.keys.empty());
}

BOOST_AUTO_TEST_SUITE_END()
