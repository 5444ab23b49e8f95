#include "net/api/all.hpp"
#include "net/api/crud.hpp"

namespace torc::net::api {

void add_entities(router& to, const services& s) {
  using core::ro_crate_entity_row;
  resource<ro_crate_entity_row> as;
  as.path = "/ro_crate_entities";
  as.noun = "RO-Crate entity";
  add_create(to, s, as);
  add_get(to, s, as);
  add_replace(to, s, as);
  to.on("DELETE", as.path + "/{id}", [&s](const call& c) {
    s.house.edit(core::erase<ro_crate_entity_row>{c->number(0)},
                 unless_refused<core::edited>(c, [c](const core::edited& e) {
                   if (e.count == 0)
                     c->refuse(not_found("RO-Crate entity", c->number(0)));
                   else
                     c->answer_json(R"({"message":"RO-Crate entity deleted successfully"})");
                 }));
  });
  to.on("GET", "/workflows/{id}/ro_crate_entities", [&s](const call& c) {
    query_reader q(c->in());
    const core::filter f{core::workflow_id{c->number(0)}, {}, read_page(q)};
    if (!q.refused(c))
      reply_by_reading(s, c,
                       [f](core::read_model& r) { return page_reply<ro_crate_entity_row>(r, f); });
  });
  to.on("DELETE", "/workflows/{id}/ro_crate_entities", [&s](const call& c) {
    const core::workflow_id workflow{c->number(0)};
    with_workflow(s, c, workflow, [&s, c, workflow] {
      s.house.edit(core::erase_all<ro_crate_entity_row>{workflow},
                   unless_refused<core::edited>(c, [c](const core::edited& e) {
                     std::string body;
                     json::object o(body);
                     o.add("message", std::to_string(e.count) + " RO-Crate entities are deleted");
                     o.add("deleted_count", e.count).close();
                     c->answer_json(std::move(body));
                   }));
    });
  });
}

} // namespace torc::net::api
