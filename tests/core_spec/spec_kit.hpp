#pragma once

#include "core/spec_expand.hpp"

#include <algorithm>
#include <stdexcept>
#include <string>
#include <vector>

/// Short ways to write specs and to read what came of them.
namespace torc::test {

using core::job_spec;
using core::text_list;
using core::workflow_spec;

inline core::placed_text text(std::string value) {
  return {std::move(value), {}};
}

inline text_list texts(std::initializer_list<const char*> values) {
  text_list list;
  for (const auto* v : values)
    list.push_back(text(v));
  return list;
}

inline core::parameter_spec parameter(std::string name, std::string value) {
  return {text(std::move(name)), text(std::move(value)), {}};
}

inline job_spec job(std::string name, text_list depends_on = {}) {
  job_spec j;
  j.name = text(std::move(name));
  j.command = text("true");
  j.depends_on = std::move(depends_on);
  return j;
}

inline workflow_spec workflow(std::vector<job_spec> jobs = {}) {
  workflow_spec w;
  w.name = text("w");
  w.jobs = std::move(jobs);
  return w;
}

inline core::file_spec file(std::string name, std::string path) {
  core::file_spec f;
  f.name = text(std::move(name));
  f.path = text(std::move(path));
  return f;
}

/// An engine as simple as can be: "^abc" is a prefix, anything else is found anywhere; "(" does not
/// compile. Counts what is asked of it.
struct toy_engine {
  size_t compiled = 0;
  size_t tested = 0;

  core::compile_pattern function() {
    return [this](std::string_view p) -> core::result<core::pattern> {
      ++compiled;
      if (p == "(")
        return core::refuse(core::refusal::malformed, "a bracket is not closed");
      core::pattern result;
      const std::string what(p.substr(p.starts_with('^') ? 1 : 0));
      const bool prefix = p.starts_with('^');
      result.matches = [this, what, prefix](std::string_view name) {
        ++tested;
        return prefix ? name.starts_with(what) : name.find(what) != std::string_view::npos;
      };
      if (prefix) {
        result.bounded = true;
        result.lowest = what;
        result.highest = what + "\xFF";
      }
      return result;
    };
  }
};

inline core::expanded_workflow must_expand(const workflow_spec& spec) {
  toy_engine engine;
  auto result = core::expand(spec, engine.function());
  std::string all;
  for (const auto& e : result.errors)
    all += e.text + '\n';
  if (!result)
    throw std::runtime_error("the spec does not expand: " + all);
  return std::move(*result.value);
}

inline std::vector<std::string> errors_of(const workflow_spec& spec) {
  toy_engine engine;
  std::vector<std::string> all;
  for (const auto& e : core::expand(spec, engine.function()).errors)
    all.push_back(e.text);
  return all;
}

inline std::vector<std::string> names(const core::expanded_workflow& w) {
  std::vector<std::string> all;
  for (const auto& j : w.jobs)
    all.push_back(j.name);
  return all;
}

/// "a<-b,c": what the job depends on, by name.
inline std::string blockers(const core::expanded_workflow& w, const std::string& name) {
  const auto found =
      std::find_if(w.jobs.begin(), w.jobs.end(), [&](const auto& j) { return j.name == name; });
  std::string all;
  for (const auto i : w.depends_on(*found))
    all += (all.empty() ? "" : ",") + w.jobs[i].name;
  return all;
}

inline std::string joined(const std::vector<std::string>& list) {
  std::string all;
  for (const auto& s : list)
    all += (all.empty() ? "" : " ") + s;
  return all;
}

} // namespace torc::test
