#include "storage/access.hpp"

namespace torc::storage {

using core::edited;
using core::refusal;
using core::refuse;

namespace {

core::error no_group(core::group_id g) {
  return refuse(refusal::not_found, "there is no access group " + std::to_string(g.value));
}
core::error no_workflow(core::workflow_id w) {
  return refuse(refusal::not_found, "there is no workflow " + std::to_string(w.value));
}
bool is_group(writer& w, core::group_id g) {
  return statement{w.db, "SELECT 1 FROM access_group WHERE id = ?1"}.any(g);
}

} // namespace

core::result<edited> write_access(writer& w, const core::create_group& e) {
  const auto id = w.ids.draw(core::access_group_row::table);
  if (!statement{w.db, "INSERT INTO access_group (id, name, description, created_at) "
                       "VALUES (?1, ?2, ?3, ?4)"}
           .try_run(id, e.row.name, e.row.description, e.row.created_at.value_or("")))
    return refuse(refusal::conflict, "there is an access group \"" + e.row.name + "\" already");
  return edited{{id}, 1};
}

core::result<edited> write_access(writer& w, const core::remove_group& e) {
  if (!is_group(w, e.group))
    return no_group(e.group);
  for (const auto* sql : {"DELETE FROM user_group_membership WHERE group_id = ?1",
                          "DELETE FROM workflow_access_group WHERE group_id = ?1",
                          "DELETE FROM access_group WHERE id = ?1"})
    statement{w.db, sql}.run(e.group);
  return edited{{}, 1};
}

core::result<edited> write_access(writer& w, const core::add_member& e) {
  if (!is_group(w, e.row.group))
    return no_group(e.row.group);
  const auto id = w.ids.draw(core::membership_row::table);
  if (!statement{w.db, "INSERT INTO user_group_membership (id, user_name, group_id, role, "
                       "created_at) VALUES (?1, ?2, ?3, ?4, ?5)"}
           .try_run(id, e.row.user_name, e.row.group, e.row.role, e.row.created_at.value_or("")))
    return refuse(refusal::conflict, e.row.user_name + " is a member of access group " +
                                         std::to_string(e.row.group.value) + " already");
  return edited{{id}, 1};
}

core::result<edited> write_access(writer& w, const core::remove_member& e) {
  if (statement{w.db, "DELETE FROM user_group_membership WHERE group_id = ?1 AND user_name = ?2"}
          .run(e.group, e.user_name) == 0)
    return refuse(refusal::not_found,
                  e.user_name + " is no member of access group " + std::to_string(e.group.value));
  return edited{{}, 1};
}

core::result<edited> write_access(writer& w, const core::share_workflow& e) {
  if (!is_group(w, e.row.group))
    return no_group(e.row.group);
  if (!w.exists(e.row.workflow))
    return no_workflow(e.row.workflow);
  if (!statement{w.db, "INSERT INTO workflow_access_group (workflow_id, group_id, created_at) "
                       "VALUES (?1, ?2, ?3)"}
           .try_run(e.row.workflow, e.row.group, e.row.created_at.value_or("")))
    return refuse(refusal::conflict, "access group " + std::to_string(e.row.group.value) +
                                         " has workflow " + std::to_string(e.row.workflow.value) +
                                         " already");
  return edited{{}, 1};
}

core::result<edited> write_access(writer& w, const core::unshare_workflow& e) {
  if (statement{w.db, "DELETE FROM workflow_access_group WHERE workflow_id = ?1 "
                      "AND group_id = ?2"}
          .run(e.workflow, e.group) == 0)
    return refuse(refusal::not_found, "workflow " + std::to_string(e.workflow.value) +
                                          " is not shared with access group " +
                                          std::to_string(e.group.value));
  return edited{{}, 1};
}

core::result<edited> write_access(writer& w, const core::add_remote_workers& e) {
  if (!w.exists(e.workflow))
    return no_workflow(e.workflow);
  statement add{w.db, "INSERT OR IGNORE INTO remote_worker (workflow_id, worker) VALUES (?1, ?2)"};
  int64_t n = 0;
  for (const auto& worker : e.workers)
    n += add.run(e.workflow, worker);
  return edited{{}, n};
}

core::result<edited> write_access(writer& w, const core::remove_remote_worker& e) {
  if (!w.exists(e.workflow))
    return no_workflow(e.workflow);
  if (statement{w.db, "DELETE FROM remote_worker WHERE workflow_id = ?1 AND worker = ?2"}.run(
          e.workflow, e.worker) == 0)
    return refuse(refusal::not_found, "workflow " + std::to_string(e.workflow.value) +
                                          " has no remote worker \"" + e.worker + "\"");
  return edited{{}, 1};
}

// Reads.

namespace {

template <class Row>
core::page_of<Row> page_of_rows(connection& c, const std::string& from, const condition& where,
                                const core::page& at, const std::string& order) {
  const selection what{column_list<Row>("t."), "FROM " + std::string{Row::table} + " AS t" + from,
                       order, ""};
  return read_page<Row>(c, what, where, at,
                        [](const statement::rows& r) { return read_row<Row>(r); });
}

} // namespace

std::optional<core::access_group_row> read_group(connection& c, core::group_id id) {
  condition where;
  where.add("t.id = ?", id.value);
  auto page = page_of_rows<core::access_group_row>(c, "", where, {}, "t.id%");
  return page.items.empty() ? std::nullopt : std::optional{page.items.front()};
}

core::page_of<core::access_group_row> read_groups(connection& c, const core::page& at) {
  return page_of_rows<core::access_group_row>(c, "", {}, at, "t.id%");
}

core::page_of<core::access_group_row> read_groups_of_user(connection& c, const std::string& user,
                                                          const core::page& at) {
  condition where;
  where.add("m.user_name = ?", user);
  return page_of_rows<core::access_group_row>(
      c, " JOIN user_group_membership AS m ON m.group_id = t.id", where, at, "t.name%");
}

core::page_of<core::access_group_row>
read_groups_of_workflow(connection& c, core::workflow_id workflow, const core::page& at) {
  condition where;
  where.add("m.workflow_id = ?", workflow.value);
  return page_of_rows<core::access_group_row>(
      c, " JOIN workflow_access_group AS m ON m.group_id = t.id", where, at, "t.name%");
}

std::optional<core::membership_row> read_membership(connection& c, core::group_id group,
                                                    const std::string& user) {
  condition where;
  where.add("t.group_id = ?", group.value).add("t.user_name = ?", user);
  auto page = page_of_rows<core::membership_row>(c, "", where, {}, "t.id%");
  return page.items.empty() ? std::nullopt : std::optional{page.items.front()};
}

core::page_of<core::membership_row> read_members(connection& c, core::group_id group,
                                                 const core::page& at) {
  condition where;
  where.add("t.group_id = ?", group.value);
  return page_of_rows<core::membership_row>(c, "", where, at, "t.user_name%");
}

std::optional<core::share_row> read_share(connection& c, core::workflow_id workflow,
                                          core::group_id group) {
  condition where;
  where.add("t.workflow_id = ?", workflow.value).add("t.group_id = ?", group.value);
  auto page = page_of_rows<core::share_row>(c, "", where, {}, "t.group_id%");
  return page.items.empty() ? std::nullopt : std::optional{page.items.front()};
}

bool may_access(connection& c, core::workflow_id workflow, const std::string& user) {
  return c
      .prepare("SELECT 1 FROM workflow WHERE id = ?1 AND user = ?2 UNION ALL "
               "SELECT 1 FROM workflow_access_group AS s JOIN user_group_membership AS m "
               "ON m.group_id = s.group_id WHERE s.workflow_id = ?1 AND m.user_name = ?2")
      .any(workflow, user);
}

std::vector<std::string> read_remote_workers(connection& c, core::workflow_id workflow) {
  std::vector<std::string> all;
  auto& s = c.prepare("SELECT worker FROM remote_worker WHERE workflow_id = ?1 ORDER BY worker");
  for (auto r = s.query(workflow); r.next();)
    all.push_back(r.get<std::string>(0));
  return all;
}

} // namespace torc::storage
