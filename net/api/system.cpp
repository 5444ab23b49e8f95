#include "net/api/all.hpp"
#include "net/api/gate.hpp"

namespace torc::net::api {

namespace {
/// The contract of torc 0.21, which its clients check at every start.
constexpr std::string_view api_version = "0.11.0";

void reload(const services& s, const call& c) {
  const auto users = s.doorkeeper->reload();
  if (!users)
    return c->refuse(core::refuse(core::refusal::unprocessable, users.why().message));
  std::string body;
  json::object o(body);
  // Clients of torc compare the sentence.
  o.add("message", "Auth credentials reloaded successfully");
  o.add("user_count", static_cast<int64_t>(*users)).close();
  c->answer_json(std::move(body));
}
} // namespace

void add_system(router& to, const services& s) {
  to.on("GET", "/ping", [](const call& c) { c->answer_json(R"({"status":"ok"})"); });
  to.on("POST", "/admin/reload-auth", [&s](const call& c) { reload(s, c); });
  to.on("GET", "/version", [&s](const call& c) {
    std::string body;
    json::object o(body);
    o.add("api_version", api_version).add("server", s.settings.server_name);
    o.add("version", s.settings.version).close();
    c->answer_json(std::move(body));
  });
}

} // namespace torc::net::api
