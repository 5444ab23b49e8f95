#pragma once

#include "core/turn.hpp"

#include <cstdint>
#include <deque>
#include <functional>
#include <set>
#include <string_view>
#include <unordered_set>
#include <vector>

namespace torc::core {

/// In which order jobs of one priority are taken, as torc names it: `gpus_runtime_memory`,
/// `gpus_memory_runtime`, anything else in the order of their release.
enum class sort_order : uint8_t { released, gpus_runtime_memory, gpus_memory_runtime };
sort_order sort_order_from(std::string_view method);

/// The ready jobs of one workflow: a queue for each class, 16 bytes a job.
class ready_queue {
public:
  ready_queue() = default;
  ready_queue(std::vector<job_class> classes, sort_order order);

  size_t size() const { return size_; }
  bool empty() const { return size_ == 0; }
  sort_order order() const { return order_; }
  const job_class& class_at(uint32_t index) const { return classes_[index]; }

  /// @pre j.job_class < the number of classes; the job is not in the queue
  void push_back(const ready_job& j);
  /// For a job that had been granted before: it goes first.
  void push_front(const ready_job& j);

  /// The class to take from next: of those that `fits` the one of highest priority, then first in
  /// `by`. no_class when none fits. O(classes that have jobs).
  static constexpr uint32_t no_class = UINT32_MAX;
  uint32_t pick(sort_order by, const std::function<bool(const job_class&)>& fits) const;
  /// @pre the class has a job
  ready_job pop(workflow_id w, uint32_t index);

  /// Adds or changes a class. @pre index <= the number of classes
  void set_class(uint32_t index, const job_class& kind);
  /// The same jobs need something else.
  void amend(const amended_needs& what);
  /// Puts the job, if it is here, where its new class is; its turn stays.
  void move_to(uint32_t index, job_id j);
  /// All that is here, class by class.
  std::vector<ready_job> contents(workflow_id w) const;

  /// Takes jobs out wherever they are, and their ids out of `jobs`. O(size), once for all of
  /// `jobs`.
  void withdraw(std::unordered_set<job_id>& jobs);

  /// Ends the process where counts and queues differ. For tests.
  void sanity_check() const;

private:
  struct entry {
    job_id job;
    int32_t attempt = 1;
    uint32_t turn = 0; ///< place in the order of release, 0 for what goes first
  };
  bool before(uint32_t a, uint32_t b, sort_order by) const;
  void rank();

  std::vector<job_class> classes_;
  std::vector<std::deque<entry>> queues_; ///< one for each class
  std::vector<uint32_t> rank_;            ///< of a class by priority and `order_`
  std::vector<uint32_t> by_rank_;
  std::set<uint32_t> waiting_; ///< ranks of the classes that have jobs
  sort_order order_ = sort_order::released;
  uint32_t next_turn_ = 1;
  size_t size_ = 0;
};

} // namespace torc::core
