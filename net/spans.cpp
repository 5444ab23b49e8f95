#include "net/spans.hpp"

#include <algorithm>
#include <array>
#include <cctype>

namespace torc::net {

namespace {

using telemetry::span;

struct spanned {
  std::string_view method, pattern;
  span what;
};

/// Every route that torc's timing guide names.
constexpr std::array routes{
    spanned{"GET", "/workflows/{id}/actions/pending", span::get_pending_actions},
    spanned{"POST", "/workflows/{id}/actions/{action_id}/claim", span::claim_action},
    spanned{"GET", "/workflows/{id}/ready_job_requirements", span::get_ready_job_requirements},
    spanned{"GET", "/workflows/{id}/is_complete", span::is_workflow_complete},
    spanned{"POST", "/workflows/{id}/claim_jobs_based_on_resources/{limit}",
            span::claim_jobs_based_on_resources},
    spanned{"POST", "/workflows/{id}/claim_next_jobs", span::claim_next_jobs},
    spanned{"POST", "/workflows/{id}/process_changed_job_inputs", span::process_changed_job_inputs},
    spanned{"PUT", "/jobs/{id}/manage_status_change/{=status}/{run_id}",
            span::manage_status_change},
    spanned{"PUT", "/jobs/{id}/start_job/{run_id}/{compute_node_id}", span::start_job},
    spanned{"POST", "/jobs/{id}/complete_job/{=status}/{run_id}", span::complete_job},
    spanned{"POST", "/jobs", span::create_job},
    spanned{"POST", "/bulk_jobs", span::create_jobs},
    spanned{"GET", "/jobs/{id}", span::get_job},
    spanned{"GET", "/jobs", span::list_jobs},
    spanned{"POST", "/workflows", span::create_workflow},
    spanned{"PUT", "/workflows/{id}/cancel", span::cancel_workflow},
    spanned{"GET", "/workflows/{id}/status", span::get_workflow_status},
    spanned{"GET", "/workflows", span::list_workflows},
    spanned{"POST", "/workflows/{id}/reset_status", span::reset_workflow_status},
};

/// "{limit}" and "{=status}" have names; "{id}" is the id of what stands before it.
std::string name_of(const std::vector<std::string>& pattern, size_t at) {
  auto name = pattern[at].substr(1, pattern[at].size() - 2);
  if (name.starts_with('='))
    return name.substr(1);
  if (name != "id" || at == 0)
    return name;
  auto owner = pattern[at - 1];
  if (owner.ends_with('s'))
    owner.pop_back();
  return owner + "_id";
}

/// A value is a word: it cannot end the braces, or the line.
std::string word(std::string_view text) {
  constexpr size_t longest = 64;
  std::string out(text.substr(0, longest));
  std::replace_if(
      out.begin(), out.end(),
      [](unsigned char c) { return std::isalnum(c) == 0 && c != '_' && c != '-'; }, '?');
  return out;
}

} // namespace

span span_of(std::string_view method, std::string_view pattern) {
  const auto at = std::find_if(routes.begin(), routes.end(), [&](const spanned& r) {
    return r.method == method && r.pattern == pattern;
  });
  return at == routes.end() ? span::none : at->what;
}

telemetry::fields fields_of(const std::vector<std::string>& pattern,
                            const std::vector<std::string>& path, const query_pairs& query) {
  telemetry::fields f;
  for (size_t i = 0; i < pattern.size() && i < path.size(); ++i)
    if (pattern[i].starts_with('{'))
      f.add(name_of(pattern, i), word(path[i]));
  for (const auto& [key, value] : query)
    if (key == "workflow_id" || key == "limit")
      f.add(key, word(value));
  return f;
}

} // namespace torc::net
