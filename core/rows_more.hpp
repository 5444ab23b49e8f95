#pragma once

#include "core/rows.hpp"
#include "core/scheduler_rows.hpp"

/// The rows that hang on a workflow and that no room ever holds.
namespace torc::core {

struct file_row {
  static constexpr std::string_view table = "file";
  file_id id;
  workflow_id workflow;
  std::string name;
  std::string path;
  std::optional<double>
      mtime; ///< seconds since 1970; st_mtime in JSON, which sys/stat.h has as a macro

  template <class Self, class F>
  static void fields(Self& s, F&& f) {
    f("id", s.id, field::assigned);
    f("workflow_id", s.workflow, field::required);
    f("name", s.name, field::required);
    f("path", s.path, field::required);
    f("st_mtime", s.mtime, field::optional);
  }
};

struct user_data_row {
  static constexpr std::string_view table = "user_data";
  user_data_id id;
  workflow_id workflow;
  std::optional<bool> is_ephemeral;
  std::string name;
  std::optional<json_text> data;

  template <class Self, class F>
  static void fields(Self& s, F&& f) {
    f("id", s.id, field::assigned);
    f("workflow_id", s.workflow, field::required);
    f("is_ephemeral", s.is_ephemeral, field::optional);
    f("name", s.name, field::required);
    f("data", s.data, field::optional);
  }
};

struct event_row {
  static constexpr std::string_view table = "event";
  event_id id;
  workflow_id workflow;
  int64_t timestamp = 0; ///< milliseconds since 1970, set by the server
  json_text data;

  template <class Self, class F>
  static void fields(Self& s, F&& f) {
    f("id", s.id, field::assigned);
    f("workflow_id", s.workflow, field::required);
    f("timestamp", s.timestamp, field::assigned);
    f("data", s.data, field::required);
  }
};

struct failure_handler_row {
  static constexpr std::string_view table = "failure_handler";
  handler_id id;
  workflow_id workflow;
  std::string name;
  std::string rules; ///< a JSON list of rules, in a string

  template <class Self, class F>
  static void fields(Self& s, F&& f) {
    f("id", s.id, field::assigned);
    f("workflow_id", s.workflow, field::required);
    f("name", s.name, field::required);
    f("rules", s.rules, field::required);
  }
};

struct action_row {
  static constexpr std::string_view table = "workflow_action";
  action_id id;
  workflow_id workflow;
  std::string trigger_type;
  std::string action_type;
  json_text action_config;
  std::optional<std::vector<int64_t>> job_ids;
  int64_t trigger_count = 0; ///< computed from statuses at each read, never stored
  int64_t required_triggers = 1;
  bool executed = false;
  std::optional<std::string> executed_at;
  std::optional<int64_t> executed_by;
  bool persistent = false;
  bool is_recovery = false;

  template <class Self, class F>
  static void fields(Self& s, F&& f) {
    f("id", s.id, field::assigned);
    f("workflow_id", s.workflow, field::assigned);
    f("trigger_type", s.trigger_type, field::required);
    f("action_type", s.action_type, field::required);
    f("action_config", s.action_config, field::required);
    f("job_ids", s.job_ids, field::optional);
    f("trigger_count", s.trigger_count, field::assigned);
    f("required_triggers", s.required_triggers, field::assigned);
    f("executed", s.executed, field::assigned);
    f("executed_at", s.executed_at, field::assigned);
    f("executed_by", s.executed_by, field::assigned);
    f("persistent", s.persistent, field::optional);
    f("is_recovery", s.is_recovery, field::optional);
  }
};

struct ro_crate_entity_row {
  static constexpr std::string_view table = "ro_crate_entity";
  core::id<struct ro_crate_tag> id;
  workflow_id workflow;
  std::optional<int64_t> file_id;
  std::string entity_id;
  std::string entity_type;
  std::string metadata; ///< JSON in a string

  template <class Self, class F>
  static void fields(Self& s, F&& f) {
    f("id", s.id, field::assigned);
    f("workflow_id", s.workflow, field::required);
    f("file_id", s.file_id, field::optional);
    f("entity_id", s.entity_id, field::required);
    f("entity_type", s.entity_type, field::required);
    f("metadata", s.metadata, field::required);
  }
};

} // namespace torc::core
