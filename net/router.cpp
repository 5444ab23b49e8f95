#include "net/router.hpp"

#include "net/spans.hpp"
#include "net/whole_number.hpp"
#include "telemetry/call_span.hpp"

#include <algorithm>

namespace torc::net {

namespace {

using segments = std::vector<std::string>;

segments split(std::string_view path) {
  segments parts;
  while (!path.empty()) {
    path.remove_prefix(1); // the slash
    const auto part = path.substr(0, path.find('/'));
    parts.emplace_back(part);
    path.remove_prefix(part.size());
  }
  return parts;
}

bool is_parameter(const std::string& segment) {
  return segment.starts_with('{');
}

bool matches(const segments& pattern, const segments& path) {
  if (pattern.size() != path.size())
    return false;
  for (size_t i = 0; i < path.size(); ++i)
    if (!is_parameter(pattern[i]) && pattern[i] != path[i])
      return false;
  return true;
}

/// Fills the call's parameters. @returns false after answering 400
bool bind_parameters(const segments& pattern, segments path, const call& c) {
  std::vector<int64_t> numbers;
  std::vector<std::string> texts;
  for (size_t i = 0; i < path.size(); ++i) {
    if (!is_parameter(pattern[i]))
      continue;
    if (pattern[i][1] == '=') {
      texts.push_back(std::move(path[i]));
      continue;
    }
    const auto n = whole_number(path[i]);
    numbers.push_back(n.value_or(0));
    if (!n) {
      const auto name = pattern[i].substr(1, pattern[i].size() - 2);
      c->refuse(core::refuse(core::refusal::malformed, "Couldn't parse path parameter " + name +
                                                           ": invalid digit found in string"));
      return false;
    }
  }
  c->set_parameters(std::move(numbers), std::move(texts));
  return true;
}

} // namespace

void router::on(std::string_view method, std::string_view pattern, handler h) {
  auto parts = split(pattern);
  auto& entries = by_first_[parts.front()];
  auto entry = std::find_if(entries.begin(), entries.end(),
                            [&](const route_entry& e) { return e.segments == parts; });
  if (entry == entries.end())
    entry = entries.insert(entry, {std::move(parts), {}});
  auto& count = counts_.emplace_back();
  count.method = method;
  count.pattern = pattern;
  entry->methods.push_back({std::string(method), std::move(h), span_of(method, pattern), &count});
}

void router::decline(const call& c, int status, std::string allowed) {
  c->taken(nullptr, &counts_.front());
  reply r{status, {}, {}, {}};
  if (!allowed.empty())
    r.headers.emplace_back("Allow", std::move(allowed));
  c->answer(std::move(r));
}

void router::take(const route_entry& entry, const method_entry& method,
                  std::vector<std::string> path, const call& c) {
  const auto span = std::make_shared<telemetry::call_span>(method.what);
  if (telemetry::lines_wanted())
    span->describe(fields_of(entry.segments, path, c->in().query));
  span->carry(c->carried());
  c->taken(span, method.count);
  const telemetry::working_on here(span);
  if (bind_parameters(entry.segments, std::move(path), c))
    method.handle(c);
}

void router::route(const call& c) {
  std::string_view path = c->in().path;
  if (path.starts_with(base_path) && path.substr(base_path.size()).starts_with('/'))
    path.remove_prefix(base_path.size());
  else if (path != metrics_path)
    return decline(c, 404);
  auto parts = split(path);
  const auto entries = by_first_.find(parts.front());
  if (entries == by_first_.end())
    return decline(c, 404);
  std::string known; // the methods of the path
  for (const auto& entry : entries->second) {
    if (!matches(entry.segments, parts))
      continue;
    for (const auto& method : entry.methods) {
      if (method.name == c->in().method)
        return take(entry, method, std::move(parts), c);
      known += (known.empty() ? "" : ", ") + method.name;
    }
  }
  decline(c, known.empty() ? 404 : 405, known);
}

} // namespace torc::net
