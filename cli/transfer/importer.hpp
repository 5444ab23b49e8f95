#pragma once

#include "cli/transfer/document.hpp"

#include <unordered_map>

namespace torc::cli {

/// What an import has done so far.
class importer {
public:
  importer(api& server, const json::value& document, const import_wishes& wishes)
      : server_(server), document_(document), wishes_(wishes) {}

  core::result<imported> run();

private:
  using done = core::result<core::nothing>;
  using ids = std::unordered_map<int64_t, int64_t>; ///< of the document to those on the server

  // Each brings over one part.
  done create_workflow();
  done create_parts();
  done create_requirements();
  done create_jobs();
  done create_actions();
  done create_entities();
  done create_history();
  done create_nodes();
  done create_results();
  done create_events();

  /// Creates one by one what the section has, as `made` changes it.
  done create_each(const char* section, const std::string& path, ids& to);
  /// In few calls where the server can do that. `bulk` names the path and the list in it.
  done create_many(const char* section, const char* bulk, const char* single, ids& to);
  done create_level(const std::vector<const json::value*>& jobs);
  core::result<json::object> job_body(const json::value& job);
  core::result<json::array> mapped(const json::value& owner, const char* list, const ids& by);
  json::object body_of(const json::value& row) const;
  core::result<int64_t> adapt_default(const json::value& made, const json::value& row);
  core::result<int64_t> placeholder_node();

  api& server_;
  const json::value& document_;
  const import_wishes& wishes_;
  imported report_;
  ids files_, user_data_, needs_, slurm_, local_, handlers_, jobs_, nodes_;
};

} // namespace torc::cli
