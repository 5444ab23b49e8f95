#include "cli/records/workflow_json.hpp"

#include "core/time.hpp"

namespace torc::cli {

json::value with_parsed_texts(json::value workflow) {
  auto* members = workflow.if_object();
  if (members == nullptr)
    return workflow;
  for (const auto* name :
       {"metadata", "resource_monitor_config", "slurm_defaults", "execution_config"}) {
    auto* text = members->if_contains(name);
    if (text == nullptr || !text->is_string())
      continue;
    boost::system::error_code wrong;
    auto parsed = json::parse(text->get_string(), wrong);
    if (!wrong)
      *text = std::move(parsed);
  }
  return workflow;
}

json::value with_time_in_words(json::value event) {
  if (auto* members = event.if_object()) {
    auto text = core::to_iso8601(core::instant_of_ms(integer_member(event, "timestamp")));
    if (const auto t = text.find('T'); t != std::string::npos)
      text[t] = ' ';
    if (text.ends_with('Z'))
      text.pop_back();
    (*members)["timestamp_formatted"] = text;
  }
  return event;
}

} // namespace torc::cli
