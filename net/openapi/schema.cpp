#include "net/openapi/schema.hpp"

#include <array>
#include <utility>

namespace torc::net::openapi {

namespace {

constexpr std::array<std::pair<std::string_view, std::string_view>, 18> plain_types{{
    {"int", R"({"type":"integer","format":"int64"})"},
    {"count", R"({"type":"integer","format":"int64","minimum":0})"},
    {"positive", R"({"type":"integer","format":"int64","minimum":1,"maximum":2147483647})"},
    {"small", R"({"type":"integer","format":"int64","minimum":0,"maximum":2147483647})"},
    {"limit", R"({"type":"integer","format":"int64","minimum":0,"maximum":100000})"},
    {"few", R"({"type":"integer","format":"int64","minimum":1,"maximum":1000})"},
    {"num", R"({"type":"number","format":"double"})"},
    {"size", R"({"type":"number","format":"double","minimum":0})"},
    {"str", R"({"type":"string"})"},
    {"name", R"({"type":"string","minLength":1})"},
    {"bool", R"({"type":"boolean"})"},
    {"any", "{}"},
    {"object", R"({"type":"object"})"},
    {"ids", R"({"type":"array","items":{"type":"integer","format":"int64"}})"},
    {"duration", R"({"type":"string","pattern":"^P(?:[0-9]{1,4}D)?T[0-9]{1,6}[HMS]$"})"},
    {"labels",
     R"({"type":"array","maxItems":64,"items":{"type":"string","maxLength":128,)"
     R"("pattern":"^[^ ,\\x00-\\x1f\\x7f]([^,\\x00-\\x1f\\x7f]*[^ ,\\x00-\\x1f\\x7f])?$"}})"},
    {"env", R"({"type":"object","propertyNames":{"pattern":"^[A-Za-z_][A-Za-z0-9_]*$"},)"
            R"("maxProperties":1000,"additionalProperties":{"type":"string"}})"},
    {"memory", R"({"type":"string","pattern":"^[0-9]{1,6}[kmgtKMGT]?$"})"},
}};

std::string plain_schema(std::string_view type) {
  for (const auto& [name, schema] : plain_types)
    if (name == type)
      return std::string(schema);
  return R"({"$ref":"#/components/schemas/)" + std::string(type) + "\"}";
}

} // namespace

std::string type_schema(std::string_view type) {
  constexpr std::string_view or_null = "|null";
  if (type.ends_with(or_null)) {
    type.remove_suffix(or_null.size());
    return R"({"anyOf":[)" + type_schema(type) + R"(,{"type":"null"}]})";
  }
  if (type.starts_with('['))
    return R"({"type":"array","items":)" + type_schema(type.substr(1, type.size() - 2)) + "}";
  return plain_schema(type);
}

std::string object_schema(words members) {
  std::string out, required;
  json::object o(out);
  o.add("type", "object");
  json::object properties(o.key("properties"));
  for_each_word(members, [&](const word& w) {
    properties.key(w.name) += type_schema(w.type);
    if (!w.optional)
      required += (required.empty() ? "\"" : ",\"") + std::string(w.name) + '"';
  });
  properties.close();
  if (!required.empty())
    o.key("required") += "[" + required + "]";
  o.close();
  return out;
}

} // namespace torc::net::openapi
