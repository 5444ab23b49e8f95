#pragma once

#include "cli/run/progress_view.hpp"

#include <cstdint>
#include <deque>
#include <string>
#include <vector>

namespace torc::cli {

/// Jobs per second over the last few seconds, for one stage each and for all.
class rates {
public:
  /// @param now_us a steady clock
  void add(const progress_view& p, int64_t now_us);
  /// Of stage `i`; 0 until two samples are known.
  double of_stage(size_t i) const;
  double of_all() const;

private:
  struct sample {
    int64_t at_us = 0;
    std::vector<int64_t> done;
    int64_t all = 0;
  };
  double per_second(int64_t jobs, int64_t us) const;
  std::deque<sample> samples_;
};

/// The block that a person watches: one line a stage, no line wider than `columns`, at most `rows`
/// lines. Where there are more stages than rows, finished and waiting ones share a line.
std::vector<std::string> draw_live(const progress_view& p, const rates& r, size_t columns,
                                   size_t rows);

/// The same in one line, for a log.
std::string draw_plain(const progress_view& p, const rates& r);

/// "0:07", "12:34", "3:12:55".
std::string clock_text(int64_t seconds);
/// "12,345".
std::string grouped(int64_t n);

} // namespace torc::cli
