#pragma once

#include "core/turn.hpp"

#include <memory>

namespace torc::core {

/// Places ready jobs on offers. The claim broker's brain.
///
/// Ready jobs wait by user, workflow, class (needs and labels, priority, scheduler), then in
/// release order. A runner serves one workflow or all of one user; of those, the one with the
/// fewest open grants goes first, so that a workflow with 1,000,000 ready jobs cannot starve one
/// with 10. Within a workflow: priority first, then the order of its sort method. A CAF runner is a
/// standing offer: first every runner's free room is filled, spread over the runners, then their
/// prefill. When nothing is ready and a runner has free room while another holds prefilled orders,
/// some are recalled. An HTTP offer is served at once, with nothing if nothing is ready.
///
/// Cost: a grant is O(log users + log workflows + classes of that workflow).
class matcher {
public:
  struct outcome {
    std::vector<grant> grants; ///< `run` is left 0
    std::vector<recall> recalls;
  };

  /// @param first_grant grant ids are drawn from here upwards, and must be larger than any used
  /// before.
  explicit matcher(int64_t first_grant);

  /// Frees what ended, takes in what is ready, places what fits.
  outcome apply(const releases& r);

  /// Rebuilds after a restart: takes the ready jobs of `a` in and places nothing.
  void restore(const admission& a);

  /// Ready jobs waiting, all workflows together.
  size_t waiting() const;
  void sanity_check() const;

  ~matcher();
  matcher(matcher&&) noexcept;
  matcher& operator=(matcher&&) noexcept;

private:
  struct state;
  std::unique_ptr<state> state_;
};

} // namespace torc::core
