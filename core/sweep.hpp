#pragma once

#include "core/complaints.hpp"
#include "core/parameters.hpp"

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

namespace torc::core {

/// A parameter with its values read; they are shared by all jobs and files that use it.
struct parameter {
  std::string_view name;
  std::shared_ptr<const parameter_values> values;
};

/// Reads the values of each; what cannot be read is complained about and left out.
std::vector<parameter> read_parameters(const std::vector<parameter_spec>& specs, complaints& wrong);

/// All combinations of the parameters of one job or file, in an order that never changes: with
/// product, the parameter declared last counts fastest.
class sweep {
public:
  /// Takes the workflow's parameters that use_parameters lists, in that order, then its own; its
  /// own take the place of the workflow's of the same name.
  /// @param wrong hears of bad values, unknown names, a zip of unequal lengths and too many values
  /// @return none where it complained
  static std::optional<sweep> make(const sweep_spec& spec, const std::vector<parameter>& shared,
                                   bool shared_known, place owner, complaints& wrong);

  /// How many combinations; 1 without parameters.
  uint32_t size() const { return size_; }
  /// Which value of each parameter the combination has. @pre combination < size()
  void select(uint32_t combination, std::vector<uint32_t>& index) const;

  text_template compile(std::string_view text) const { return {text, names_}; }
  std::span<const parameter_values* const> values() const { return values_; }
  std::span<const std::string_view> names() const { return names_; }

private:
  bool count(const sweep_spec& spec, place owner, complaints& wrong);

  std::vector<parameter> parameters_;
  std::vector<std::string_view> names_;
  std::vector<const parameter_values*> values_;
  bool zip_ = false;
  uint32_t size_ = 1;
};

} // namespace torc::core
