#include "net/api/all.hpp"
#include "net/api/crud.hpp"

#include <algorithm>

namespace torc::net::api {

namespace {

using core::user_data_row;

bool contains(std::string_view text, std::string_view part) {
  const auto lower = [](char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c; };
  return std::search(text.begin(), text.end(), part.begin(), part.end(),
                     [&](char a, char b) { return lower(a) == lower(b); }) != text.end();
}

/// The ids that a job reads or writes; empty when there is no such job.
std::vector<int64_t> ids_of_job(core::read_model& r, int64_t job_id, bool written) {
  const auto job = r.job(core::job_id{job_id});
  if (!job)
    return {};
  return (written ? job->output_user_data_ids : job->input_user_data_ids)
      .value_or(std::vector<int64_t>{});
}

struct user_data_question {
  core::filter base;
  std::optional<std::string> name; ///< a part of it, in either case
  std::optional<int64_t> consumer_job_id, producer_job_id;
};

reply list_user_data(core::read_model& r, const user_data_question& ask) {
  if (!ask.consumer_job_id && !ask.producer_job_id && ask.name)
    return wanted_page_reply<user_data_row>(
        r, ask.base, [&](const user_data_row& row) { return contains(row.name, *ask.name); });
  if (!ask.consumer_job_id && !ask.producer_job_id)
    return page_reply<user_data_row>(r, ask.base);
  if (!r.workflow(ask.base.workflow))
    return refusal_reply(no_workflow(ask.base.workflow));
  auto ids = ask.consumer_job_id ? ids_of_job(r, *ask.consumer_job_id, false)
                                 : ids_of_job(r, *ask.producer_job_id, true);
  std::sort(ids.begin(), ids.end());
  std::vector<user_data_row> rows;
  for (const auto id : ids)
    if (auto row = r.find<user_data_row>(id); row && row->workflow == ask.base.workflow)
      rows.push_back(std::move(*row));
  return list_reply(rows, 0, static_cast<int64_t>(rows.size()), &json::write<user_data_row>);
}

resource<user_data_row> user_data() {
  resource<user_data_row> as;
  as.path = "/user_data";
  as.noun = "user data record";
  as.filters = {{"is_ephemeral", filter_column::type::flag}};
  as.erased = [](int64_t count, core::workflow_id w) {
    std::string body;
    json::object o(body);
    o.add("message", std::to_string(count) + " user data records of workflow " +
                         std::to_string(w.value) + " are deleted");
    o.add("deleted_count", count).close();
    return body;
  };
  return as;
}

void create_linked(const services& s, const call& c, core::create_linked_user_data what) {
  s.house.edit(what, unless_refused<core::edited>(c, [c, row = what.row](const core::edited& done) {
                 auto shown = row;
                 shown.id.value = done.ids.empty() ? 0 : done.ids.front();
                 c->answer(row_reply(shown));
               }));
}

} // namespace

void add_user_data(router& to, const services& s) {
  const auto as = user_data();
  add_get(to, s, as);
  add_replace(to, s, as);
  add_erase(to, s, as);
  add_erase_all(to, s, as);
  to.on("POST", "/user_data", [&s, parse = row_parser(as)](const call& c) {
    query_reader q(c->in());
    const auto consumer = q.integer("consumer_job_id"), producer = q.integer("producer_job_id");
    if (q.refused(c))
      return;
    with_body(s, c, parse, [&s, c, consumer, producer](user_data_row row) {
      create_linked(s, c, {std::move(row), consumer, producer});
    });
  });
  to.on("GET", "/user_data", [&s, columns = as.filters](const call& c) {
    query_reader q(c->in());
    const user_data_question ask{read_filter(q, columns), q.text("name"),
                                 q.integer("consumer_job_id"), q.integer("producer_job_id")};
    if (!q.refused(c))
      reply_by_reading(s, c, [ask](core::read_model& r) { return list_user_data(r, ask); });
  });
}

} // namespace torc::net::api
