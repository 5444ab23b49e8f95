#include "cli/run/live_view.hpp"

#include "cli/print/table.hpp"

#include <algorithm>
#include <cmath>
#include <cstdio>
#include <utility>

namespace torc::cli {

namespace {

constexpr int64_t rate_window_us = 5'000'000;

bool is_done(const stage_view& s) {
  return s.total > 0 && s.done() >= s.total;
}
bool is_waiting(const stage_view& s) {
  return s.done() + s.running + s.pending + s.ready == 0;
}

std::string rate_text(double per_second) {
  if (per_second <= 0)
    return "";
  if (per_second >= 10)
    return grouped(std::llround(per_second)) + " jobs/s";
  char text[32];
  std::snprintf(text, sizeof text, "%.1f jobs/s", per_second);
  return text;
}

std::string left_text(const stage_view& s, double per_second) {
  const auto missing = s.total - s.done();
  if (missing <= 0 || per_second <= 0)
    return "";
  const double seconds = std::ceil(static_cast<double>(missing) / per_second);
  constexpr double longest = 1e8; // three years: not worth a number
  return seconds > longest ? "" : clock_text(static_cast<int64_t>(seconds)) + " left";
}

std::string bar(const stage_view& s, size_t width) {
  const auto full = s.total <= 0 ? 0
                                 : static_cast<size_t>(static_cast<double>(width) *
                                                       static_cast<double>(s.done()) /
                                                       static_cast<double>(s.total));
  std::string b;
  for (size_t i = 0; i < width; ++i)
    b += i < full ? "█" : "░";
  return b;
}

/// What there is to say of a stage, the most telling first.
std::vector<std::string> parts_of(const stage_view& s, double per_second) {
  std::vector<std::string> parts = {grouped(s.done()) + "/" + grouped(s.total)};
  for (const auto& [status, count] :
       {std::pair{"running", s.running}, std::pair{"pending", s.pending},
        std::pair{"failed", s.failed}, std::pair{"terminated", s.terminated},
        std::pair{"canceled", s.canceled}, std::pair{"pending_failed", s.pending_failed},
        std::pair{"ready", s.ready}})
    if (count > 0)
      parts.push_back(std::string(status) + " " + grouped(count));
  if (auto rate = rate_text(per_second); !rate.empty() && !is_done(s))
    parts.push_back(rate);
  if (auto left = left_text(s, per_second); !left.empty())
    parts.push_back(left);
  return parts;
}

std::string joined(std::string text, const std::vector<std::string>& parts) {
  for (const auto& part : parts)
    text += "  " + part;
  return text;
}

/// One line, with a bar where there is room for it.
std::string line(const std::string& name, const stage_view& s, double per_second, size_t columns) {
  constexpr size_t bar_width = 16, wide = 72;
  const auto head = columns < wide ? name : name + "  " + bar(s, bar_width);
  return clipped(joined(head, parts_of(s, per_second)), columns);
}

std::string stages_text(size_t first, size_t last) {
  if (first == last)
    return "stage " + std::to_string(first + 1);
  return "stages " + std::to_string(first + 1) + "-" + std::to_string(last + 1);
}

stage_view together(const progress_view& p, size_t first, size_t last) {
  progress_view part;
  part.stages.assign(p.stages.begin() + static_cast<std::ptrdiff_t>(first),
                     p.stages.begin() + static_cast<std::ptrdiff_t>(last) + 1);
  return part.sum();
}

} // namespace

void rates::add(const progress_view& p, int64_t now_us) {
  sample s;
  s.at_us = now_us;
  for (const auto& stage : p.stages)
    s.done.push_back(stage.done());
  s.all = p.sum().done();
  if (!samples_.empty() && samples_.back().done.size() != s.done.size())
    samples_.clear();
  samples_.push_back(std::move(s));
  while (samples_.size() > 2 && now_us - samples_[1].at_us >= rate_window_us)
    samples_.pop_front();
}

double rates::per_second(int64_t jobs, int64_t us) const {
  return us <= 0 || jobs <= 0 ? 0 : static_cast<double>(jobs) * 1e6 / static_cast<double>(us);
}

double rates::of_stage(size_t i) const {
  if (samples_.size() < 2 || i >= samples_.back().done.size())
    return 0;
  return per_second(samples_.back().done[i] - samples_.front().done[i],
                    samples_.back().at_us - samples_.front().at_us);
}

double rates::of_all() const {
  if (samples_.size() < 2)
    return 0;
  return per_second(samples_.back().all - samples_.front().all,
                    samples_.back().at_us - samples_.front().at_us);
}

std::vector<std::string> draw_live(const progress_view& p, const rates& r, size_t columns,
                                   size_t rows) {
  std::vector<std::string> lines;
  if (p.stages.empty() || rows == 0 || columns == 0)
    return lines;
  const auto total = line("all", p.sum(), r.of_all(), columns);
  if (p.stages.size() == 1 || rows == 1)
    return {total};
  const size_t room = rows - 1;
  const size_t digits = std::to_string(p.stages.size()).size();
  const auto one = [&](size_t i) {
    auto number = std::to_string(i + 1);
    number.insert(0, digits - number.size(), ' ');
    return line("stage " + number, p.stages[i], r.of_stage(i), columns);
  };
  if (p.stages.size() <= room) {
    for (size_t i = 0; i < p.stages.size(); ++i)
      lines.push_back(one(i));
    lines.push_back(total);
    return lines;
  }
  // Finished stages at the top and waiting ones at the bottom share a line each.
  size_t first = 0;
  while (first < p.stages.size() && is_done(p.stages[first]))
    ++first;
  size_t last = p.stages.size();
  while (last > first && is_waiting(p.stages[last - 1]))
    --last;
  const size_t shared = (first > 0 ? 1 : 0) + (last < p.stages.size() ? 1 : 0);
  if (room < shared + 1)
    return {total};
  if (first > 0)
    lines.push_back(clipped(stages_text(0, first - 1) + " done", columns));
  const size_t shown = std::min(last - first, room - shared);
  const bool too_many = shown < last - first;
  for (size_t i = first; i < first + shown - (too_many ? 1 : 0); ++i)
    lines.push_back(one(i));
  if (too_many)
    lines.push_back(line(stages_text(first + shown - 1, last - 1),
                         together(p, first + shown - 1, last - 1), 0, columns));
  if (last < p.stages.size())
    lines.push_back(clipped(stages_text(last, p.stages.size() - 1) + " waiting", columns));
  lines.push_back(total);
  return lines;
}

std::string draw_plain(const progress_view& p, const rates& r) {
  const auto all = p.sum();
  std::string stage;
  for (size_t i = 0; i < p.stages.size(); ++i)
    if (!is_done(p.stages[i])) {
      stage = "stage " + std::to_string(i + 1) + "/" + std::to_string(p.stages.size());
      break;
    }
  return joined(stage.empty() ? "all stages" : stage, parts_of(all, r.of_all()));
}

std::string clock_text(int64_t seconds) {
  char text[48];
  if (seconds >= 3600)
    std::snprintf(text, sizeof text, "%lld:%02lld:%02lld", static_cast<long long>(seconds / 3600),
                  static_cast<long long>(seconds / 60 % 60), static_cast<long long>(seconds % 60));
  else
    std::snprintf(text, sizeof text, "%lld:%02lld", static_cast<long long>(seconds / 60),
                  static_cast<long long>(seconds % 60));
  return text;
}

std::string grouped(int64_t n) {
  auto digits = std::to_string(n);
  const size_t sign = n < 0 ? 1 : 0;
  for (size_t i = digits.size(); i > sign + 3;) {
    i -= 3;
    digits.insert(i, ",");
  }
  return digits;
}

} // namespace torc::cli
