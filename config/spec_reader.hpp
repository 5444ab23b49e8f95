#pragma once

#include "core/expanded.hpp"
#include "core/spec.hpp"

#include <optional>
#include <string>
#include <string_view>
#include <vector>

/// Workflow spec files: YAML and JSON.
namespace torc::config {

enum class spec_format { yaml, json };

/// A larger spec is refused; parameters make large workflows of small files.
inline constexpr size_t max_spec_bytes = 128u << 20;

/// Either a value or every error, each as "file:line:column: what is wrong; what to do". Columns
/// count characters.
template <class T>
struct loaded {
  std::optional<T> value;
  std::vector<std::string> errors;
  explicit operator bool() const { return value.has_value(); }
};

/// Reads a spec without checking more than keys and types. The extension decides: .yaml, .yml or
/// .json; .json5 and .kdl are refused; with any other, JSON is tried and then YAML.
loaded<core::workflow_spec> read_spec(const std::string& path);
/// @param name stands in the place of the file's in errors
/// @param format none: JSON, then YAML
loaded<core::workflow_spec> read_spec_text(std::string_view text, const std::string& name,
                                           std::optional<spec_format> format);

/// Reads a spec, checks and expands it: what `create` and `run` call. All errors come at once.
loaded<core::expanded_workflow> load_spec(const std::string& path);
loaded<core::expanded_workflow> load_spec_text(std::string_view text, const std::string& name,
                                               std::optional<spec_format> format);

} // namespace torc::config
