#include "cli/tui/job_list.hpp"

#include "net/client.hpp"

#include <algorithm>

namespace torc::cli::tui {

namespace {

job_list::row read_row(const json::value& v) {
  job_list::row r;
  r.id = integer_member(v, "id");
  r.stage = integer_member(v, "stage");
  r.attempt = integer_member(v, "attempt_id");
  r.run = integer_member(v, "run_id");
  r.node = integer_member(v, "compute_node_id");
  r.name = text_member(v, "name");
  r.status = text_member(v, "status");
  r.completion_time = text_member(v, "completion_time");
  r.return_code = integer(member(v, "return_code"));
  r.memory_bytes = integer(member(v, "peak_memory_bytes"));
  r.minutes = number(member(v, "exec_time_minutes"));
  return r;
}

} // namespace

void cursor::move(int64_t by, size_t count, int rows) {
  if (count == 0) {
    *this = {};
    return;
  }
  const auto last = static_cast<int64_t>(count) - 1;
  selected = static_cast<size_t>(std::clamp<int64_t>(static_cast<int64_t>(selected) + by, 0, last));
  const auto seen = static_cast<size_t>(std::max(rows, 1));
  top = std::min(top, selected);
  if (selected >= top + seen)
    top = selected - seen + 1;
  // No empty rows at the end while there is something above.
  top = std::min(top, count > seen ? count - seen : 0);
}

std::string job_list::query() const {
  std::string q = "/job_window?limit=" + std::to_string(window);
  for (size_t at = 0; at < filter.value.size();) {
    const auto end = std::min(filter.value.find(',', at), filter.value.size());
    q += "&status=" + filter.value.substr(at, end - at);
    at = end + 1;
  }
  if (stage)
    q += "&stage=" + std::to_string(*stage);
  if (!search.empty())
    q += "&search=" + net::encode(search);
  if (order.value != "id")
    q += "&sort_by=" + order.value;
  if (reverse != backwards_)
    q += "&reverse_sort=true";
  if (anchor_ != 0)
    q += "&after=" + std::to_string(anchor_);
  return q;
}

void job_list::came(const json::value& page) {
  const auto* before = chosen();
  const auto id = before ? before->id : 0;
  const bool at_end = !before && backwards_;
  asked_ = false;
  known_ = true;
  rows_.clear();
  for (const auto& item : list_member(page, "items"))
    rows_.push_back(read_row(item));
  const bool has_more = bool_member(page, "has_more");
  has_after_ = backwards_ ? anchor_ != 0 : has_more;
  has_before_ = backwards_ ? has_more : anchor_ != 0;
  if (backwards_)
    std::reverse(rows_.begin(), rows_.end());
  const auto same =
      std::find_if(rows_.begin(), rows_.end(), [&](const row& r) { return r.id == id; });
  if (same != rows_.end()) {
    // It stays where it was on the screen.
    const auto down = where_.selected - where_.top;
    where_.selected = static_cast<size_t>(same - rows_.begin());
    where_.top = where_.selected - std::min(down, where_.selected);
  } else if (at_end && !rows_.empty()) {
    where_.selected = rows_.size() - 1;
    where_.top = where_.selected;
  }
  where_.selected = std::min(where_.selected, rows_.empty() ? 0 : rows_.size() - 1);
  where_.top = std::min(where_.top, where_.selected);
}

void job_list::begin(bool at_end) {
  rows_.clear();
  where_ = {};
  has_before_ = has_after_ = asked_ = known_ = false;
  anchor_ = 0;
  backwards_ = at_end;
}

/// The next stretch overlaps this one by half.
bool job_list::reach() {
  const auto edge = rows_.size() / 4;
  if (asked_ || rows_.size() < 4)
    return false;
  if (has_after_ && where_.selected + edge >= rows_.size()) {
    anchor_ = rows_[rows_.size() / 2 - 1].id;
    backwards_ = false;
  } else if (has_before_ && where_.selected < edge) {
    anchor_ = rows_[rows_.size() / 2].id;
    backwards_ = true;
  } else {
    return false;
  }
  return asked_ = true;
}

bool job_list::move(int64_t by, int rows) {
  where_.move(by, rows_.size(), rows);
  return reach();
}

bool job_list::home(int rows) {
  if (has_before_) {
    begin();
    return true;
  }
  where_.move(-static_cast<int64_t>(window), rows_.size(), rows);
  return false;
}

bool job_list::end(int rows) {
  if (has_after_) {
    begin(true);
    return true;
  }
  where_.move(static_cast<int64_t>(window), rows_.size(), rows);
  return false;
}

const job_list::row* job_list::chosen() const {
  return where_.selected < rows_.size() ? &rows_[where_.selected] : nullptr;
}

} // namespace torc::cli::tui
