#include "cli/run/provenance.hpp"

#include "cli/client/file_time.hpp"
#include "cli/client/workflow.hpp"
#include "core/media_type.hpp"
#include "core/time.hpp"
#include "net/sha256.hpp"

#include <fstream>
#include <map>
#include <optional>
#include <utility>
#include <vector>

namespace torc::cli {

namespace {

/// A completed job of the run.
struct action {
  std::string id; ///< "#job-7-attempt-1"
  std::string name;
  json::array inputs, outputs; ///< as references
};

struct output {
  int64_t file = 0;
  std::string path;
  int64_t job = 0;
};

/// The size and the SHA-256 of a file, of the same bytes. None where it cannot be read.
std::optional<std::pair<int64_t, std::string>> fingerprint_of(const std::string& path) {
  std::ifstream in(path, std::ios::binary);
  if (!in)
    return std::nullopt;
  const auto sum = net::new_sha256();
  int64_t size = 0;
  std::vector<char> block(1 << 16);
  while (in.read(block.data(), static_cast<std::streamsize>(block.size())) || in.gcount() > 0) {
    sum->add({block.data(), static_cast<size_t>(in.gcount())});
    size += in.gcount();
  }
  if (in.bad())
    return std::nullopt;
  return std::pair{size, sum->end()};
}

class description {
public:
  description(api& server, int64_t workflow, int64_t run_id)
      : server_(server), workflow_(workflow), run_id_(run_id) {}

  core::result<core::nothing> write() {
    if (auto r = read(); !r)
      return r;
    for (const auto& o : outputs_)
      if (auto r = put(o.path, "File", file_metadata(o), o.file); !r)
        return r;
    for (const auto& [job, a] : actions_)
      if (auto r = put(a.id, "CreateAction", action_metadata(a), 0); !r)
        return r;
    return core::nothing{};
  }

private:
  using done = core::result<core::nothing>;

  done read() {
    const auto of = "workflow_id=" + std::to_string(workflow_);
    auto results =
        server_.each("/results?" + of + "&status=completed&run_id=" + std::to_string(run_id_),
                     [&](const json::value& r) {
                       const auto job = integer_member(r, "job_id");
                       actions_[job].id = "#job-" + std::to_string(job) + "-attempt-" +
                                          std::to_string(integer_member(r, "attempt_id", 1));
                       return true;
                     });
    if (!results)
      return results;
    auto links = server_.each(
        workflow_path(workflow_, "/job_file_relationships?"), [&](const json::value& l) {
          const auto path = text_member(l, "file_path");
          const json::object reference{{"@id", path}};
          const auto producer = actions_.find(integer_member(l, "producer_job_id"));
          if (producer != actions_.end()) {
            producer->second.name = text_member(l, "producer_job_name");
            if (written_.emplace(path, producer->first).second) {
              producer->second.outputs.push_back(reference);
              outputs_.push_back({integer_member(l, "file_id"), path, producer->first});
            }
          }
          const auto consumer = actions_.find(integer_member(l, "consumer_job_id"));
          if (consumer != actions_.end()) {
            consumer->second.name = text_member(l, "consumer_job_name");
            consumer->second.inputs.push_back(reference);
          }
          return true;
        });
    if (!links)
      return links;
    std::erase_if(actions_, [](const auto& a) { return a.second.outputs.empty(); });
    return server_.each(workflow_path(workflow_, "/ro_crate_entities?"), [&](const json::value& e) {
      there_[text_member(e, "entity_id")] = integer_member(e, "id");
      return true;
    });
  }

  json::object file_metadata(const output& o) const {
    json::object m{{"@id", o.path},
                   {"@type", "File"},
                   {"name", o.path.substr(o.path.rfind('/') + 1)},
                   {"encodingFormat", core::media_type(o.path)},
                   {"torc:run_id", run_id_},
                   {"wasGeneratedBy", json::object{{"@id", actions_.at(o.job).id}}}};
    if (const auto at = file_time(o.path))
      m["dateModified"] = core::to_iso8601({static_cast<int64_t>(*at * 1e6)});
    if (const auto known = fingerprint_of(o.path)) {
      m["contentSize"] = known->first;
      m["sha256"] = known->second;
    }
    return m;
  }

  json::object action_metadata(const action& a) const {
    return {{"@id", a.id},
            {"@type", "CreateAction"},
            {"name", a.name},
            {"object", a.inputs},
            {"result", a.outputs},
            {"torc:run_id", run_id_},
            {"instrument",
             json::object{{"@id", "#software-torc-server-run-" + std::to_string(run_id_)}}}};
  }

  done put(const std::string& id, const char* type, const json::object& metadata, int64_t file) {
    json::object body{{"workflow_id", workflow_},
                      {"entity_id", id},
                      {"entity_type", type},
                      {"metadata", json::serialize(metadata)}};
    if (file != 0)
      body["file_id"] = file;
    const auto known = there_.find(id);
    auto told = known == there_.end()
                    ? server_.post("/ro_crate_entities", body)
                    : server_.put("/ro_crate_entities/" + std::to_string(known->second), body);
    // Another runner that ends at the same time says the same.
    if (!told && told.why().why != core::refusal::conflict)
      return told.why();
    return core::nothing{};
  }

  api& server_;
  int64_t workflow_, run_id_;
  std::map<int64_t, action> actions_;
  std::map<std::string, int64_t> written_; ///< paths, and who wrote them
  std::vector<output> outputs_;
  std::map<std::string, int64_t> there_;
};

} // namespace

core::result<core::nothing> describe_outputs(api& server, int64_t workflow, int64_t run_id) {
  return description(server, workflow, run_id).write();
}

} // namespace torc::cli
