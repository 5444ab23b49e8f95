#include "fixture.hpp"

using namespace torc;
using namespace torc::test;
using core::refusal;

namespace {

struct groups : disk {
  core::workflow_id w = workflow();

  core::group_id group(const std::string& name) {
    core::create_group e;
    e.row.name = name;
    e.row.created_at = "2026-01-31 12:00:00";
    return core::group_id{edit(e).ids.at(0)};
  }
  core::add_member member(core::group_id g, const std::string& user) const {
    core::add_member e;
    e.row.group = g;
    e.row.user_name = user;
    e.row.created_at = "2026-01-31 12:00:00";
    return e;
  }
  core::share_workflow shared_with(core::group_id g) const { return {{w, g, "then"}}; }
};

} // namespace

BOOST_FIXTURE_TEST_SUITE(access_groups, groups)

BOOST_AUTO_TEST_CASE(members_of_a_group_may_see_what_is_shared_with_it) {
  const auto g = group("team");
  BOOST_TEST(read->may_access(w, "ada"));
  edit(member(g, "bob"));
  BOOST_TEST(!read->may_access(w, "bob"));
  core::workflow_filter seen;
  seen.visible_to = "bob";
  BOOST_TEST(read->workflows(seen).total == 0);
  edit(shared_with(g));
  BOOST_TEST(read->may_access(w, "bob"));
  BOOST_TEST(read->workflows(seen).total == 1);
  BOOST_TEST(read->owner_of("workflow", w.value)->value == w.value);
  BOOST_TEST(!read->owner_of("file", 99).has_value());
  BOOST_TEST(!read->may_access(w, "eve"));
  edit(core::remove_member{g, "bob"});
  BOOST_TEST(!read->may_access(w, "bob"));
  edit(member(g, "bob"));
  edit(core::unshare_workflow{w, g});
  BOOST_TEST(!read->may_access(w, "bob"));
}

BOOST_AUTO_TEST_CASE(groups_members_and_shares_are_listed_in_pages) {
  const auto b = group("b"), a = group("a");
  for (const char* user : {"zoe", "bob", "kim"})
    edit(member(b, user));
  edit(member(a, "bob"));
  edit(shared_with(b));
  edit(shared_with(a));
  BOOST_TEST(read->groups({}).items.at(0).name == "b");
  BOOST_TEST(read->groups_of_user("bob", {}).items.at(0).name == "a");
  BOOST_TEST(read->groups_of_user("bob", {}).total == 2);
  BOOST_TEST(read->groups_of_workflow(w, {}).total == 2);
  core::page second;
  second.offset = 1;
  second.limit = 1;
  const auto page = read->members(b, second);
  BOOST_TEST(page.total == 3);
  BOOST_REQUIRE_EQUAL(page.items.size(), 1u);
  BOOST_TEST(page.items[0].user_name == "kim");
  BOOST_TEST(page.items[0].role == "member");
  BOOST_TEST(read->group(a)->created_at.value() == "2026-01-31 12:00:00");
  BOOST_TEST(read->membership(b, "zoe").has_value());
  BOOST_TEST(read->share(w, a).has_value());
}

BOOST_AUTO_TEST_CASE(what_is_there_already_and_what_is_not_there_is_refused) {
  const auto g = group("team");
  core::create_group again;
  again.row.name = "team";
  refused(again, refusal::conflict);
  edit(member(g, "bob"));
  refused(member(g, "bob"), refusal::conflict);
  refused(member(core::group_id{99}, "bob"), refusal::not_found);
  edit(shared_with(g));
  refused(shared_with(g), refusal::conflict);
  refused(shared_with(core::group_id{99}), refusal::not_found);
  refused(core::share_workflow{{core::workflow_id{99}, g, {}}}, refusal::not_found);
  refused(core::remove_group{core::group_id{99}}, refusal::not_found);
  refused(core::remove_member{g, "eve"}, refusal::not_found);
  refused(core::unshare_workflow{core::workflow_id{99}, g}, refusal::not_found);
}

BOOST_AUTO_TEST_CASE(a_deleted_group_leaves_nothing) {
  const auto g = group("team");
  edit(member(g, "bob"));
  edit(shared_with(g));
  edit(core::remove_group{g});
  auto n = rows();
  for (const char* table : {"access_group", "user_group_membership", "workflow_access_group"})
    BOOST_TEST(n[table] == 0, table);
}

BOOST_AUTO_TEST_CASE(remote_workers_are_a_set) {
  BOOST_TEST(edit(core::add_remote_workers{w, {"b", "a", "b"}}).count == 2);
  BOOST_TEST(read->remote_workers(w) == (std::vector<std::string>{"a", "b"}));
  edit(core::remove_remote_worker{w, "b"});
  refused(core::remove_remote_worker{w, "b"}, refusal::not_found);
  refused(core::add_remote_workers{core::workflow_id{99}, {"x"}}, refusal::not_found);
  BOOST_TEST(read->remote_workers(w) == std::vector<std::string>{"a"});
}

BOOST_AUTO_TEST_SUITE_END()
