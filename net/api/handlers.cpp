#include "net/api/all.hpp"
#include "net/api/crud.hpp"

namespace torc::net::api {

namespace {
constexpr const char* deleted = R"({"message":"Failure handler deleted successfully"})";
} // namespace

void add_handlers(router& to, const services& s) {
  using core::failure_handler_row;
  resource<failure_handler_row> as;
  as.path = "/failure_handlers";
  as.noun = "failure handler";
  add_create(to, s, as);
  add_get(to, s, as);
  to.on("DELETE", "/failure_handlers/{id}", [&s](const call& c) {
    s.house.edit(core::erase<failure_handler_row>{c->number(0)},
                 unless_refused<core::edited>(c, [c](const core::edited& e) {
                   if (e.count == 0)
                     c->refuse(not_found("failure handler", c->number(0)));
                   else
                     c->answer_json(deleted);
                 }));
  });
  to.on("GET", "/workflows/{id}/failure_handlers", [&s](const call& c) {
    query_reader q(c->in());
    const core::filter f{core::workflow_id{c->number(0)}, {}, read_page(q)};
    if (!q.refused(c))
      reply_by_reading(s, c,
                       [f](core::read_model& r) { return page_reply<failure_handler_row>(r, f); });
  });
}

} // namespace torc::net::api
