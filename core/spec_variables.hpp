#pragma once

#include "core/spec_names.hpp"

#include <string>
#include <vector>

namespace torc::core {

/// What the variables of one job's command and script refer to; indices, in the order found.
struct variable_uses {
  std::vector<uint32_t> input_files, output_files, input_user_data, output_user_data;

  bool empty() const {
    return input_files.empty() && output_files.empty() && input_user_data.empty() &&
           output_user_data.empty();
  }
  void clear();
};

/// Puts a file's path or a user data's JSON in the place of ${files.input.x}, ${files.output.x},
/// ${user_data.input.x} and ${user_data.output.x}, in one pass over the text. All else stays.
class spec_variables {
public:
  spec_variables(const spec_names& files, const std::vector<file_row>& file_rows,
                 const spec_names& data, const std::vector<user_data_row>& data_rows)
      : files_(files), file_rows_(file_rows), data_(data), data_rows_(data_rows) {}

  /// @param at where the text stands; a name that does not exist, or data that is not there, is
  /// complained about, as no shell understands the variable
  void substitute(std::string& text, place at, variable_uses& uses, complaints& wrong) const;

private:
  const std::string* value(std::string_view variable, place at, variable_uses& uses,
                           complaints& wrong) const;

  const spec_names& files_;
  const std::vector<file_row>& file_rows_;
  const spec_names& data_;
  const std::vector<user_data_row>& data_rows_;
};

} // namespace torc::core
