#pragma once

#include "config/spec_reader.hpp"

#include <filesystem>
#include <fstream>
#include <stdexcept>
#include <stdlib.h>
#include <string>
#include <string_view>

namespace torc::test {

/// All errors of a YAML spec, one a line.
inline std::string yaml_errors(std::string_view text) {
  std::string all;
  for (const auto& e : config::load_spec_text(text, "w.yaml", config::spec_format::yaml).errors)
    all += e + '\n';
  return all;
}

inline std::string json_errors(std::string_view text) {
  std::string all;
  for (const auto& e : config::load_spec_text(text, "w.json", config::spec_format::json).errors)
    all += e + '\n';
  return all;
}

/// True where `errors` is one line, which starts with `start` and holds `part`.
inline bool only(const std::string& errors, std::string_view start, std::string_view part) {
  return errors.starts_with(start) && errors.find(part) != std::string::npos &&
         errors.find('\n') == errors.size() - 1;
}

inline core::expanded_workflow must_load(const std::string& path) {
  auto w = config::load_spec(path);
  if (!w)
    throw std::runtime_error(w.errors.front());
  return std::move(*w.value);
}

/// A fresh folder that goes away with its contents.
class folder {
public:
  folder() {
    std::string pattern = (std::filesystem::temp_directory_path() / "torc_config_XXXXXX").string();
    if (!::mkdtemp(pattern.data()))
      throw std::runtime_error("no temporary folder");
    path_ = pattern;
  }
  ~folder() {
    std::error_code ignored;
    std::filesystem::remove_all(path_, ignored);
  }
  folder(const folder&) = delete;
  folder& operator=(const folder&) = delete;

  std::string path(const std::string& name) const { return path_ + '/' + name; }
  std::string write(const std::string& name, std::string_view text) const {
    std::ofstream(path(name), std::ios::binary) << text;
    return path(name);
  }

private:
  std::string path_;
};

} // namespace torc::test
