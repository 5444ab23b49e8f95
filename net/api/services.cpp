#include "net/api/services.hpp"

#include "net/json/job.hpp"

#include <chrono>

namespace torc::net::api {

core::instant now() {
  using namespace std::chrono;
  return {duration_cast<microseconds>(system_clock::now().time_since_epoch()).count()};
}

std::string who_asks(const call& c) {
  constexpr size_t longest_body = 4096;
  const std::string_view body = c->in().body;
  if (!c->in().user.empty())
    return c->in().user;
  if (body.empty() || body.size() > longest_body || !json::check(body) ||
      json::kind_of(body) != json::kind::object)
    return {};
  json::members all;
  all.assign(body);
  const auto user = all.take("user");
  return user ? json::as_string(*user).value_or("") : std::string();
}

core::error wrong_body(const core::error& why) {
  if (why.why != core::refusal::malformed)
    return why;
  return core::refuse(core::refusal::malformed,
                      "Couldn't parse body parameter body - doesn't match schema: " + why.message);
}

core::error not_found(std::string_view what, int64_t id) {
  return core::refuse(core::refusal::not_found,
                      "there is no " + std::string(what) + " with ID " + std::to_string(id));
}

core::error no_workflow(core::workflow_id id) {
  return not_found("workflow", id.value);
}

core::page read_page(query_reader& q) {
  core::page at;
  at.offset = q.integer("offset").value_or(0);
  at.limit = q.integer("limit").value_or(core::max_page);
  at.sort_by = q.text("sort_by").value_or("");
  at.reverse = q.flag("reverse_sort").value_or(false);
  if (at.offset < 0 || at.limit < 0 || at.limit > core::max_page)
    q.complain(core::refuse(core::refusal::unprocessable,
                            "offset must not be negative, and limit must lie between 0 and " +
                                std::to_string(core::max_page)));
  return at;
}

std::optional<core::label_set> read_labels(query_reader& q) {
  const auto text = q.text("labels");
  if (!text)
    return std::nullopt;
  auto labels = core::split_labels(*text);
  if (labels)
    return std::move(*labels);
  q.complain(labels.why());
  return std::nullopt;
}

reply job_reply(const core::job_row& job) {
  std::string body;
  json::write_job(body, job);
  return json_reply(std::move(body));
}

void with_workflow(const services& s, const call& c, core::workflow_id id,
                   std::function<void()> then) {
  read_then(
      s, [id](core::read_model& r) { return r.workflow(id).has_value(); },
      [c, id, then = std::move(then)](bool exists) {
        if (exists)
          then();
        else
          c->refuse(no_workflow(id));
      });
}

} // namespace torc::net::api
