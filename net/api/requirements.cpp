#include "core/resources.hpp"
#include "net/api/all.hpp"
#include "net/api/checks.hpp"
#include "net/api/crud.hpp"

namespace torc::net::api {

namespace {

using core::requirement_row;

struct requirement_question {
  core::filter base;
  std::optional<int64_t> job_id, runtime_s;
};

reply list_requirements(core::read_model& r, const requirement_question& ask) {
  if (!ask.job_id && !ask.runtime_s)
    return page_reply<requirement_row>(r, ask.base);
  const auto job = ask.job_id ? r.job(core::job_id{*ask.job_id}) : std::nullopt;
  return wanted_page_reply<requirement_row>(r, ask.base, [&](const requirement_row& row) {
    const auto runtime = core::parse_duration(row.runtime);
    return (!ask.job_id || (job && job->requirement == row.id)) &&
           (!ask.runtime_s || (runtime && *runtime == *ask.runtime_s));
  });
}

} // namespace

void add_requirements(router& to, const services& s) {
  using type = filter_column::type;
  resource<core::requirement_row> as;
  as.path = "/resource_requirements";
  as.noun = "resource requirement";
  as.filters = {{"name"},
                {"memory"},
                {"num_cpus", type::integer},
                {"num_gpus", type::integer},
                {"num_nodes", type::integer}};
  as.check = [](core::requirement_row& row) { return check_requirement(row); };
  to.on("GET", as.path, [&s, columns = as.filters](const call& c) {
    query_reader q(c->in());
    const requirement_question ask{read_filter(q, columns), q.integer("job_id"),
                                   q.integer("runtime")};
    if (!q.refused(c))
      reply_by_reading(s, c, [ask](core::read_model& r) { return list_requirements(r, ask); });
  });
  add_get(to, s, as);
  add_erase(to, s, as);
  add_erase_all(to, s, as);
  to.on("PUT", as.path + "/{id}", [&s, noun = as.noun, parse = row_parser(as)](const call& c) {
    with_body(s, c, parse, [&s, c, noun](core::requirement_row row) {
      row.id.value = c->number(0);
      s.house.control(core::amend_requirement{std::move(row)},
                      unless_refused<core::done>(c, [&s, c, noun](const core::done&) {
                        reply_with_row<core::requirement_row>(s, c, noun, c->number(0));
                      }));
    });
  });
  to.on("POST", as.path, [&s, parse = row_parser(as)](const call& c) {
    with_body(s, c, parse, [&s, c](core::requirement_row row) {
      if (row.name == "default")
        return c->refuse(core::refuse(core::refusal::unprocessable,
                                      "every workflow has a requirement \"default\" from its "
                                      "creation; change that one, or take another name"));
      create_and_echo(s, c, std::move(row));
    });
  });
}

} // namespace torc::net::api
