#pragma once

#include <compare>
#include <cstdint>
#include <functional>

namespace torc::core {

/// A row id that cannot be mixed up with another table's: 0 means "none".
template <class Tag>
struct id {
  int64_t value = 0;

  constexpr id() = default;
  constexpr explicit id(int64_t v) : value(v) {}
  constexpr explicit operator bool() const { return value != 0; }
  constexpr auto operator<=>(const id&) const = default;
};

using workflow_id = id<struct workflow_tag>;
using job_id = id<struct job_tag>;
using requirement_id = id<struct requirement_tag>;
using file_id = id<struct file_tag>;
using user_data_id = id<struct user_data_tag>;
using handler_id = id<struct handler_tag>;
using scheduler_id = id<struct scheduler_tag>;
using node_id = id<struct node_tag>;
using result_id = id<struct result_tag>;
using event_id = id<struct event_tag>;
using action_id = id<struct action_tag>;

/// One permission to run one attempt of one job. Never reused in the life of a database.
using grant_id = id<struct grant_tag>;

/// A runner process as the collector knows it; drawn by the server, never reused.
using runner_id = id<struct runner_tag>;

/// A caller that waits in the collector for the answer to its claim, report or control.
using ticket_id = id<struct ticket_tag>;

} // namespace torc::core

template <class Tag>
struct std::hash<torc::core::id<Tag>> {
  size_t operator()(torc::core::id<Tag> i) const noexcept { return std::hash<int64_t>{}(i.value); }
};
