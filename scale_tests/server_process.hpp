#pragma once

#include "core/result.hpp"

#include <cstdint>
#include <string>
#include <sys/types.h>
#include <vector>

namespace torc::scale {

/// The folder in which this program lies, and the others that were built with it.
std::string program_folder();

/// Runs a program to its end, with stdout in a file. @returns its refusal when it did not end with
/// 0
core::result<core::nothing> run_into(const std::string& file, std::vector<std::string> command);

/// What a server has used so far, as the kernel counts it.
struct server_usage {
  int64_t peak_rss_bytes = 0;
  double cpu_seconds = 0;
};

/// A torc-server of our own on free ports, in a process of its own; ended with this object.
class server_process {
public:
  static core::result<server_process> start(const std::string& database);
  ~server_process();
  server_process(server_process&& other) noexcept;
  server_process& operator=(server_process&&) = delete;

  std::string url() const;
  server_usage usage() const;
  /// SIGTERM; true where it ended in order.
  bool stop();

private:
  server_process(pid_t pid, std::string port) : pid_(pid), port_(std::move(port)) {}
  pid_t pid_;
  std::string port_;
};

} // namespace torc::scale
