#include "config/spec_reader.hpp"

#include "config/patterns.hpp"
#include "config/spec_fields.hpp"
#include "config/text_file.hpp"
#include "core/spec_expand.hpp"

#include <algorithm>
#include <utility>

namespace torc::config {

namespace {

/// The text, its name and what is wrong with it so far.
struct source {
  std::string_view text;
  std::string name;
  std::optional<spec_format> format;
  core::complaints wrong;
};

std::vector<std::string> render(const source& s, const std::vector<core::complaint>& wrong) {
  const line_table lines(s.text);
  std::vector<std::string> errors;
  for (const auto& c : wrong) {
    const auto [line, column] = lines.in_characters(c.at);
    errors.push_back(s.name + ':' + std::to_string(line) + ':' + std::to_string(column) + ": " +
                     c.text);
  }
  return errors;
}

std::optional<node> parse(source& s) {
  if (s.format == spec_format::json)
    return parse_json(s.text, s.wrong);
  if (s.format == spec_format::yaml)
    return parse_yaml(s.text, s.wrong);
  core::complaints of_json;
  if (auto tree = parse_json(s.text, of_json); tree && of_json.empty())
    return tree;
  // What starts as JSON is meant as JSON: its errors are the ones to show.
  auto tree = parse_yaml(s.text, s.wrong);
  const auto first = s.text.find_first_not_of(" \t\r\n");
  if (!tree && first != std::string_view::npos && s.text[first] == '{')
    s.wrong = std::move(of_json);
  return tree;
}

/// The spec as far as it can be read, or none.
std::optional<core::workflow_spec> read(source& s) {
  constexpr std::string_view byte_order_mark = "\xEF\xBB\xBF";
  if (s.text.starts_with(byte_order_mark))
    s.text.remove_prefix(byte_order_mark.size());
  if (s.text.size() > max_spec_bytes) {
    s.wrong.add({1, 1}, "the spec is larger than " + std::to_string(max_spec_bytes >> 20) +
                            " MiB; use parameters, or split it");
    s.text = {};
    return std::nullopt;
  }
  if (const auto bad = find_unreadable(s.text)) {
    s.wrong.add(bad->at, bad->text);
    return std::nullopt;
  }
  if (s.text.find_first_not_of(" \t\r\n") == std::string_view::npos) {
    s.wrong.add({1, 1}, "the spec is empty; it needs at least a name and jobs");
    return std::nullopt;
  }
  const auto tree = parse(s);
  if (!tree)
    return std::nullopt;
  if (tree->is == node::kind::null) {
    s.wrong.add({1, 1}, "the spec is empty; it needs at least a name and jobs");
    return std::nullopt;
  }
  return read_fields(*tree, s.wrong);
}

loaded<core::workflow_spec> finish_reading(source s) {
  auto spec = read(s);
  if (!spec || !s.wrong.empty())
    return {std::nullopt, render(s, std::move(s.wrong).take())};
  return {std::move(spec), {}};
}

loaded<core::expanded_workflow> finish_loading(source s) {
  const auto spec = read(s);
  if (!spec)
    return {std::nullopt, render(s, std::move(s.wrong).take())};
  auto expanded = core::expand(*spec, re2_patterns(), std::move(s.wrong));
  if (expanded)
    return {std::move(expanded.value), {}};
  return {std::nullopt, render(s, expanded.errors)};
}

/// Reads the file and hands its text to `finish`.
template <class T>
loaded<T> with_file(const std::string& path, loaded<T> (*finish)(source)) {
  std::optional<spec_format> format;
  const auto slash = path.find_last_of('/');
  const auto dot = path.find_last_of('.');
  std::string extension;
  if (dot != std::string::npos && (slash == std::string::npos || dot > slash))
    extension = path.substr(dot + 1);
  std::transform(extension.begin(), extension.end(), extension.begin(),
                 [](char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c; });
  if (extension == "yaml" || extension == "yml")
    format = spec_format::yaml;
  else if (extension == "json")
    format = spec_format::json;
  const auto text = read_text_file(path, max_spec_bytes + 4);
  if (!text)
    return {std::nullopt, {path + ":1:1: " + text.why().message}};
  if (extension == "json5" || extension == "kdl")
    return {std::nullopt,
            {path + ":1:1: " + (extension == "kdl" ? "KDL" : "JSON5") +
             " specs cannot be read; write the spec as .yaml or .json"}};
  return finish({*text, path, format, {}});
}

} // namespace

loaded<core::workflow_spec> read_spec(const std::string& path) {
  return with_file(path, &finish_reading);
}

loaded<core::workflow_spec> read_spec_text(std::string_view text, const std::string& name,
                                           std::optional<spec_format> format) {
  return finish_reading({text, name, format, {}});
}

loaded<core::expanded_workflow> load_spec(const std::string& path) {
  return with_file(path, &finish_loading);
}

loaded<core::expanded_workflow> load_spec_text(std::string_view text, const std::string& name,
                                               std::optional<spec_format> format) {
  return finish_loading({text, name, format, {}});
}

} // namespace torc::config
