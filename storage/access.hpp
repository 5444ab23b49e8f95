#pragma once

#include "storage/queries.hpp"
#include "storage/writer.hpp"

/// Access groups, the workflows that are shared with them, and remote workers: written and read.
namespace torc::storage {

core::result<core::edited> write_access(writer& w, const core::create_group& e);
core::result<core::edited> write_access(writer& w, const core::remove_group& e);
core::result<core::edited> write_access(writer& w, const core::add_member& e);
core::result<core::edited> write_access(writer& w, const core::remove_member& e);
core::result<core::edited> write_access(writer& w, const core::share_workflow& e);
core::result<core::edited> write_access(writer& w, const core::unshare_workflow& e);
core::result<core::edited> write_access(writer& w, const core::add_remote_workers& e);
core::result<core::edited> write_access(writer& w, const core::remove_remote_worker& e);

std::optional<core::access_group_row> read_group(connection& c, core::group_id id);
core::page_of<core::access_group_row> read_groups(connection& c, const core::page& at);
core::page_of<core::access_group_row> read_groups_of_user(connection& c, const std::string& user,
                                                          const core::page& at);
core::page_of<core::access_group_row>
read_groups_of_workflow(connection& c, core::workflow_id workflow, const core::page& at);
std::optional<core::membership_row> read_membership(connection& c, core::group_id group,
                                                    const std::string& user);
core::page_of<core::membership_row> read_members(connection& c, core::group_id group,
                                                 const core::page& at);
std::optional<core::share_row> read_share(connection& c, core::workflow_id workflow,
                                          core::group_id group);
bool may_access(connection& c, core::workflow_id workflow, const std::string& user);
std::vector<std::string> read_remote_workers(connection& c, core::workflow_id workflow);

} // namespace torc::storage
