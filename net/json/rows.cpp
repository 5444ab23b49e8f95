#include "net/json/rows.hpp"

#include "core/access_rows.hpp"

#include "net/json/fields.hpp"

namespace torc::net::json {

namespace {

core::error malformed(std::string message) {
  return core::refuse(core::refusal::malformed, std::move(message));
}

template <class T>
bool get_any(members& from, std::string_view name, T& to, std::string& problem) {
  if (!problem.empty())
    return false;
  const auto slice = from.take(name);
  if (!slice || kind_of(*slice) == kind::null)
    return true;
  problem = take(*slice, to);
  if (!problem.empty())
    problem = std::string(name) + ": " + problem;
  return problem.empty();
}

/// Columns that hold JSON in a text, for which torc 1.0's clients send the JSON itself.
bool may_be_json(std::string_view name) {
  return name == "metadata" || name == "resource_monitor_config" || name == "slurm_defaults" ||
         name == "execution_config";
}

template <class T>
std::string take_text_or_json(std::string_view name, std::string_view slice, T& to) {
  const auto is = kind_of(slice);
  if constexpr (std::is_same_v<T, std::string> || std::is_same_v<T, std::optional<std::string>>)
    if (may_be_json(name) && (is == kind::object || is == kind::array)) {
      to = std::string(slice);
      return {};
    }
  return take(slice, to);
}

template <class Row>
void read_fields(members& body, Row& row, const reading& how, std::string& problem) {
  Row::fields(row, [&](std::string_view name, auto& member, core::field kind) {
    const auto slice = body.take(name);
    if (kind == core::field::assigned || !problem.empty())
      return;
    using member_type = std::remove_reference_t<decltype(member)>;
    constexpr bool holds_null = std::is_same_v<member_type, core::json_text>;
    const bool is_null = slice && kind_of(*slice) == json::kind::null && !holds_null;
    const bool is_needed =
        kind == core::field::required && !(how.without_workflow && name == "workflow_id");
    if (!slice || (is_null && !is_needed)) {
      if (is_needed)
        problem = "missing field `" + std::string(name) + "`";
      return;
    }
    problem = take_text_or_json(name, *slice, member);
    if (!problem.empty())
      problem = std::string(name) + ": " + problem;
  });
}

} // namespace

void unknown_keys::add(const members& m, std::string_view prefix) {
  for (auto& key : m.left()) {
    if (names_.size() >= limit)
      return;
    names_.push_back(std::string(prefix) + key.substr(0, 64));
  }
}

core::result<core::nothing> open(std::string_view slice, members& into) {
  if (kind_of(slice) != kind::object)
    return malformed(unexpected(slice, "an object"));
  into.assign(slice);
  return core::nothing{};
}

bool get(members& from, std::string_view name, int64_t& to, std::string& problem) {
  return get_any(from, name, to, problem);
}
bool get(members& from, std::string_view name, double& to, std::string& problem) {
  return get_any(from, name, to, problem);
}
bool get(members& from, std::string_view name, bool& to, std::string& problem) {
  return get_any(from, name, to, problem);
}
bool get(members& from, std::string_view name, std::string& to, std::string& problem) {
  return get_any(from, name, to, problem);
}
bool get(members& from, std::string_view name, core::label_set& to, std::string& problem) {
  return get_any(from, name, to, problem);
}
bool get(members& from, std::string_view name, std::optional<int64_t>& to, std::string& problem) {
  return get_any(from, name, to, problem);
}
bool get(members& from, std::string_view name, std::optional<std::string>& to,
         std::string& problem) {
  return get_any(from, name, to, problem);
}

template <class Row>
void write(std::string& out, const Row& row) {
  object o(out);
  Row::fields(row, [&](std::string_view name, const auto& member, core::field) {
    using member_type = std::remove_cvref_t<decltype(member)>;
    if constexpr (is_optional<member_type>::value) {
      if (member)
        put(o.key(name), *member);
    } else {
      put(o.key(name), member);
    }
  });
  o.close();
}

template <class Row>
core::result<Row> read(std::string_view slice, const reading& how) {
  members body;
  if (auto opened = open(slice, body); !opened)
    return opened.why();
  Row row;
  std::string problem;
  read_fields(body, row, how, problem);
  if (!problem.empty())
    return malformed(std::move(problem));
  if (how.unknown)
    how.unknown->add(body);
  return row;
}

#define TORC_ROW(row)                                                                              \
  template void write(std::string&, const core::row&);                                             \
  template core::result<core::row> read(std::string_view, const reading&);

TORC_ROW(workflow_row)
TORC_ROW(workflow_status_row)
TORC_ROW(requirement_row)
TORC_ROW(result_row)
TORC_ROW(compute_node_row)
TORC_ROW(scheduled_compute_node_row)
TORC_ROW(file_row)
TORC_ROW(user_data_row)
TORC_ROW(event_row)
TORC_ROW(failure_handler_row)
TORC_ROW(slurm_scheduler_row)
TORC_ROW(local_scheduler_row)
TORC_ROW(action_row)
TORC_ROW(ro_crate_entity_row)
TORC_ROW(slurm_stats_row)
TORC_ROW(access_group_row)
TORC_ROW(membership_row)
TORC_ROW(share_row)

#undef TORC_ROW

} // namespace torc::net::json
