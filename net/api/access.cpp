#include "core/access_rows.hpp"
#include "net/api/all.hpp"
#include "net/api/crud.hpp"

namespace torc::net::api {

namespace {

using core::access_group_row;
using core::group_id;
using core::membership_row;
using core::share_row;
using core::workflow_id;

/// "2026-01-31 12:00:00", as these tables have had it since torc.
std::string created_now() {
  auto text = core::to_iso8601(now()).substr(0, 19);
  text[10] = ' ';
  return text;
}

template <class Row>
reply access_list_reply(const core::page_of<Row>& page, const core::page& at) {
  std::string body;
  json::object o(body);
  json::put_list(o.key("items"), page.items, [&](const Row& row) { json::write(body, row); });
  const auto end = at.offset + static_cast<int64_t>(page.items.size());
  o.add("offset", at.offset).add("limit", at.limit).add("total_count", page.total);
  o.add("has_more", end < page.total).close();
  return json_reply(std::move(body));
}

core::error no_group(group_id id) {
  return not_found("access group", id.value);
}

/// Replies with what `find` has of the row, once `what` has taken it away.
template <class Edit, class Find>
void remove_and_show(const services& s, const call& c, Edit what, Find find,
                     const core::error& missing) {
  read_then(s, std::move(find), [&s, c, what, missing](auto row) {
    if (!row)
      return c->refuse(missing);
    foretell(c, row_reply(*row));
    s.house.edit(what, unless_refused<core::edited>(
                           c, [c, row](const core::edited&) { c->answer(row_reply(*row)); }));
  });
}

/// Replies with the row that `what` makes, under the id that it was given.
template <class Edit, class Row>
void create_and_show(const services& s, const call& c, Edit what, Row row) {
  s.house.edit(std::move(what), unless_refused<core::edited>(c, [c, row](const core::edited& done) {
                 auto shown = row;
                 shown.id.value = done.ids.empty() ? 0 : done.ids.front();
                 c->answer(row_reply(shown));
               }));
}

void create_group(const services& s, const call& c, access_group_row row) {
  row.created_at = created_now();
  create_and_show(s, c, core::create_group{row}, row);
}

void add_member(const services& s, const call& c, membership_row row) {
  row.group.value = c->number(0);
  row.created_at = created_now();
  create_and_show(s, c, core::add_member{row}, row);
}

void share(const services& s, const call& c, group_id group) {
  const share_row row{workflow_id{c->number(0)}, group, created_now()};
  s.house.edit(core::share_workflow{row},
               unless_refused<core::edited>(
                   c, [c, row](const core::edited&) { c->answer(row_reply(row)); }));
}

void check_access(const services& s, const call& c) {
  reply_by_reading(s, c, [id = workflow_id{c->number(0)}, user = c->text(0)](core::read_model& r) {
    if (!r.workflow(id))
      return refusal_reply(no_workflow(id));
    std::string body;
    json::object o(body);
    o.add("has_access", r.may_access(id, user)).add("user_name", user);
    o.add("workflow_id", id.value).close();
    return json_reply(std::move(body));
  });
}

/// GET of a list that `read` reads, or of what it refuses.
template <class Read>
void add_access_list(router& to, const services& s, std::string_view path, Read read) {
  to.on("GET", path, [&s, read](const call& c) {
    query_reader q(c->in());
    const auto at = read_page(q);
    if (!q.refused(c))
      read(s, c, at);
  });
}

template <class Row>
auto plain_parser() {
  return [](std::string_view body, json::unknown_keys& unknown) {
    return json::read<Row>(body, {&unknown, false});
  };
}

void add_groups(router& to, const services& s) {
  to.on("POST", "/access_groups", [&s](const call& c) {
    with_body(s, c, plain_parser<access_group_row>(),
              [&s, c](access_group_row row) { create_group(s, c, std::move(row)); });
  });
  add_access_list(
      to, s, "/access_groups", [](const services& with, const call& c, const core::page& at) {
        reply_by_reading(with, c,
                         [at](core::read_model& r) { return access_list_reply(r.groups(at), at); });
      });
  to.on("GET", "/access_groups/{id}", [&s](const call& c) {
    reply_by_reading(s, c, [id = group_id{c->number(0)}](core::read_model& r) {
      const auto row = r.group(id);
      return row ? row_reply(*row) : refusal_reply(no_group(id));
    });
  });
  to.on("DELETE", "/access_groups/{id}", [&s](const call& c) {
    const group_id id{c->number(0)};
    remove_and_show(
        s, c, core::remove_group{id}, [id](core::read_model& r) { return r.group(id); },
        no_group(id));
  });
}

void add_members(router& to, const services& s) {
  to.on("POST", "/access_groups/{id}/members", [&s](const call& c) {
    with_body(s, c, plain_parser<membership_row>(),
              [&s, c](membership_row row) { add_member(s, c, std::move(row)); });
  });
  add_access_list(to, s, "/access_groups/{id}/members",
                  [](const services& with, const call& c, const core::page& at) {
                    reply_by_reading(with, c,
                                     [at, id = group_id{c->number(0)}](core::read_model& r) {
                                       return r.group(id) ? access_list_reply(r.members(id, at), at)
                                                          : refusal_reply(no_group(id));
                                     });
                  });
  to.on("DELETE", "/access_groups/{id}/members/{=user_name}", [&s](const call& c) {
    const group_id id{c->number(0)};
    const auto user = c->text(0);
    remove_and_show(
        s, c, core::remove_member{id, user},
        [id, user](core::read_model& r) { return r.membership(id, user); },
        core::refuse(core::refusal::not_found,
                     user + " is no member of access group " + std::to_string(id.value)));
  });
  add_access_list(to, s, "/users/{=user_name}/groups",
                  [](const services& with, const call& c, const core::page& at) {
                    reply_by_reading(with, c, [at, user = c->text(0)](core::read_model& r) {
                      return access_list_reply(r.groups_of_user(user, at), at);
                    });
                  });
}

void add_shares(router& to, const services& s) {
  to.on("POST", "/workflows/{id}/access_groups", [&s](const call& c) {
    with_body(
        s, c,
        [](std::string_view body, json::unknown_keys& unknown) {
          return json::read<share_row>(body, {&unknown, true});
        },
        [&s, c](const share_row& row) { share(s, c, row.group); });
  });
  to.on("POST", "/workflows/{id}/access_groups/{group_id}",
        [&s](const call& c) { share(s, c, group_id{c->number(1)}); });
  add_access_list(
      to, s, "/workflows/{id}/access_groups",
      [](const services& with, const call& c, const core::page& at) {
        reply_by_reading(with, c, [at, id = workflow_id{c->number(0)}](core::read_model& r) {
          return r.workflow(id) ? access_list_reply(r.groups_of_workflow(id, at), at)
                                : refusal_reply(no_workflow(id));
        });
      });
  to.on("DELETE", "/workflows/{id}/access_groups/{group_id}", [&s](const call& c) {
    const workflow_id workflow{c->number(0)};
    const group_id group{c->number(1)};
    remove_and_show(
        s, c, core::unshare_workflow{workflow, group},
        [workflow, group](core::read_model& r) { return r.share(workflow, group); },
        core::refuse(core::refusal::not_found, "workflow " + std::to_string(workflow.value) +
                                                   " is not shared with access group " +
                                                   std::to_string(group.value)));
  });
}

} // namespace

void add_access(router& to, const services& s) {
  add_groups(to, s);
  add_members(to, s);
  add_shares(to, s);
  to.on("GET", "/access_check/{workflow_id}/{=user_name}",
        [&s](const call& c) { check_access(s, c); });
}

} // namespace torc::net::api
