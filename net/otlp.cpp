#include "net/otlp.hpp"

#include "net/http.hpp"
#include "net/json/document.hpp"
#include "net/json/text.hpp"

#include <charconv>

namespace torc::net::otlp {

namespace {

using telemetry::finished_span;

/// What a job is named is bytes; protobuf's strings are UTF-8.
void put_text(std::string& out, const std::string& text) {
  if (is_utf8(text)) {
    json::put(out, std::string_view(text));
    return;
  }
  std::string plain = text;
  for (auto& c : plain)
    if (static_cast<unsigned char>(c) >= 0x80)
      c = '?';
  json::put(out, std::string_view(plain));
}

/// Numbers of 64 bits are strings in protobuf's JSON.
std::string quoted(int64_t n) {
  return "\"" + std::to_string(n) + "\"";
}

void put_attribute(std::string& out, std::string_view key,
                   const std::variant<int64_t, std::string>& value) {
  json::object o(out);
  o.add("key", key);
  json::object v(o.key("value"));
  if (const auto* n = std::get_if<int64_t>(&value))
    v.key("intValue") += quoted(*n);
  else
    put_text(v.key("stringValue"), std::get<std::string>(value));
  v.close();
  o.close();
}

void put_span(std::string& out, const finished_span& s) {
  json::object o(out);
  o.add("traceId", telemetry::hex(s.trace)).add("spanId", telemetry::hex(s.id));
  if (s.parent != 0)
    o.add("parentSpanId", telemetry::hex(s.parent));
  put_text(o.key("name"), std::string(s.name) + s.more_name);
  o.add("kind", static_cast<int64_t>(s.what));
  o.key("startTimeUnixNano") += quoted(s.start_us * 1000);
  o.key("endTimeUnixNano") += quoted(s.end_us * 1000);
  json::put_list(o.key("attributes"), s.attributes,
                 [&](const auto& a) { put_attribute(out, a.key, a.value); });
  if (s.link) {
    o.key("links") += '[';
    json::object l(out);
    l.add("traceId", telemetry::hex(s.link->trace)).add("spanId", telemetry::hex(s.link->span));
    l.close();
    out += ']';
  }
  json::object status(o.key("status"));
  if (s.failed) {
    constexpr int64_t status_code_error = 2;
    put_text(status.key("message"), s.why);
    status.add("code", status_code_error);
  }
  status.close();
  o.close();
}

} // namespace

std::string head_of(const trace_settings::pairs& resource, std::string_view version) {
  std::string out = R"({"resourceSpans":[{"resource":{"attributes":)";
  json::put_list(out, resource, [&](const auto& p) { put_attribute(out, p.first, p.second); });
  out += R"(},"scopeSpans":[{"scope":)";
  json::object scope(out);
  scope.add("name", "torc").add("version", version).close();
  return out + R"(,"spans":)";
}

std::string request_of(const std::string& head, std::span<const finished_span> spans) {
  constexpr size_t usual = 512; // bytes of a span
  std::string out;
  out.reserve(head.size() + spans.size() * usual);
  out += head;
  json::put_list(out, spans, [&](const finished_span& s) { put_span(out, s); });
  return out += "}]}]}";
}

partial_success read_response(std::string_view body) {
  partial_success p;
  if (body.empty() || !json::check(body) || json::kind_of(body) != json::kind::object)
    return p;
  json::members whole, part;
  whole.assign(body);
  const auto inner = whole.take("partialSuccess");
  if (!inner || json::kind_of(*inner) != json::kind::object)
    return p;
  part.assign(*inner);
  if (const auto n = part.take("rejectedSpans")) {
    if (const auto text = json::as_string(*n))
      std::from_chars(text->data(), text->data() + text->size(), p.rejected);
    else
      p.rejected = json::as_integer(*n).value_or(0);
  }
  if (const auto why = part.take("errorMessage"))
    p.why = json::as_string(*why).value_or("");
  return p;
}

} // namespace torc::net::otlp
