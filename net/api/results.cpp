#include "net/api/all.hpp"
#include "net/api/crud.hpp"

namespace torc::net::api {

namespace {

using core::result_row;

void reply_with_result(const services& s, const call& c) {
  reply_by_reading(s, c, [id = c->number(0)](core::read_model& r) {
    const auto row = r.result_by_id(core::result_id{id});
    return row ? row_reply(*row) : refusal_reply(not_found("result", id));
  });
}

core::result_filter read_result_filter(query_reader& q) {
  core::result_filter f;
  f.workflow.value = q.must_integer("workflow_id");
  f.job_id = q.integer("job_id");
  f.run_id = q.integer("run_id");
  f.return_code = q.integer("return_code");
  f.compute_node_id = q.integer("compute_node_id");
  if (const auto name = q.text("status")) {
    f.status = core::job_status_from(std::string_view(*name));
    if (!f.status)
      q.complain("status", "Value not valid: " + *name);
  }
  f.all_runs = q.flag("all_runs").value_or(false);
  f.at = read_page(q);
  return f;
}

std::optional<int64_t> total_of(const core::progress& all, const core::result_filter& f) {
  const auto at = all.workflows.find(f.workflow);
  if (at == all.workflows.end() || f.all_runs || f.job_id || f.run_id || f.return_code ||
      f.compute_node_id || f.status)
    return std::nullopt;
  return at->second->results;
}

reply list_results(core::read_model& r, const core::result_filter& f) {
  if (!r.workflow(f.workflow))
    return refusal_reply(no_workflow(f.workflow));
  const auto page = r.results(f);
  return list_reply(page.items, f.at.offset, page.total, &json::write<result_row>);
}

void erase_result(const services& s, const call& c) {
  read_then(
      s, [id = c->number(0)](core::read_model& r) { return r.result_by_id(core::result_id{id}); },
      [&s, c](std::optional<result_row> row) {
        if (!row)
          return c->refuse(not_found("result", c->number(0)));
        foretell(c, row_reply(*row));
        s.house.edit(core::erase<result_row>{c->number(0)},
                     unless_refused<core::edited>(
                         c, [c, row](const core::edited&) { c->answer(row_reply(*row)); }));
      });
}

} // namespace

void add_results(router& to, const services& s) {
  resource<result_row> as;
  as.path = "/results";
  as.noun = "result";
  add_create(to, s, as);
  add_erase_all(to, s, as);
  to.on("GET", "/results", [&s](const call& c) {
    query_reader q(c->in());
    auto f = read_result_filter(q);
    f.total = total_of(*s.house.progress(), f);
    if (!q.refused(c))
      reply_by_reading(s, c, [f](core::read_model& r) { return list_results(r, f); });
  });
  to.on("GET", "/results/{id}", [&s](const call& c) { reply_with_result(s, c); });
  to.on("PUT", "/results/{id}", [&s, parse = row_parser(as)](const call& c) {
    with_body(s, c, parse, [&s, c](result_row row) {
      row.id.value = c->number(0);
      s.house.edit(core::replace<result_row>{std::move(row)},
                   unless_refused<core::edited>(
                       c, [&s, c](const core::edited&) { reply_with_result(s, c); }));
    });
  });
  to.on("DELETE", "/results/{id}", [&s](const call& c) { erase_result(s, c); });
}

} // namespace torc::net::api
