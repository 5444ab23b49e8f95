#include "core/occupancy.hpp"

#include <algorithm>

namespace torc::core {

bool occupancy::has_room(const wire::order& o) const {
  if (slots_ > 0)
    return jobs_ < slots_;
  if (jobs_ == 0)
    return true;
  auto spread = std::max(1, o.num_nodes);
  return num_cpus_ + o.num_cpus * spread <= room_.num_cpus * nodes() &&
         num_gpus_ + o.num_gpus * spread <= room_.num_gpus * nodes() &&
         memory_bytes_ + o.memory_bytes * spread <= room_.memory_bytes * nodes() &&
         (spread == 1 || whole_nodes_ + spread <= nodes());
}

double occupancy::idle_share() const {
  auto all = slots_ > 0 ? slots_ : room_.num_cpus * nodes();
  auto busy = slots_ > 0 ? jobs_ : num_cpus_;
  return all > 0 ? static_cast<double>(std::max(0, all - busy)) / all : 0;
}

void occupancy::add(const wire::order& o, int sign) {
  auto spread = std::max(1, o.num_nodes);
  jobs_ += sign;
  num_cpus_ += sign * o.num_cpus * spread;
  num_gpus_ += sign * o.num_gpus * spread;
  memory_bytes_ += sign * o.memory_bytes * spread;
  if (spread > 1)
    whole_nodes_ += sign * spread;
}

} // namespace torc::core
