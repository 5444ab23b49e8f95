#pragma once

#include "core/ids.hpp"
#include "core/workflow_rows.hpp"

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

/// Who may see what: groups of users, and the workflows that are shared with them. And, beside
/// them, the hosts that a workflow may use.
namespace torc::core {

using group_id = id<struct access_group_tag>;

struct access_group_row {
  static constexpr std::string_view table = "access_group";
  group_id id;
  std::string name; ///< unique
  std::optional<std::string> description;
  std::optional<std::string> created_at; ///< "2026-01-31 12:00:00", UTC

  template <class Self, class F>
  static void fields(Self& s, F&& f) {
    f("id", s.id, field::assigned);
    f("name", s.name, field::required);
    f("description", s.description, field::optional);
    f("created_at", s.created_at, field::assigned);
  }
};

struct membership_row {
  static constexpr std::string_view table = "user_group_membership";
  core::id<struct membership_tag> id;
  std::string user_name;
  group_id group;
  std::string role = "member"; ///< or "admin": may change the group's members
  std::optional<std::string> created_at;

  template <class Self, class F>
  static void fields(Self& s, F&& f) {
    f("id", s.id, field::assigned);
    f("user_name", s.user_name, field::required);
    f("group_id", s.group, field::required);
    f("role", s.role, field::optional);
    f("created_at", s.created_at, field::assigned);
  }
};

/// A workflow that the members of a group may see and change.
struct share_row {
  static constexpr std::string_view table = "workflow_access_group";
  workflow_id workflow;
  group_id group;
  std::optional<std::string> created_at;

  template <class Self, class F>
  static void fields(Self& s, F&& f) {
    f("workflow_id", s.workflow, field::required);
    f("group_id", s.group, field::required);
    f("created_at", s.created_at, field::assigned);
  }
};

struct create_group {
  access_group_row row;
};
/// With its members and shares.
struct remove_group {
  group_id group;
};
/// conflict for a member already.
struct add_member {
  membership_row row;
};
struct remove_member {
  group_id group;
  std::string user_name;
};
/// conflict where the group has it already.
struct share_workflow {
  share_row row;
};
struct unshare_workflow {
  workflow_id workflow;
  group_id group;
};

/// Adds hosts; those that are there already stay.
struct add_remote_workers {
  workflow_id workflow;
  std::vector<std::string> workers;
};
struct remove_remote_worker {
  workflow_id workflow;
  std::string worker;
};

} // namespace torc::core
