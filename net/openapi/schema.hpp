#pragma once

#include "net/json/text.hpp"
#include "net/openapi/operation.hpp"

#include <string>
#include <string_view>

/// JSON Schema as text.
namespace torc::net::openapi {

/// One word of `words`: "name:type" with its mark.
struct word {
  std::string_view name, type;
  bool required = false; ///< marked with `!`
  bool optional = false; ///< marked with `?`
};

/// Calls each(word) for every word.
template <class Each>
void for_each_word(words of, Each each) {
  while (!of.empty()) {
    auto one = of.substr(0, of.find(' '));
    of.remove_prefix(one.size() < of.size() ? one.size() + 1 : one.size());
    word w;
    w.required = one.ends_with('!');
    w.optional = one.ends_with('?');
    if (w.required || w.optional)
      one.remove_suffix(1);
    const auto colon = one.find(':');
    w.name = one.substr(0, colon);
    w.type = colon == std::string_view::npos ? "int" : one.substr(colon + 1);
    each(w);
  }
}

/// A type of `words` as a schema.
std::string type_schema(std::string_view type);
/// An object with these members.
std::string object_schema(words members);

/// Adds every component: the rows as they are sent and as they are shown, and what has no row.
void add_components(json::object& schemas);

} // namespace torc::net::openapi
