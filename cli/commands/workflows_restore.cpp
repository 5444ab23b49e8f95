#include "cli/client/file_text.hpp"
#include "cli/client/workflow.hpp"
#include "cli/commands/archive_files.hpp"
#include "cli/commands/common.hpp"
#include "cli/commands/tree.hpp"

#include <fcntl.h>
#include <unistd.h>

#include <cerrno>
#include <filesystem>
#include <ostream>
#include <system_error>

namespace torc::cli {

namespace {

constexpr std::string_view too_large_hint =
    "; a server takes larger bodies where TORC_MAX_REQUEST_BODY_MB says so";

std::string reason() {
  return std::generic_category().message(errno);
}

core::error cannot_write(const std::string& path) {
  return core::refuse(core::refusal::unprocessable, "cannot write " + path + ": " + reason());
}

/// Whole and on the disk, or not there at all. Overwrites nothing.
core::result<core::nothing> write_new_file(const std::string& path, std::string_view text) {
  auto beside = path + ".XXXXXX";
  const int fd = mkstemp(beside.data());
  if (fd < 0)
    return cannot_write(path);
  bool good = true;
  while (good && !text.empty()) {
    const auto n = write(fd, text.data(), text.size());
    good = n > 0;
    text.remove_prefix(good ? static_cast<size_t>(n) : 0);
  }
  good = good && fsync(fd) == 0;
  // A second name never replaces what has it already.
  good = good && link(beside.c_str(), path.c_str()) == 0;
  auto wrong = cannot_write(path);
  close(fd);
  unlink(beside.c_str());
  if (!good)
    return wrong;
  const auto folder = std::filesystem::absolute(path).parent_path();
  const int names = open(folder.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  good = names >= 0 && fsync(names) == 0;
  wrong = cannot_write(folder.string());
  if (names >= 0)
    close(names);
  if (!good)
    return wrong;
  return core::nothing{};
}

int restore(call& c) {
  auto text = read_file(c.arguments[0]);
  if (!text)
    return fail(c, text.why().message);
  auto server = server_of(c);
  auto told = server.call("POST", "/archive_files", std::move(*text));
  if (!told) {
    const bool too_large = told.why().why == core::refusal::too_large;
    return fail(c, told.why().message + (too_large ? std::string(too_large_hint) : ""));
  }
  const auto id = told->at("workflow_id").to_number<int64_t>();
  const auto unfinished = told->at("unfinished_jobs").to_number<int64_t>();
  if (c.get<bool>("resume") && unfinished > 0)
    if (const auto done =
            server.post(workflow_path(id, "/initialize_jobs?only_uninitialized=true"), {});
        !done)
      return fail(c, "workflow " + std::to_string(id) +
                         " is restored, but not resumed: " + done.why().message);
  if (c.global.json()) {
    print_json(c.out, *told);
    return exit_ok;
  }
  c.out << "Restored workflow " << id << " (" << told->at("rows") << " rows)\n";
  if (unfinished > 0 && !c.get<bool>("resume"))
    c.out << unfinished << " of its jobs had not ended and are uninitialized; --resume makes them "
          << "ready to run\n";
  return exit_ok;
}

} // namespace

int archive_to_file(call& c, int64_t id, const std::string& path) {
  std::error_code none;
  if (std::filesystem::symlink_status(path, none).type() != std::filesystem::file_type::not_found)
    return fail(c, path + " exists already; name a file that does not");
  auto server = server_of(c);
  auto told = server.send("GET", workflow_path(id, "/archive_file"));
  if (!told)
    return fail(c, told.why().message);
  if (!told->ok())
    return fail(c, error_of(*told).message);
  if (const auto written = write_new_file(path, told->body); !written)
    return fail(c, written.why().message);
  if (c.global.json())
    print_json(c.out, json::object{{"status", "success"},
                                   {"workflow_id", id},
                                   {"file", path},
                                   {"bytes", told->body.size()}});
  else
    c.out << "Archived workflow " << id << " to " << path << " (" << told->body.size()
          << " bytes)\n";
  return exit_ok;
}

command workflows_restore_command() {
  return {.name = "restore",
          .summary = "Put a workflow back from a file of `workflows archive --to`",
          .about = "It gets new ids, and all its history with it. Jobs that had not ended are\n"
                   "uninitialized.",
          .arguments = {{"file", "the archive"}},
          .options =
              [](po::options_description& to) {
                to.add_options()("resume", po::bool_switch(),
                                 "make the jobs that had not ended ready to run");
              },
          .run = restore};
}

} // namespace torc::cli
