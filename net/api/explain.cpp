#include "core/explain_words.hpp"

#include "net/api/all.hpp"

#include <algorithm>

namespace torc::net::api {

namespace {

void put_texts(std::string& out, const std::vector<std::string>& all) {
  json::put_list(out, all, [&](const std::string& t) { json::put(out, std::string_view(t)); });
}

void put_needs(std::string& out, const core::needs& n) {
  json::object o(out);
  o.add("num_cpus", int64_t{n.num_cpus}).add("num_gpus", int64_t{n.num_gpus});
  o.add("num_nodes", int64_t{n.num_nodes}).add("memory_bytes", n.memory_bytes);
  o.add("runtime_s", n.runtime_s);
  if (!n.labels.empty())
    put_texts(o.key("labels"), n.labels.names);
  o.close();
}

void put_ids(std::string& out, const std::vector<core::job_id>& jobs) {
  json::put_list(out, jobs, [&](core::job_id j) { json::put(out, j.value); });
}

void put_counts(std::string& out, const std::array<int64_t, core::job_status_count>& by_status) {
  json::object o(out);
  for (size_t i = 0; i < by_status.size(); ++i)
    if (by_status[i] > 0)
      o.add(core::to_string(static_cast<core::job_status>(i)), by_status[i]);
  o.close();
}

void put_blockers(std::string& out, const core::waiting_for& w) {
  json::object o(out);
  o.add("direct", w.direct).add("all", w.all);
  put_counts(o.key("by_status"), w.by_status);
  o.add("first_count", w.first_count);
  put_ids(o.key("first"), w.first);
  o.close();
}

void put_result(std::string& out, const core::attempt_facts& a, const core::ending& end) {
  json::object o(out);
  o.add("status", core::to_string(a.status)).add("return_code", a.return_code);
  o.add("exec_time_minutes", a.minutes);
  if (a.peak_memory_bytes)
    o.add("peak_memory_bytes", *a.peak_memory_bytes);
  o.add("kind", end.kind).add("why", std::string_view(end.why)).close();
}

void put_canceled(json::object& o, const std::optional<core::cancellation>& who) {
  if (!who)
    return;
  json::object one(o.key("canceled"));
  if (!who->user.empty())
    one.add("by", std::string_view(who->user));
  one.add("at", std::string_view(core::time_of(*who))).close();
}

reply show(const core::workflow_facts& w, const core::job_explanation& e, int64_t attempt,
           size_t runners) {
  std::string body;
  json::object o(body);
  o.add("job_id", e.job.value).add("workflow_id", w.workflow.value).add("run_id", w.run);
  o.add("attempt_id", attempt).add("name", std::string_view(e.name));
  o.add("status", core::to_string(e.status));
  put_texts(o.key("reasons"), e.reasons);
  put_blockers(o.key("blockers"), e.blockers);
  put_ids(o.key("failed_blockers"), e.failed_blockers);
  put_canceled(o, e.canceled);
  put_needs(o.key("needs"), e.asked);
  o.add("runners", static_cast<int64_t>(runners)).add("fitting_runners", e.fitting_runners);
  if (e.last && e.end)
    put_result(o.key("result"), *e.last, *e.end);
  json::object s(o.key("siblings"));
  s.add("count", e.siblings.count).add("median_minutes", e.siblings.median_minutes);
  s.add("p90_minutes", e.siblings.p90_minutes);
  s.add("longest_minutes", e.siblings.longest_minutes).close();
  o.close();
  return json_reply(std::move(body));
}

void put_groups(json::object& o, const core::workflow_explanation& e) {
  auto& out = o.key("holding");
  json::put_list(out, e.holding, [&](const auto& h) {
    json::object one(out);
    one.add("job_id", h.first.value).add("waiting", h.second).close();
  });
  json::put_list(o.key("ready"), e.ready, [&](const core::ready_group& g) {
    json::object one(out);
    one.add("count", g.count).add("fitting_runners", g.fitting_runners);
    put_needs(one.key("needs"), g.asked);
    one.close();
  });
  json::put_list(o.key("failures"), e.failures, [&](const core::failure_group& g) {
    json::object one(out);
    one.add("kind", g.end.kind).add("why", std::string_view(g.end.why));
    one.add("return_code", g.return_code).add("count", g.count);
    put_ids(one.key("jobs"), g.jobs);
    one.close();
  });
  json::put_list(o.key("slow"), e.slow, [&](const core::slow_job& s) {
    json::object one(out);
    one.add("job_id", s.job.value).add("minutes", s.minutes);
    one.add("median_minutes", s.median_minutes).close();
  });
}

reply show(const core::workflow_facts& w, const core::workflow_explanation& e, size_t runners,
           const std::optional<core::cancellation>& canceled) {
  std::string body;
  json::object o(body);
  o.add("workflow_id", w.workflow.value).add("run_id", w.run).add("is_canceled", w.canceled);
  put_counts(o.key("by_status"), e.by_status);
  o.add("runners", static_cast<int64_t>(runners));
  put_texts(o.key("reasons"), e.reasons);
  put_groups(o, e);
  put_canceled(o, canceled);
  o.close();
  return json_reply(std::move(body));
}

using runner_views = std::shared_ptr<const std::vector<core::runner_view>>;

/// Those of the database, with what the rooms say of them. One that has just attached is not among
/// the views yet, and counts as if it served everything.
std::vector<core::runner_facts> runners_for(const core::workflow_facts& w,
                                            std::vector<core::runner_facts> all,
                                            const std::vector<core::runner_view>& attached) {
  for (auto& r : all) {
    const auto at = std::find_if(attached.begin(), attached.end(),
                                 [&](const auto& one) { return one.id == r.id; });
    if (at == attached.end())
      continue;
    r.serves = at->workflow ? at->workflow == w.workflow : at->user == w.user;
    r.held = at->running + at->waiting;
  }
  return all;
}

/// Calls with(input) where the workflow's rows can be read. What is read in several snapshots may
/// differ by what happened meanwhile.
template <class With>
reply with_input(core::read_model& r, const runner_views& attached, core::workflow_id id,
                 std::optional<core::cancellation> job_canceled, With with) {
  if (!r.workflow(id))
    return refusal_reply(no_workflow(id));
  const auto facts = r.facts_for_admission(id);
  if (!facts)
    return refusal_reply(facts.why());
  const auto attempts = r.latest_attempts(id);
  const auto runners = runners_for(*facts, r.runners(), *attached);
  const auto name = [&r](core::job_id j) {
    const auto rows = r.jobs_by_id({j.value}, false);
    return rows.empty() ? std::string() : rows.front().name;
  };
  return with(core::explain_input{*facts, attempts, runners, name,
                                  facts->canceled ? r.cancellation_of(id) : std::nullopt,
                                  std::move(job_canceled)});
}

reply explain_job(core::read_model& r, const runner_views& attached, int64_t id) {
  const auto row = r.job(core::job_id{id});
  if (!row)
    return refusal_reply(not_found("job", id));
  auto canceled = r.cancellation_of(row->id);
  return with_input(r, attached, row->workflow, std::move(canceled),
                    [&](const core::explain_input& in) {
                      const auto e = core::explain_job(in, row->id);
                      return e ? show(in.workflow, *e, row->attempt_id, in.runners.size())
                               : refusal_reply(e.why());
                    });
}

reply explain_workflow(core::read_model& r, const runner_views& attached, core::workflow_id id) {
  return with_input(r, attached, id, std::nullopt, [](const core::explain_input& in) {
    return show(in.workflow, core::explain_workflow(in), in.runners.size(), in.canceled);
  });
}

} // namespace

void add_explain(router& to, const services& s) {
  to.on("GET", "/jobs/{id}/explain", [&s](const call& c) {
    reply_by_reading(s, c, [attached = s.house.runners(), id = c->number(0)](core::read_model& r) {
      return explain_job(r, attached, id);
    });
  });
  to.on("GET", "/workflows/{id}/explain", [&s](const call& c) {
    const core::workflow_id id{c->number(0)};
    reply_by_reading(s, c, [attached = s.house.runners(), id](core::read_model& r) {
      return explain_workflow(r, attached, id);
    });
  });
}

} // namespace torc::net::api
