#include "core/secret.hpp"
#include "net/api/all.hpp"

namespace torc::net::api {

namespace {

struct signing_request {
  std::string csr_pem;
  std::string secret;
};

core::result<signing_request> read_request(std::string_view body, json::unknown_keys& unknown) {
  json::members from;
  if (const auto opened = json::open(body, from); !opened)
    return opened.why();
  signing_request asked;
  std::string problem;
  json::get(from, "csr_pem", asked.csr_pem, problem);
  json::get(from, "secret", asked.secret, problem);
  if (problem.empty() && asked.csr_pem.empty())
    problem = "missing field `csr_pem`";
  if (!problem.empty())
    return core::refuse(core::refusal::malformed, problem);
  unknown.add(from);
  return asked;
}

/// Empty: sign. A runner proves that it is of the server's user by a file only that user can read.
std::string why_not(const services& s, const call& c, const signing_request& asked) {
  if (s.settings.allow_anonymous)
    return {};
  if (!c->in().from_loopback)
    return "runners on other hosts get no certificate from this server; start it with "
           "--allow-anonymous if everybody who reaches it may run jobs";
  if (s.settings.runner_secret.empty() ||
      !core::same_secret(asked.secret, s.settings.runner_secret))
    return "the secret is not the one in " + s.settings.runner_secret_path +
           "; only the user who runs the server can read it";
  return {};
}

void sign(const services& s, const call& c, const signing_request& asked) {
  if (const auto why = why_not(s, c, asked); !why.empty())
    return c->refuse(core::refuse(core::refusal::forbidden, why));
  const auto certificate = s.house.sign(asked.csr_pem);
  if (!certificate)
    return c->refuse(wrong_body(certificate.why()));
  std::string body;
  json::object o(body);
  o.add("certificate_pem", *certificate).add("token", s.house.door().token).close();
  c->answer_json(std::move(body));
}

void show_door(const services& s, const call& c) {
  const auto door = s.house.door();
  std::string body;
  json::object o(body);
  o.add("host", door.host).add("port", static_cast<int64_t>(door.port));
  o.add("authority_pem", door.authority_pem);
  if (!s.settings.allow_anonymous)
    o.add("secret_path", s.settings.runner_secret_path);
  o.add("needs_secret", !s.settings.allow_anonymous).close();
  c->answer_json(std::move(body));
}

core::result<int64_t> read_instance(std::string_view body, json::unknown_keys& unknown) {
  json::members from;
  if (const auto opened = json::open(body, from); !opened)
    return opened.why();
  int64_t instance = 0;
  std::string problem;
  json::get(from, "instance", instance, problem);
  if (problem.empty() && instance == 0)
    problem = "missing field `instance`";
  if (!problem.empty())
    return core::refuse(core::refusal::malformed, problem);
  unknown.add(from);
  return instance;
}

/// Only a runner and its guardian know its instance, so that to know it is proof enough.
void bury(const services& s, const call& c, int64_t instance) {
  s.house.runner_gone(instance, [c](const core::result<core::done>& done) {
    if (!done)
      return c->refuse(done.why());
    c->answer_json("{}");
  });
}

} // namespace

void add_runners(router& to, const services& s) {
  to.on("GET", "/runner_door", [&s](const call& c) { show_door(s, c); });
  to.on("POST", "/runner_certificates", [&s](const call& c) {
    with_body(s, c, read_request, [&s, c](const signing_request& asked) { sign(s, c, asked); });
  });
  to.on("POST", "/runner_deaths", [&s](const call& c) {
    with_body(s, c, read_instance, [&s, c](int64_t instance) { bury(s, c, instance); });
  });
}

} // namespace torc::net::api
