#pragma once

#include "storage/statement.hpp"

#include <map>
#include <string>

namespace torc::storage {

/// Draws row ids, which are never reused. In memory while a group is open; `save` writes what
/// moved. A refused edit leaves a gap.
class counters {
public:
  explicit counters(database& db);

  /// The first of `count` fresh ids in one run.
  int64_t draw(std::string_view table, int64_t count = 1);
  void save();

private:
  struct counter {
    int64_t next = 1;
    bool moved = false;
  };
  counter& of(std::string_view table);

  database& db_;
  statement save_;
  std::map<std::string, counter, std::less<>> all_;
};

} // namespace torc::storage
