#include "core/edits.hpp"
#include "net/api/all.hpp"

namespace torc::net::api {

namespace {

using core::refusal;
using core::refuse;

/// The list `name` of the body: rows of one workflow.
template <class Row>
core::result<std::vector<Row>> read_rows(std::string_view body, json::unknown_keys& unknown,
                                         std::string_view name) {
  json::members from;
  if (const auto opened = json::open(body, from); !opened)
    return opened.why();
  const auto list = from.take(name);
  if (!list || json::kind_of(*list) != json::kind::array)
    return refuse(refusal::malformed, "`" + std::string(name) + "` must be a list");
  std::vector<Row> rows;
  std::optional<core::error> wrong;
  json::elements(*list, [&](std::string_view item) {
    auto row = json::read<Row>(item, {&unknown, false});
    const auto place = std::string(name) + "[" + std::to_string(rows.size()) + "]: ";
    if (!row)
      wrong = refuse(row.why().why, place + row.why().message);
    else if (!rows.empty() && row->workflow != rows.front().workflow)
      wrong = refuse(refusal::unprocessable, place + "all of one call must be of one workflow");
    else if (static_cast<int64_t>(rows.size()) == core::max_page)
      wrong = refuse(refusal::unprocessable, "more than " + std::to_string(core::max_page) +
                                                 " rows in one call; send them in parts");
    else
      rows.push_back(std::move(*row));
    return !wrong;
  });
  if (wrong)
    return *wrong;
  unknown.add(from);
  return rows;
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
