#include "cli/client/workflow.hpp"
#include "cli/run/host.hpp"
#include "cli/transfer/importer.hpp"

#include <algorithm>

namespace torc::cli {

namespace {

constexpr size_t rows_a_call = 10'000;
constexpr const char* version = "1.0";

core::error wrong(const std::string& what) {
  return core::refuse(core::refusal::unprocessable, what);
}

/// Jobs by how many others stand before them at most: those of a level only wait for earlier ones.
core::result<std::vector<std::vector<const json::value*>>> levels_of(const json::array& jobs) {
  std::unordered_map<int64_t, size_t> place;
  for (size_t i = 0; i < jobs.size(); ++i)
    if (!place.emplace(integer_member(jobs[i], "id"), i).second)
      return wrong("two jobs have the id " + cell(member(jobs[i], "id")));
  std::vector<std::vector<size_t>> after(jobs.size());
  std::vector<size_t> waits(jobs.size());
  for (size_t i = 0; i < jobs.size(); ++i)
    for (const auto& id : list_member(jobs[i], "depends_on_job_ids")) {
      const auto blocker = place.find(integer(id).value_or(0));
      if (blocker == place.end())
        return wrong("job '" + text_member(jobs[i], "name") + "' waits for job " + cell(id) +
                     ", which the document does not have");
      after[blocker->second].push_back(i);
      ++waits[i];
    }
  std::vector<std::vector<const json::value*>> levels;
  std::vector<size_t> now;
  for (size_t i = 0; i < jobs.size(); ++i)
    if (waits[i] == 0)
      now.push_back(i);
  size_t done = 0;
  while (!now.empty()) {
    std::vector<size_t> next;
    auto& level = levels.emplace_back();
    for (const auto i : now) {
      level.push_back(&jobs[i]);
      for (const auto follower : after[i])
        if (--waits[follower] == 0)
          next.push_back(follower);
    }
    done += now.size();
    now = std::move(next);
  }
  if (done < jobs.size())
    return wrong("jobs of the document wait for each other in a circle");
  return levels;
}

} // namespace

json::object importer::body_of(const json::value& row) const {
  json::object body;
  if (const auto* members = row.if_object())
    for (const auto& [name, v] : *members)
      if (name != "id" && !v.is_null())
        body[name] = v;
  body["workflow_id"] = report_.workflow;
  return body;
}

importer::done importer::create_each(const char* section, const std::string& path, ids& to) {
  for (const auto& row : list_member(document_, section)) {
    const auto made = server_.post(path, body_of(row));
    if (!made)
      return made.why();
    to[integer_member(row, "id")] = integer_member(*made, "id");
  }
  return core::nothing{};
}

importer::done importer::create_many(const char* section, const char* bulk, const char* single,
                                     ids& to) {
  const auto& rows = list_member(document_, section);
  for (size_t first = 0; first < rows.size(); first += rows_a_call) {
    const auto last = std::min(rows.size(), first + rows_a_call);
    json::array bodies;
    for (auto i = first; i < last; ++i)
      bodies.push_back(body_of(rows[i]));
    const auto reply = server_.send("POST", bulk, json::serialize(json::object{{section, bodies}}));
    if (!reply)
      return reply.why();
    if (lacks_endpoint(*reply))
      return create_each(section, single, to);
    if (!reply->ok())
      return error_of(*reply);
    const auto made = parse_reply(*reply);
    if (!made)
      return made.why();
    const auto& fresh = list_member(*made, section);
    if (fresh.size() != last - first)
      return wrong("the server created " + std::to_string(fresh.size()) + " " + section + ", not " +
                   std::to_string(last - first));
    for (size_t i = 0; i < fresh.size(); ++i)
      to[integer_member(rows[first + i], "id")] = integer_member(fresh[i], "id");
  }
  return core::nothing{};
}

importer::done importer::create_workflow() {
  auto body = body_of(member(document_, "workflow"));
  for (const auto* gone : {"workflow_id", "status_id", "timestamp", "run_id", "is_canceled",
                           "is_archived", "access_groups"})
    body.erase(gone);
  if (!wishes_.name.empty())
    body["name"] = wishes_.name;
  body["user"] = user_name();
  const auto made = server_.post("/workflows", body);
  if (!made)
    return made.why();
  report_.workflow = integer_member(*made, "id");
  report_.name = text_member(*made, "name");
  return core::nothing{};
}

/// The server has made those called "default" already, and as they mostly are.
core::result<int64_t> importer::adapt_default(const json::value& made, const json::value& row) {
  const auto id = integer_member(made, "id");
  const auto body = body_of(row);
  const bool same = std::all_of(body.begin(), body.end(), [&](const auto& m) {
    return m.key() == "workflow_id" || member(made, m.key()) == m.value();
  });
  if (!same)
    if (const auto put = server_.put("/resource_requirements/" + std::to_string(id), body); !put)
      return put.why();
  return id;
}

importer::done importer::create_requirements() {
  const auto page = server_.get("/resource_requirements?name=default&workflow_id=" +
                                std::to_string(report_.workflow));
  if (!page)
    return page.why();
  const auto& found = list_member(*page, "items");
  for (const auto& row : list_member(document_, "resource_requirements")) {
    core::result<int64_t> id = 0;
    if (!found.empty() && text_member(row, "name") == "default") {
      id = adapt_default(found[0], row);
    } else if (const auto made = server_.post("/resource_requirements", body_of(row)); !made) {
      id = made.why();
    } else {
      id = integer_member(*made, "id");
    }
    if (!id)
      return id.why();
    needs_[integer_member(row, "id")] = *id;
  }
  return core::nothing{};
}

importer::done importer::create_parts() {
  if (auto r = create_many("files", "/bulk_files", "/files", files_); !r)
    return r;
  if (auto r = create_many("user_data", "/bulk_user_data", "/user_data", user_data_); !r)
    return r;
  if (auto r = create_requirements(); !r)
    return r;
  if (auto r = create_each("slurm_schedulers", "/slurm_schedulers", slurm_); !r)
    return r;
  if (auto r = create_each("local_schedulers", "/local_schedulers", local_); !r)
    return r;
  return create_each("failure_handlers", "/failure_handlers", handlers_);
}

core::result<json::array> importer::mapped(const json::value& owner, const char* list,
                                           const ids& by) {
  json::array all;
  for (const auto& id : list_member(owner, list)) {
    const auto fresh = by.find(integer(id).value_or(0));
    if (fresh == by.end())
      return wrong("'" + text_member(owner, "name") + "': " + list + " names " + cell(id) +
                   ", which the document does not have");
    all.emplace_back(fresh->second);
  }
  return all;
}

core::result<json::object> importer::job_body(const json::value& job) {
  json::object body{{"workflow_id", report_.workflow}};
  for (const auto* kept : {"name", "command", "cancel_on_blocking_job_failure",
                           "supports_termination", "priority", "labels", "env"})
    if (const auto& v = member(job, kept); !v.is_null())
      body[kept] = v;
  if (const auto script = text_member(job, "invocation_script"); !script.empty())
    body["invocation_script"] = script;
  for (const auto& [list, by] :
       {std::pair{"depends_on_job_ids", &jobs_}, std::pair{"input_file_ids", &files_},
        std::pair{"output_file_ids", &files_}, std::pair{"input_user_data_ids", &user_data_},
        std::pair{"output_user_data_ids", &user_data_}}) {
    auto all = mapped(job, list, *by);
    if (!all)
      return all.why();
    if (!all->empty())
      body[list] = std::move(*all);
  }
  for (const auto& [name, by] :
       {std::pair{"resource_requirements_id", &needs_}, std::pair{"scheduler_id", &slurm_},
        std::pair{"failure_handler_id", &handlers_}}) {
    const auto old = integer_member(job, name);
    if (const auto fresh = by->find(old); fresh != by->end())
      body[name] = fresh->second;
    else if (old != 0)
      report_.notes.push_back("job '" + text_member(job, "name") + "': the document has no " +
                              name + " " + std::to_string(old) + "; it is left out");
  }
  return body;
}

importer::done importer::create_level(const std::vector<const json::value*>& jobs) {
  for (size_t first = 0; first < jobs.size(); first += rows_a_call) {
    const auto last = std::min(jobs.size(), first + rows_a_call);
    json::array bodies;
    for (auto i = first; i < last; ++i) {
      auto body = job_body(*jobs[i]);
      if (!body)
        return body.why();
      bodies.push_back(std::move(*body));
    }
    const auto made = server_.post("/bulk_jobs", json::object{{"jobs", std::move(bodies)}});
    if (!made)
      return made.why();
    const auto& fresh = list_member(*made, "jobs");
    if (fresh.size() != last - first)
      return wrong("the server created " + std::to_string(fresh.size()) + " jobs, not " +
                   std::to_string(last - first));
    for (size_t i = 0; i < fresh.size(); ++i)
      jobs_[integer_member(*jobs[first + i], "id")] = integer_member(fresh[i], "id");
  }
  return core::nothing{};
}

importer::done importer::create_jobs() {
  const auto levels = levels_of(list_member(document_, "jobs"));
  if (!levels)
    return levels.why();
  for (const auto& level : *levels)
    if (auto r = create_level(level); !r)
      return r;
  return core::nothing{};
}

core::result<imported> importer::run() {
  if (const auto has = text_member(document_, "export_version"); has != version)
    return wrong(has.empty() ? "this is no exported workflow: it has no export_version"
                             : "the document is of version " + has + "; known is " + version);
  if (auto r = create_workflow(); !r)
    return r.why();
  for (const auto step :
       {&importer::create_parts, &importer::create_jobs, &importer::create_actions,
        &importer::create_entities, &importer::create_history})
    if (auto r = (this->*step)(); !r) {
      // Half a workflow is worse than none. What cannot be deleted was never shown to be whole.
      (void)server_.remove(workflow_path(report_.workflow));
      return r.why();
    }
  report_.jobs = jobs_.size();
  report_.files = files_.size();
  report_.user_data = user_data_.size();
  return report_;
}

core::result<imported> import_document(api& server, const json::value& document,
                                       const import_wishes& wishes) {
  return importer(server, document, wishes).run();
}

} // namespace torc::cli
