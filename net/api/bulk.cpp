#include "core/edits.hpp"
#include "net/api/all.hpp"
#include "net/api/read_list.hpp"

namespace torc::net::api {

namespace {

using core::refusal;
using core::refuse;

/// The list `name` of the body: rows of one workflow.
template <class Row>
core::result<std::vector<Row>> read_rows(std::string_view body, json::unknown_keys& unknown,
                                         std::string_view name) {
  return read_list<Row>(
      body, unknown, name, "rows",
      [&](std::string_view item, const std::vector<Row>& before) -> core::result<Row> {
        auto row = json::read<Row>(item, {&unknown, false});
        if (row && !before.empty() && row->workflow != before.front().workflow)
          return refuse(refusal::unprocessable, "all of one call must be of one workflow");
        return row;
      });
}

template <class Row>
reply show_rows(std::string_view name, const std::vector<Row>& rows) {
  std::string body;
  body.reserve(64 + rows.size() * 128);
  json::object o(body);
  json::put_list(o.key(name), rows, [&](const Row& row) { json::write(body, row); });
  o.close();
  return json_reply(std::move(body));
}

/// POST: adds all or none, and shows them with their ids.
template <class Row>
void add_bulk(router& to, const services& s, std::string_view path, std::string_view name) {
  to.on("POST", path, [&s, name](const call& c) {
    with_body(
        s, c,
        [name](std::string_view body, json::unknown_keys& unknown) {
          return read_rows<Row>(body, unknown, name);
        },
        [&s, c, name](std::vector<Row> rows) {
          if (rows.empty())
            return c->answer(show_rows<Row>(name, {}));
          const auto shown = std::make_shared<std::vector<Row>>(rows);
          s.house.edit(core::create_many<Row>{std::move(rows)},
                       unless_refused<core::edited>(c, [&s, c, name, shown](core::edited done) {
                         reply_by_reading(
                             s, c, [name, shown, ids = std::move(done.ids)](core::read_model&) {
                               for (size_t i = 0; i < ids.size() && i < shown->size(); ++i)
                                 (*shown)[i].id.value = ids[i];
                               return show_rows(name, *shown);
                             });
                       }));
        });
  });
}

} // namespace

void add_bulks(router& to, const services& s) {
  add_bulk<core::file_row>(to, s, "/bulk_files", "files");
  add_bulk<core::user_data_row>(to, s, "/bulk_user_data", "user_data");
}

} // namespace torc::net::api
