#pragma once

#include "core/result.hpp"

#include <string>
#include <string_view>

namespace torc::cli {

/// A folder of mode 0700 in the temporary folder, removed with its files at the end.
class private_folder {
public:
  static core::result<private_folder> make();
  ~private_folder();
  private_folder(private_folder&& other) noexcept;
  private_folder& operator=(private_folder&&) = delete;

  const std::string& path() const { return path_; }
  /// Writes a file of mode 0600 and returns its path.
  core::result<std::string> write(const std::string& name, std::string_view content) const;

private:
  explicit private_folder(std::string path) : path_(std::move(path)) {}
  std::string path_;
};

} // namespace torc::cli
