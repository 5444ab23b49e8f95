#include "net/api/all.hpp"
#include "net/api/checks.hpp"
#include "net/api/crud.hpp"

namespace torc::net::api {

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
  add_list(to, s, as);
  add_get(to, s, as);
  add_replace(to, s, as);
  add_erase(to, s, as);
  to.on("POST", as.path, [&s, parse = row_parser(as)](const call& c) {
    with_body(s, c, parse, [&s, c](core::requirement_row row) {
      if (row.name == "default")
        return c->refuse(core::refuse(core::refusal::unprocessable,
                                      "every workflow has a requirement \"default\" from its "
                                      "creation; change that one, or take another name"));
      create_and_echo(s, c, std::move(row));
    });
  });
  to.on("DELETE", as.path, [](const call& c) {
    c->refuse(core::refuse(core::refusal::unprocessable,
                           "resource requirements are deleted one by one, or with their workflow"));
  });
}

} // namespace torc::net::api
