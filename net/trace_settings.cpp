#include "net/trace_settings.hpp"

#include "net/client.hpp"
#include "net/http.hpp"

#include <openssl/sha.h>
#include <unistd.h>

#include <algorithm>
#include <charconv>
#include <cstring>

namespace torc::net {

namespace {

std::string_view trimmed(std::string_view text) {
  const auto first = text.find_first_not_of(" \t");
  if (first == text.npos)
    return {};
  return text.substr(first, text.find_last_not_of(" \t") - first + 1);
}

std::string small(std::string text) {
  std::transform(text.begin(), text.end(), text.begin(),
                 [](unsigned char c) { return static_cast<char>(std::tolower(c)); });
  return text;
}

/// Reads one program's variables. What is empty counts as absent.
class reading {
public:
  reading(const environment_lookup& variable, trace_settings& to) : variable_(variable), to_(to) {}

  std::optional<std::string> text(const char* name) const {
    auto value = variable_(name);
    if (value && trimmed(*value).empty())
      return std::nullopt;
    return value;
  }
  /// The variable for traces, or the one for everything.
  std::optional<std::string> either(const char* traces, const char* all) const {
    auto value = text(traces);
    return value ? value : text(all);
  }
  void ignored(const std::string& name, const std::string& why) const {
    to_.notes.push_back(name + " is ignored: " + why);
  }

  template <class T>
  void positive(const char* name, T& to) const {
    if (const auto value = text(name))
      positive_value(name, *value, to);
  }
  template <class T>
  void positive_value(const std::string& name, const std::string& value, T& to) const {
    T n{};
    const auto* end = value.data() + value.size();
    const auto read = std::from_chars(value.data(), end, n);
    if (read.ec != std::errc{} || read.ptr != end || n <= 0)
      return ignored(name, "'" + value + "' is no number above 0");
    to = n;
  }

  /// "a=1,b=two%20words". A value may be a secret: it is not repeated.
  trace_settings::pairs list(const char* name, const std::string& value) const {
    trace_settings::pairs all;
    for (std::string_view rest = value; !rest.empty();) {
      const auto one = rest.substr(0, rest.find(','));
      rest.remove_prefix(std::min(one.size() + 1, rest.size()));
      if (trimmed(one).empty())
        continue;
      const auto equal = one.find('=');
      const auto key = trimmed(one.substr(0, equal));
      const auto text = equal == one.npos ? core::result<std::string>{std::string{}}
                                          : decode(trimmed(one.substr(equal + 1)), false);
      const auto printable = [](unsigned char c) { return c >= 0x20 && c != 0x7f; };
      if (equal == one.npos || key.empty() || !text ||
          !std::all_of(text->begin(), text->end(), printable) ||
          !std::all_of(key.begin(), key.end(), [](unsigned char c) {
            return std::isalnum(c) != 0 || std::strchr("-_.", c);
          }))
        ignored(name, "one of its parts is no key=value");
      else
        all.emplace_back(key, *text);
    }
    return all;
  }

private:
  const environment_lookup& variable_;
  trace_settings& to_;
};

void read_endpoint(const reading& from, trace_settings& to) {
  const auto own = from.text("OTEL_EXPORTER_OTLP_TRACES_ENDPOINT");
  const auto all = from.text("OTEL_EXPORTER_OTLP_ENDPOINT");
  if (!own && !all)
    return;
  auto url = own ? *own : *all;
  const auto name = own ? "OTEL_EXPORTER_OTLP_TRACES_ENDPOINT" : "OTEL_EXPORTER_OTLP_ENDPOINT";
  if (!own)
    url += url.ends_with('/') ? "v1/traces" : "/v1/traces";
  if (const auto wrong = parse_url(url); !wrong)
    return from.ignored(name, wrong.why().message + "; nothing is exported");
  to.url = std::move(url);
}

bool is_off(const reading& from) {
  if (small(from.text("OTEL_SDK_DISABLED").value_or("")) == "true")
    return true;
  const auto exporter = from.text("OTEL_TRACES_EXPORTER").value_or("otlp");
  if (exporter != "otlp" && exporter != "none")
    from.ignored("OTEL_TRACES_EXPORTER", "only otlp and none are known; nothing is exported");
  return exporter != "otlp";
}

/// @returns false where it asks for what cannot be done
bool read_protocol(const reading& from) {
  const auto protocol =
      from.either("OTEL_EXPORTER_OTLP_TRACES_PROTOCOL", "OTEL_EXPORTER_OTLP_PROTOCOL")
          .value_or("http/json");
  if (protocol == "grpc") {
    from.ignored("OTEL_EXPORTER_OTLP_PROTOCOL", "grpc is not spoken; nothing is exported");
    return false;
  }
  if (protocol != "http/json")
    from.ignored("OTEL_EXPORTER_OTLP_PROTOCOL",
                 "http/json is spoken, which the same ports of collectors take");
  return true;
}

std::optional<uint64_t> read_ratio(const reading& from) {
  const auto text = from.text("OTEL_TRACES_SAMPLER_ARG");
  if (!text)
    return telemetry::keep_all;
  double share = 0;
  const auto* end = text->data() + text->size();
  const auto read = std::from_chars(text->data(), end, share);
  if (read.ec != std::errc{} || read.ptr != end || !(share >= 0 && share <= 1)) {
    from.ignored("OTEL_TRACES_SAMPLER_ARG", "'" + *text + "' is no share between 0 and 1");
    return telemetry::keep_all;
  }
  return static_cast<uint64_t>(share * static_cast<double>(telemetry::keep_all));
}

void read_sampler(const reading& from, sampler& to) {
  constexpr std::string_view parent_based = "parentbased_";
  const auto name = from.text("OTEL_TRACES_SAMPLER").value_or("parentbased_always_on");
  std::string_view kind = name;
  const bool by_parent = kind.starts_with(parent_based);
  if (by_parent)
    kind.remove_prefix(parent_based.size());
  if (kind == "always_on")
    to = {by_parent, telemetry::keep_all};
  else if (kind == "always_off")
    to = {by_parent, 0};
  else if (kind == "traceidratio")
    to = {by_parent, *read_ratio(from)};
  else
    from.ignored("OTEL_TRACES_SAMPLER", "'" + name + "' is not known here");
}

void read_resource(const reading& from, std::string_view service, trace_settings& to) {
  auto name = std::string(service);
  trace_settings::pairs more;
  if (const auto list = from.text("OTEL_RESOURCE_ATTRIBUTES"))
    more = from.list("OTEL_RESOURCE_ATTRIBUTES", *list);
  for (const auto& [key, value] : more)
    if (key == "service.name")
      name = value;
  name = from.text("OTEL_SERVICE_NAME").value_or(name);
  std::erase_if(more, [](const auto& p) { return p.first == "service.name"; });
  char host[256] = "";
  ::gethostname(host, sizeof host - 1);
  to.resource = {{"service.name", name}};
  if (std::none_of(more.begin(), more.end(), [](auto& p) { return p.first == "host.name"; }))
    to.resource.emplace_back("host.name", host);
  to.resource.insert(to.resource.end(), more.begin(), more.end());
}

} // namespace

trace_settings read_trace_settings(const environment_lookup& variable, std::string_view service) {
  trace_settings s;
  const reading from(variable, s);
  read_endpoint(from, s);
  if (!s.exports())
    return s;
  if (is_off(from) || !read_protocol(from)) {
    s.url.clear();
    return s;
  }
  for (const auto* name : {"OTEL_EXPORTER_OTLP_TRACES_HEADERS", "OTEL_EXPORTER_OTLP_HEADERS"})
    if (const auto list = from.text(name)) {
      s.headers = from.list(name, *list);
      break;
    }
  if (const auto ms =
          from.either("OTEL_EXPORTER_OTLP_TRACES_TIMEOUT", "OTEL_EXPORTER_OTLP_TIMEOUT"))
    from.positive_value("OTEL_EXPORTER_OTLP_TIMEOUT", *ms, s.timeout_ms);
  if (const auto how =
          from.either("OTEL_EXPORTER_OTLP_TRACES_COMPRESSION", "OTEL_EXPORTER_OTLP_COMPRESSION");
      how && *how != "none")
    from.ignored("OTEL_EXPORTER_OTLP_COMPRESSION", "spans are sent as they are");
  from.positive("OTEL_BSP_SCHEDULE_DELAY", s.schedule_delay_ms);
  from.positive("OTEL_BSP_MAX_QUEUE_SIZE", s.max_queue);
  from.positive("OTEL_BSP_MAX_EXPORT_BATCH_SIZE", s.max_batch);
  s.max_batch = std::min(s.max_batch, s.max_queue);
  read_sampler(from, s.keep);
  read_resource(from, service, s);
  return s;
}

telemetry::trace_seed trace_seed_of(std::string_view secret, const sampler& keep) {
  // What is exported must not lead back to the secret.
  const auto salted = "torc traces " + std::string(secret);
  unsigned char digest[SHA256_DIGEST_LENGTH];
  SHA256(reinterpret_cast<const unsigned char*>(salted.data()), salted.size(), digest);
  telemetry::trace_seed seed;
  std::memcpy(&seed.high, digest, sizeof seed.high);
  std::memcpy(&seed.low, digest + sizeof seed.high, sizeof seed.low);
  seed.bound = keep.bound;
  return seed;
}

} // namespace torc::net
