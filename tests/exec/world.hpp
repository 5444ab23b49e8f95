#pragma once

#include "exec/guardian_link.hpp"
#include "exec/job_process.hpp"

#include <boost/asio/io_context.hpp>

#include <filesystem>
#include <map>
#include <optional>
#include <string>
#include <vector>

namespace torc::exec::test {

/// How long a test waits for something that is certain to come. Only a broken build reaches it.
constexpr int generous_ms = 30'000;

/// A fresh folder, removed at the end.
class folder {
public:
  folder();
  ~folder();
  folder(const folder&) = delete;
  folder& operator=(const folder&) = delete;
  std::string operator/(const std::string& name) const { return (path_ / name).string(); }
  std::string str() const { return path_.string(); }

private:
  std::filesystem::path path_;
};

std::string contents(const std::string& path);
void write_file(const std::string& path, const std::string& text, bool executable = false);

/// A runner's side: a guardian, its link and what was heard.
class runner {
public:
  explicit runner(guardian_options options = {});

  guardian_link& link() { return *link_; }
  /// Starts a command with its two files in `where` and returns its tag.
  int64_t launch(const std::string& command, const folder& where);
  /// The same with everything the caller wants to say; the tag and the files are filled in.
  int64_t launch(job_command job, const folder& where);

  /// Has the guardian get what has been launched, and does not wait for anything.
  void send();
  /// Runs the loop until this has been heard; fails the test where it does not come.
  const job_exit& must_end(int64_t tag);
  const job_started& must_start(int64_t tag);
  void must_end_all();
  const std::vector<int64_t>& must_be_lost();
  /// Closes the link and waits until the guardian has gone.
  void must_close();

  /// Launches jobs until one was started by a warm shell.
  void must_get_warm();
  /// Whether the next job is.
  bool is_warm();

  std::vector<job_exit> all_exits;
  std::vector<std::string> notices;

private:
  template <class Condition>
  void run_until(Condition heard, const char* what);

  boost::asio::io_context io_;
  std::optional<guardian_link> link_;
  std::map<int64_t, job_started> started_;
  std::map<int64_t, job_exit> exits_;
  std::optional<std::vector<int64_t>> lost_;
  int64_t launched_ = 0;
  folder probes_;
};

/// A named pipe: a job writes one line when it is where the test wants it.
class signpost {
public:
  explicit signpost(const std::string& path);
  ~signpost();
  signpost(const signpost&) = delete;
  signpost& operator=(const signpost&) = delete;
  const std::string& path() const { return path_; }
  /// Waits for a line of numbers and returns them.
  std::vector<pid_t> must_read_numbers();

private:
  std::string path_;
  int fd_;
};

/// A process that is watched by a descriptor, so that its number cannot come to mean another.
class watched {
public:
  explicit watched(pid_t pid);
  ~watched();
  watched(const watched&) = delete;
  watched& operator=(const watched&) = delete;
  /// Waits for its end; false where it lives on for `timeout_ms`.
  bool ends(int timeout_ms = generous_ms) const;

private:
  int fd_;
};

} // namespace torc::exec::test
