#include "storage/facts.hpp"

#include <algorithm>
#include <map>
#include <string>
#include <tuple>

namespace torc::storage {

namespace {

/// (what is shared, job), sorted.
using links = std::vector<std::pair<int64_t, int64_t>>;

links load_links(database& db, core::workflow_id w, const std::string& table,
                 const std::string& column) {
  statement s{db, "SELECT l." + column + ", l.job_id FROM job_run AS r JOIN " + table +
                      " AS l ON l.job_id BETWEEN r.first_job AND r.last_job "
                      "WHERE r.workflow_id = ?1"};
  links all;
  for (auto r = s.query(w); r.next();)
    all.emplace_back(r.get<int64_t>(0), r.get<int64_t>(1));
  std::sort(all.begin(), all.end());
  return all;
}

/// Every producer of a thing blocks every consumer of it. @returns false above max_edges
bool join(const links& producers, const links& consumers, std::vector<job_edge>& edges) {
  auto p = producers.begin();
  auto c = consumers.begin();
  while (p != producers.end() && c != consumers.end()) {
    if (p->first != c->first) {
      p->first < c->first ? ++p : ++c;
      continue;
    }
    const auto thing = p->first;
    const auto other = [thing](const auto& l) { return l.first != thing; };
    const auto p_end = std::find_if(p, producers.end(), other);
    const auto c_end = std::find_if(c, consumers.end(), other);
    const auto added = static_cast<size_t>(p_end - p) * static_cast<size_t>(c_end - c);
    if (edges.size() + added > max_edges)
      return false;
    for (; p != p_end; ++p)
      for (auto i = c; i != c_end; ++i)
        if (p->second != i->second)
          edges.emplace_back(core::job_id{p->second}, core::job_id{i->second});
    c = c_end;
  }
  return true;
}

core::error too_many_edges(core::workflow_id w) {
  return core::refuse(core::refusal::too_large,
                      "workflow " + std::to_string(w.value) + " has more than " +
                          std::to_string(max_edges) +
                          " dependencies; put a job between many writers and many readers");
}

void load_jobs(database& db, core::workflow_facts& facts) {
  statement needs{db, "SELECT num_cpus, num_gpus, num_nodes, memory_bytes, runtime_s "
                      "FROM resource_requirements WHERE id = ?1"};
  const auto need_of = [&](int64_t requirement) {
    auto r = needs.query(requirement);
    return r.next() ? core::needs{r.get<int32_t>(0), r.get<int32_t>(1), r.get<int32_t>(2),
                                  r.get<int64_t>(3), r.get<int64_t>(4)}
                    : core::needs{};
  };
  statement jobs{db, "SELECT s.job_id, s.status, s.attempt_id, j.cancel_on_blocking_job_failure, "
                     "j.resource_requirements_id, j.priority, j.scheduler_id, "
                     "s.grant_id IS NOT NULL, j.labels FROM job_run AS r "
                     "JOIN job_state AS s ON s.job_id BETWEEN r.first_job AND r.last_job "
                     "JOIN job AS j ON j.id = s.job_id "
                     "WHERE r.workflow_id = ?1 ORDER BY r.first_job, s.job_id"};
  using kind = std::tuple<int64_t, int64_t, int64_t, std::string>;
  std::map<kind, uint32_t> class_of;
  for (auto r = jobs.query(facts.workflow); r.next();) {
    core::job_facts f;
    f.job = r.get<core::job_id>(0);
    f.status = r.get<core::job_status>(1);
    f.attempt = r.get<int32_t>(2);
    f.cancel_on_failure = r.get<bool>(3);
    f.is_open = r.get<bool>(7);
    const kind k{r.get<int64_t>(4), r.get<int64_t>(5), r.get<int64_t>(6), r.get<std::string>(8)};
    const auto [it, fresh] = class_of.try_emplace(k, facts.classes.size());
    if (fresh) {
      facts.classes.push_back({need_of(std::get<0>(k)), std::get<1>(k),
                               core::scheduler_id{std::get<2>(k)},
                               core::requirement_id{std::get<0>(k)}});
      facts.classes.back().need.labels = core::labels_of(std::get<3>(k));
    }
    f.job_class = it->second;
    facts.jobs.push_back(f);
  }
}

} // namespace

core::result<std::vector<job_edge>> load_edges(database& db, core::workflow_id w) {
  std::vector<job_edge> edges;
  statement told{db, "SELECT d.depends_on_job_id, d.job_id FROM job_run AS r "
                     "JOIN job_depends_on AS d ON d.job_id BETWEEN r.first_job AND r.last_job "
                     "WHERE r.workflow_id = ?1"};
  for (auto r = told.query(w); r.next();)
    edges.emplace_back(r.get<core::job_id>(0), r.get<core::job_id>(1));
  const auto explicit_edges = edges.size();
  if (edges.size() > max_edges ||
      !join(load_links(db, w, "job_output_file", "file_id"),
            load_links(db, w, "job_input_file", "file_id"), edges) ||
      !join(load_links(db, w, "job_output_user_data", "user_data_id"),
            load_links(db, w, "job_input_user_data", "user_data_id"), edges))
    return too_many_edges(w);
  // The explicit ones are unique by their primary key.
  if (edges.size() != explicit_edges) {
    std::sort(edges.begin(), edges.end());
    edges.erase(std::unique(edges.begin(), edges.end()), edges.end());
  }
  return edges;
}

core::result<core::workflow_facts> load_facts(database& db, core::workflow_id w) {
  core::workflow_facts facts;
  facts.workflow = w;
  statement workflow{db, "SELECT w.user, w.jobs_sort_method, s.run_id, s.is_canceled "
                         "FROM workflow AS w JOIN workflow_status AS s ON s.id = w.id "
                         "WHERE w.id = ?1"};
  if (auto r = workflow.query(w); r.next()) {
    facts.user = r.get<std::string>(0);
    facts.sort_method = r.get<std::string>(1);
    facts.run = r.get<int64_t>(2);
    facts.canceled = r.get<bool>(3);
  } else {
    return core::refuse(core::refusal::not_found,
                        "there is no workflow " + std::to_string(w.value));
  }
  load_jobs(db, facts);
  auto edges = load_edges(db, w);
  if (!edges)
    return edges.why();
  facts.edges = std::move(*edges);
  return facts;
}

} // namespace torc::storage
