#pragma once

#include "net/api/pages.hpp"
#include "net/api/services.hpp"
#include "net/keyed_house.hpp"
#include "net/router.hpp"

#include <string>
#include <vector>

/// create, read, list, replace and delete for a row type, a line each where a resource is
/// registered.
namespace torc::net::api {

/// An equality filter of a list.
struct filter_column {
  enum class type { text, integer, real, flag };
  std::string name;
  type kind = type::text;
};

template <class Row>
struct resource {
  using told = std::function<void(const services&, const Row&)>;
  static void nobody(const services&, const Row&) {}

  std::string path; ///< "/files"
  std::string noun; ///< "file"
  std::vector<filter_column> filters;
  /// Completes and checks a row that came in a body, before it is created or replaced.
  std::function<core::result<core::nothing>(Row&)> check = [](Row&) {
    return core::result<core::nothing>{core::nothing{}};
  };
  /// Told of a row that was created or replaced, once it is on disk.
  told created = nobody, replaced = nobody;
  /// The reply of DELETE on the whole collection.
  std::function<std::string(int64_t count, core::workflow_id)> erased = [](int64_t count,
                                                                           core::workflow_id) {
    std::string body;
    json::object(body).add("count", count).close();
    return body;
  };
};

template <class Row>
auto row_parser(const resource<Row>& as) {
  return [as](std::string_view body, json::unknown_keys& unknown) {
    auto row = json::read<Row>(body, {&unknown, false});
    if (row)
      if (const auto checked = as.check(*row); !checked)
        row = checked.why();
    return row;
  };
}

core::filter read_filter(query_reader& q, const std::vector<filter_column>& columns);

/// Writes the row and replies with it and its new id.
template <class Row>
void create_and_echo(const services& s, const call& c, Row row,
                     typename resource<Row>::told tell = resource<Row>::nobody) {
  core::create<Row> written{row};
  s.house.edit(std::move(written),
               unless_refused<core::edited>(c, [&s, c, row, tell](const core::edited& done) {
                 auto shown = row;
                 shown.id.value = done.ids.empty() ? 0 : done.ids.front();
                 tell(s, shown);
                 c->answer(row_reply(shown));
               }));
}

template <class Row>
void add_create(router& to, const services& s, const resource<Row>& as) {
  to.on("POST", as.path, [&s, parse = row_parser(as), tell = as.created](const call& c) {
    with_body(s, c, parse, [&s, c, tell](Row row) { create_and_echo(s, c, std::move(row), tell); });
  });
}

template <class Row>
void reply_with_row(const services& s, const call& c, const std::string& noun, int64_t id) {
  reply_by_reading(s, c, [noun, id](core::read_model& r) {
    const auto row = r.find<Row>(id);
    return row ? row_reply(*row) : refusal_reply(not_found(noun, id));
  });
}

template <class Row>
void add_get(router& to, const services& s, const resource<Row>& as) {
  to.on("GET", as.path + "/{id}",
        [&s, noun = as.noun](const call& c) { reply_with_row<Row>(s, c, noun, c->number(0)); });
}

template <class Row>
void add_list(router& to, const services& s, const resource<Row>& as) {
  to.on("GET", as.path, [&s, columns = as.filters](const call& c) {
    query_reader q(c->in());
    const auto f = read_filter(q, columns);
    if (!q.refused(c))
      reply_by_reading(s, c, [f](core::read_model& r) { return page_reply<Row>(r, f); });
  });
}

template <class Row>
void add_replace(router& to, const services& s, const resource<Row>& as) {
  to.on("PUT", as.path + "/{id}", [&s, as, parse = row_parser(as)](const call& c) {
    with_body(s, c, parse, [&s, c, as](Row row) {
      row.id.value = c->number(0);
      s.house.edit(core::replace<Row>{row},
                   unless_refused<core::edited>(c, [&s, c, as, row](const core::edited&) {
                     as.replaced(s, row);
                     reply_with_row<Row>(s, c, as.noun, c->number(0));
                   }));
    });
  });
}

/// Replies with what it deleted.
template <class Row>
void add_erase(router& to, const services& s, const resource<Row>& as) {
  to.on("DELETE", as.path + "/{id}", [&s, noun = as.noun](const call& c) {
    read_then(
        s, [id = c->number(0)](core::read_model& r) { return r.find<Row>(id); },
        [&s, c, noun](std::optional<Row> row) {
          if (!row)
            return c->refuse(not_found(noun, c->number(0)));
          foretell(c, row_reply(*row));
          s.house.edit(core::erase<Row>{c->number(0)},
                       unless_refused<core::edited>(
                           c, [c, row](const core::edited&) { c->answer(row_reply(*row)); }));
        });
  });
}

template <class Row>
void add_erase_all(router& to, const services& s, const resource<Row>& as) {
  to.on("DELETE", as.path, [&s, erased = as.erased](const call& c) {
    query_reader q(c->in());
    const core::workflow_id workflow{q.must_integer("workflow_id")};
    if (q.refused(c))
      return;
    with_workflow(s, c, workflow, [&s, c, workflow, erased] {
      s.house.edit(core::erase_all<Row>{workflow},
                   unless_refused<core::edited>(c, [c, workflow, erased](const core::edited& e) {
                     c->answer_json(erased(e.count, workflow));
                   }));
    });
  });
}

/// All of them.
template <class Row>
void add_crud(router& to, const services& s, const resource<Row>& as) {
  add_create(to, s, as);
  add_list(to, s, as);
  add_get(to, s, as);
  add_replace(to, s, as);
  add_erase(to, s, as);
  add_erase_all(to, s, as);
}

} // namespace torc::net::api
