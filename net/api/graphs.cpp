#include "net/api/all.hpp"

namespace torc::net::api {

namespace {

using core::job_relationship;
using core::related;
using core::workflow_id;

void put_job(json::object& o, const std::string& role, int64_t id, const std::string& name) {
  if (id == 0)
    return;
  o.add(role + "_job_id", id).add(role + "_job_name", name);
}

void put_relationship(std::string& out, const job_relationship& r, related to, workflow_id of) {
  json::object o(out);
  if (to == related::files)
    o.add("file_id", r.thing_id).add("file_name", r.thing_name).add("file_path", r.thing_path);
  else
    o.add("user_data_id", r.thing_id).add("user_data_name", r.thing_name);
  put_job(o, "producer", r.producer_job_id, r.producer_job_name);
  put_job(o, "consumer", r.consumer_job_id, r.consumer_job_name);
  o.add("workflow_id", of.value).close();
}

void add_relationships(router& to, const services& s, const std::string& path, related kind) {
  to.on("GET", "/workflows/{id}/" + path, [&s, kind](const call& c) {
    query_reader q(c->in());
    const auto at = read_page(q);
    if (q.refused(c))
      return;
    reply_by_reading(s, c, [at, kind, id = workflow_id{c->number(0)}](core::read_model& r) {
      if (!r.workflow(id))
        return refusal_reply(no_workflow(id));
      const auto page = r.relationships(id, kind, at);
      return list_reply(page.items, at.offset, page.total,
                        [kind, id](std::string& out, const job_relationship& one) {
                          put_relationship(out, one, kind, id);
                        });
    });
  });
}

/// A quoted name of Graphviz's language.
std::string quoted(const std::string& name) {
  std::string text = "\"";
  for (const char c : name) {
    if (c == '"' || c == '\\')
      text += '\\';
    text += c;
  }
  return text + "\"";
}

reply show_dot(core::read_model& r, workflow_id id, const std::string& name) {
  if (!r.workflow(id))
    return refusal_reply(no_workflow(id));
  std::string graph = "digraph " + quoted(name) + " {\n";
  core::page at;
  for (;;) {
    const auto page = r.job_dependencies(id, at);
    for (const auto& d : page.items)
      graph += "  " + quoted(d.depends_on_job_name) + " -> " + quoted(d.job_name) + ";\n";
    at.offset += static_cast<int64_t>(page.items.size());
    if (page.items.empty() || at.offset >= page.total)
      break;
  }
  std::string body;
  json::object(body).add("graph", graph + "}\n").close();
  return json_reply(std::move(body));
}

} // namespace

void add_graphs(router& to, const services& s) {
  add_relationships(to, s, "job_file_relationships", related::files);
  add_relationships(to, s, "job_user_data_relationships", related::user_data);
  to.on("GET", "/workflows/{id}/dot_graph/{=name}", [&s](const call& c) {
    reply_by_reading(s, c,
                     [id = workflow_id{c->number(0)}, name = c->text(0)](core::read_model& r) {
                       return show_dot(r, id, name);
                     });
  });
}

} // namespace torc::net::api
