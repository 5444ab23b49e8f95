#include "exec/job_process.hpp"

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <ctime>
#include <filesystem>
#include <system_error>
#include <unistd.h>

namespace torc::exec {

namespace {
constexpr const char* stdio_folder = "/job_stdio";
} // namespace

stdio_paths stdio_paths_of(const std::string& output_dir, core::workflow_id workflow,
                           core::job_id job, int64_t run, int64_t attempt) {
  std::string stem;
  stem.reserve(output_dir.size() + 64);
  stem.append(output_dir).append(stdio_folder);
  stem.append("/job_wf").append(std::to_string(workflow.value));
  stem.append("_j").append(std::to_string(job.value));
  stem.append("_r").append(std::to_string(run));
  stem.append("_a").append(std::to_string(attempt));
  return {stem + ".o", stem + ".e"};
}

core::result<core::nothing> prepare_output_dir(const std::string& output_dir) {
  const std::string folder = output_dir + stdio_folder;
  std::error_code failure;
  std::filesystem::create_directories(folder, failure);
  if (failure)
    return core::refuse(core::refusal::unprocessable, "cannot make the output folder " + folder +
                                                          ": " + failure.message() +
                                                          "; name another output directory");
  if (access(folder.c_str(), W_OK | X_OK) != 0)
    return core::refuse(core::refusal::unprocessable, "cannot write into the output folder " +
                                                          folder + ": " + std::strerror(errno) +
                                                          "; name another output directory");
  return core::nothing{};
}

int64_t wall_clock_us() {
  timespec now{};
  clock_gettime(CLOCK_REALTIME, &now);
  return int64_t{now.tv_sec} * 1'000'000 + now.tv_nsec / 1'000;
}

void add_unless_there(std::vector<std::string>& env_add, std::vector<std::string> of_job) {
  const auto name_of = [](const std::string& entry) { return entry.substr(0, entry.find('=')); };
  const auto own = env_add.size();
  for (auto& entry : of_job) {
    const auto name = name_of(entry);
    if (std::none_of(env_add.begin(), env_add.begin() + static_cast<std::ptrdiff_t>(own),
                     [&](const std::string& known) { return name_of(known) == name; }))
      env_add.push_back(std::move(entry));
  }
}

} // namespace torc::exec
