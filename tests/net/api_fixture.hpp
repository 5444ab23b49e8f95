#pragma once

#include "tests/net/running_server.hpp"

#include <boost/test/unit_test.hpp>

/// A server with workflow 1, whose status says run 3.
struct with_workflow : running_server {
  with_workflow() {
    auto& w = rows.workflows[1];
    w.id.value = 1;
    w.name = "w";
    w.user = "u";
    rows.statuses[1].id.value = 1;
    rows.statuses[1].run_id = 3;
  }
  torc::core::job_row& job(int64_t id) {
    auto& j = rows.jobs[id];
    j.id.value = id;
    j.workflow.value = 1;
    j.name = "j" + std::to_string(id);
    j.command = "true";
    j.requirement.value = 1;
    return j;
  }
  void check(std::string_view method, std::string_view target, std::string body, int status,
             std::string_view reply) {
    const auto got = ask(method, target, std::move(body));
    BOOST_TEST(got.status == status, method << " " << target << ": " << got.body);
    BOOST_TEST(got.body == reply, method << " " << target);
  }
  template <class T>
  const T& only_edit() {
    BOOST_REQUIRE_EQUAL(house.edits.size(), 1u);
    return std::get<T>(house.edits.front());
  }
  template <class T>
  const T& last_control() {
    BOOST_REQUIRE(!house.controls.empty());
    return std::get<T>(house.controls.back());
  }
};
