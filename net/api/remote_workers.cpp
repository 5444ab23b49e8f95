#include "core/access_rows.hpp"
#include "net/api/all.hpp"
#include "net/json/document.hpp"

namespace torc::net::api {

namespace {

using core::workflow_id;
using names = std::vector<std::string>;

core::result<names> read_names(std::string_view body, json::unknown_keys&) {
  if (json::kind_of(body) != json::kind::array)
    return core::refuse(core::refusal::malformed, "found " +
                                                      std::string(name_of(json::kind_of(body))) +
                                                      ", expected a list of strings");
  names all;
  bool all_good = true;
  json::elements(body, [&](std::string_view item) {
    auto name = json::as_string(item);
    all_good = name.has_value();
    if (name)
      all.push_back(std::move(*name));
    return all_good;
  });
  if (!all_good)
    return core::refuse(core::refusal::malformed,
                        "item " + std::to_string(all.size()) + " is no string");
  return all;
}

void put_worker(std::string& out, const std::string& name, workflow_id workflow) {
  json::object o(out);
  o.add("worker", name).add("workflow_id", workflow.value).close();
}

reply worker_list(const names& all, workflow_id workflow, int status) {
  std::string body;
  json::put_list(body, all, [&](const std::string& name) { put_worker(body, name, workflow); });
  return json_reply(std::move(body), status);
}

} // namespace

void add_remote_workers(router& to, const services& s) {
  to.on("POST", "/workflows/{id}/remote_workers", [&s](const call& c) {
    with_body(s, c, read_names, [&s, c](const names& all) {
      const workflow_id workflow{c->number(0)};
      s.house.edit(core::add_remote_workers{workflow, all},
                   unless_refused<core::edited>(c, [c, workflow, all](const core::edited&) {
                     c->answer(worker_list(all, workflow, 201));
                   }));
    });
  });
  to.on("GET", "/workflows/{id}/remote_workers", [&s](const call& c) {
    reply_by_reading(s, c, [id = workflow_id{c->number(0)}](core::read_model& r) {
      return r.workflow(id) ? worker_list(r.remote_workers(id), id, 200)
                            : refusal_reply(no_workflow(id));
    });
  });
  to.on("DELETE", "/workflows/{id}/remote_workers/{=worker}", [&s](const call& c) {
    const workflow_id workflow{c->number(0)};
    s.house.edit(core::remove_remote_worker{workflow, c->text(0)},
                 unless_refused<core::edited>(c, [c, workflow](const core::edited&) {
                   std::string body;
                   put_worker(body, c->text(0), workflow);
                   c->answer_json(std::move(body));
                 }));
  });
}

} // namespace torc::net::api
