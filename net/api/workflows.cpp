#include "net/api/all.hpp"
#include "net/api/checks.hpp"
#include "net/keyed_house.hpp"

namespace torc::net::api {

namespace {

using core::workflow_id;
using core::workflow_row;

core::result<workflow_row> read_workflow(std::string_view body, json::unknown_keys& unknown) {
  auto row = json::read<workflow_row>(body, {&unknown, false});
  if (row)
    if (const auto checked = check_workflow(*row); !checked)
      row = checked.why();
  return row;
}

void create(const services& s, const call& c, workflow_row row) {
  row.timestamp = core::to_iso8601(now());
  if (!c->in().user.empty())
    row.user = c->in().user;
  core::create<workflow_row> written{row};
  s.house.edit(std::move(written),
               unless_refused<core::edited>(c, [c, row](const core::edited& done) {
                 auto shown = row;
                 shown.id.value = done.ids.empty() ? 0 : done.ids.front();
                 shown.status_id = shown.id.value;
                 c->answer(row_reply(shown));
               }));
}

void reply_with_workflow(const services& s, const call& c) {
  reply_by_reading(s, c, [id = workflow_id{c->number(0)}](core::read_model& r) {
    const auto row = r.workflow(id);
    return row ? row_reply(*row) : refusal_reply(no_workflow(id));
  });
}

void replace(const services& s, const call& c, workflow_row row) {
  row.id.value = c->number(0);
  s.house.edit(
      core::replace<workflow_row>{std::move(row)},
      unless_refused<core::edited>(c, [&s, c](const core::edited&) { reply_with_workflow(s, c); }));
}

/// Replies with what it deleted.
void remove(const services& s, const call& c) {
  const workflow_id id{c->number(0)};
  read_then(
      s, [id](core::read_model& r) { return r.workflow(id); },
      [&s, c, id](std::optional<workflow_row> row) {
        if (!row)
          return c->refuse(no_workflow(id));
        foretell(c, row_reply(*row));
        s.house.control(core::remove_workflow{id},
                        unless_refused<core::done>(
                            c, [c, row](const core::done&) { c->answer(row_reply(*row)); }));
      });
}

void list(const services& s, const call& c) {
  query_reader q(c->in());
  core::workflow_filter f;
  f.name = q.text("name");
  f.user = q.text("user");
  f.description = q.text("description");
  f.is_archived = q.flag("is_archived");
  f.at = read_page(q);
  if (!c->in().sees_all)
    f.visible_to = c->in().user;
  if (q.refused(c))
    return;
  reply_by_reading(s, c, [f](core::read_model& r) {
    const auto page = r.workflows(f);
    return list_reply(page.items, f.at.offset, page.total, &json::write<workflow_row>);
  });
}

} // namespace

void add_workflows(router& to, const services& s) {
  to.on("POST", "/workflows", [&s](const call& c) {
    with_body(s, c, read_workflow, [&s, c](workflow_row row) { create(s, c, std::move(row)); });
  });
  to.on("GET", "/workflows", [&s](const call& c) { list(s, c); });
  to.on("GET", "/workflows/{id}", [&s](const call& c) { reply_with_workflow(s, c); });
  to.on("PUT", "/workflows/{id}", [&s](const call& c) {
    with_body(s, c, read_workflow, [&s, c](workflow_row row) { replace(s, c, std::move(row)); });
  });
  to.on("DELETE", "/workflows/{id}", [&s](const call& c) { remove(s, c); });
}

} // namespace torc::net::api
