#include "storage/counters.hpp"

#include <algorithm>

namespace torc::storage {

counters::counters(database& db)
    : db_(db), save_(db, "INSERT INTO counter (name, next) VALUES (?1, ?2) "
                         "ON CONFLICT (name) DO UPDATE SET next = excluded.next") {
  statement all{db, "SELECT name, next FROM counter"};
  for (auto r = all.query(); r.next();)
    all_[r.get<std::string>(0)].next = r.get<int64_t>(1);
}

counters::counter& counters::of(std::string_view table) {
  if (auto it = all_.find(table); it != all_.end())
    return it->second;
  return all_.emplace(std::string{table}, counter{}).first->second;
}

int64_t counters::draw(std::string_view table, int64_t count) {
  auto& c = of(table);
  const auto first = c.next;
  c.next += count;
  c.moved = true;
  return first;
}

void counters::save() {
  for (auto& [name, c] : all_)
    if (std::exchange(c.moved, false))
      save_.run(name, c.next);
}

} // namespace torc::storage
