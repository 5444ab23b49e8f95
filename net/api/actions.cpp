#include "net/api/all.hpp"
#include "net/api/checks.hpp"
#include "net/api/crud.hpp"

namespace torc::net::api {

namespace {

using core::action_row;

core::result<action_row> read_action(std::string_view body, json::unknown_keys& unknown,
                                     core::workflow_id workflow) {
  auto row = json::read<action_row>(body, {&unknown, true});
  if (!row)
    return row;
  row->workflow = workflow;
  if (const auto checked = check_action(*row); !checked)
    return checked.why();
  row->required_triggers = required_triggers(*row);
  return row;
}

reply list_actions(core::read_model& r, core::workflow_id workflow,
                   const std::vector<std::string>& triggers, bool pending_only) {
  if (!r.workflow(workflow))
    return refusal_reply(no_workflow(workflow));
  std::string body;
  json::put_list(body, r.actions(workflow, triggers, pending_only),
                 [&](const action_row& row) { json::write(body, row); });
  return json_reply(std::move(body));
}

core::result<std::optional<int64_t>> read_claimant(std::string_view body,
                                                   json::unknown_keys& unknown) {
  json::members claim;
  if (const auto opened = json::open(body, claim); !opened)
    return opened.why();
  std::optional<int64_t> node;
  std::string problem;
  if (!json::get(claim, "compute_node_id", node, problem))
    return core::refuse(core::refusal::malformed, problem);
  unknown.add(claim);
  return node;
}

reply claim_reply(int64_t action, const core::result<core::edited>& outcome) {
  if (!outcome && outcome.why().why != core::refusal::conflict)
    return refusal_reply(outcome.why());
  std::string body;
  json::object o(body);
  if (outcome) {
    o.add("claimed", true).add("success", true).add("action_id", action).close();
    return json_reply(std::move(body));
  }
  json::object inner(o.key("error"));
  inner.add("message", outcome.why().message).add("claimed", false).add("success", false).close();
  o.close();
  return json_reply(std::move(body), 409);
}

void claim_action(const services& s, const call& c, std::optional<int64_t> node) {
  core::claim_action what;
  what.workflow.value = c->number(0);
  what.action.value = c->number(1);
  what.executed_by = node;
  what.executed_at = core::to_iso8601(now());
  s.house.edit(std::move(what), [c](const core::result<core::edited>& outcome) {
    c->answer(claim_reply(c->number(1), outcome));
  });
}

} // namespace

void add_actions(router& to, const services& s) {
  to.on("POST", "/workflows/{id}/actions", [&s](const call& c) {
    const core::workflow_id workflow{c->number(0)};
    with_body(
        s, c,
        [workflow](std::string_view body, json::unknown_keys& unknown) {
          return read_action(body, unknown, workflow);
        },
        [&s, c](action_row row) { create_and_echo(s, c, std::move(row)); });
  });
  to.on("GET", "/workflows/{id}/actions", [&s](const call& c) {
    reply_by_reading(s, c, [workflow = core::workflow_id{c->number(0)}](core::read_model& r) {
      return list_actions(r, workflow, {}, false);
    });
  });
  to.on("GET", "/workflows/{id}/actions/pending", [&s](const call& c) {
    const core::workflow_id workflow{c->number(0)};
    auto triggers = query_reader(c->in()).texts("trigger_type");
    reply_by_reading(s, c, [workflow, triggers](core::read_model& r) {
      return list_actions(r, workflow, triggers, true);
    });
  });
  to.on("POST", "/workflows/{id}/actions/{action_id}/claim", [&s](const call& c) {
    if (c->in().body.empty())
      return claim_action(s, c, std::nullopt);
    with_body(s, c, read_claimant,
              [&s, c](std::optional<int64_t> node) { claim_action(s, c, node); });
  });
}

} // namespace torc::net::api
