#pragma once

#include "cli/client/api.hpp"

#include <string>
#include <vector>

/// torc's export document, version 1.0: a workflow with all that belongs to it, as JSON.
namespace torc::cli {

struct export_wishes {
  bool results = false; ///< and the machines that they came from
  bool events = false;
};
core::result<json::object> export_document(api& server, int64_t workflow,
                                           const export_wishes& wishes);

struct import_wishes {
  std::string name; ///< empty: the document's
  bool results = true, events = true;
};

struct imported {
  int64_t workflow = 0;
  std::string name;
  size_t jobs = 0, files = 0, user_data = 0, results = 0, compute_nodes = 0, events = 0;
  std::vector<std::string> notes; ///< what could not be as it was
};
/// Creates a workflow from a document. All jobs are uninitialized; results, events and machines
/// stay what they were, if they are in it. All or nothing.
core::result<imported> import_document(api& server, const json::value& document,
                                       const import_wishes& wishes);

} // namespace torc::cli
