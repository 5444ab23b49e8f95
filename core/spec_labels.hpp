#pragma once

#include "core/expanded.hpp"
#include "core/spec.hpp"
#include "core/sweep.hpp"

#include <span>
#include <utility>
#include <vector>

namespace torc::core {

/// The labels and environment of one entry of the spec's jobs, for each of its instances. Equal
/// ones, one after another, are kept once.
class spec_labels {
public:
  spec_labels(const job_spec& spec, const sweep& s);
  /// @param index of the value of each parameter
  void resolve(const sweep& s, std::span<const uint32_t> index, expanded_job& job,
               expanded_workflow& out, complaints& wrong) const;

private:
  uint32_t labels(const sweep& s, std::span<const uint32_t> index, std::vector<label_set>& all,
                  complaints& wrong) const;

  const job_spec& spec_;
  std::vector<text_template> labels_, values_;
};

} // namespace torc::core
