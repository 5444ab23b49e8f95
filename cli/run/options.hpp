#pragma once

#include "cli/frame/command.hpp"
#include "core/resources.hpp"
#include "core/result.hpp"

#include <optional>
#include <string>

namespace torc::cli {

/// How jobs are run on this machine.
struct run_options {
  int32_t slots = 0;          ///< jobs at a time whatever they need; 0: by resources
  core::capacity room;        ///< what this machine offers
  double poll_interval_s = 5; ///< only an original server has to be polled
  std::string output_dir = "torc_output";
  bool persistent = false; ///< stays however long there is nothing to do
};

/// All values of `--label`, which the caller has declared.
core::result<core::label_set> read_label_options(const call& c);

/// Declares the options of `torc workflows run`, with `resources` those that only `torc run` has.
void add_run_options(po::options_description& to, bool resources);
/// Reads them, detects what they leave open.
core::result<run_options> read_run_options(const call& c, bool resources);

} // namespace torc::cli
