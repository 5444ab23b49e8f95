#include "net/openapi/document.hpp"

#include "net/http.hpp"
#include "net/openapi/schema.hpp"

#include <algorithm>
#include <vector>

namespace torc::net::openapi {

namespace {

std::string component(std::string_view name) {
  return R"({"$ref":"#/components/schemas/)" + std::string(name) + "\"}";
}

/// The words of a query, with those that stand for several.
std::string expanded(words query) {
  std::string out;
  for_each_word(query, [&](const word& w) {
    if (!out.empty())
      out += ' ';
    if (w.name == "@page")
      out += "offset:count limit:limit sort_by:str reverse_sort:bool";
    else if (w.name == "@workflow")
      out += "workflow_id! offset:count limit:limit sort_by:str reverse_sort:bool";
    else
      out += std::string(w.name) + ':' + std::string(w.type) + (w.required ? "!" : "");
  });
  return out;
}

/// The pattern without the marks of the router.
std::string path_of(std::string pattern) {
  for (size_t at = 0; (at = pattern.find("{=", at)) != std::string::npos;)
    pattern.erase(at + 1, 1);
  return pattern;
}

std::string_view type_of_path_parameter(std::string_view name, bool is_text) {
  if (name == "status")
    return "JobStatus";
  if (name == "limit")
    return "count";
  return is_text ? "name" : "int";
}

bool changes_something(const operation& o) {
  return o.method != "GET";
}

class operation_writer {
public:
  operation_writer(std::string& out, const operation& o) : out_(out), of_(o) {}

  void write() {
    json::object o(out_);
    o.add("operationId", of_.name).add("summary", of_.summary);
    write_parameters(o.key("parameters"));
    if (!of_.body.empty())
      write_body(o.key("requestBody"));
    json::object replies(o.key("responses"));
    write_success(replies.key(std::to_string(of_.status)), of_.reply);
    if (!of_.later.empty())
      write_success(replies.key("202"), of_.later);
    write_refusals(replies);
    replies.close();
    o.close();
  }

private:
  void parameter(std::string_view name, std::string_view in, bool required,
                 const std::string& schema) {
    if (out_.back() != '[')
      out_ += ',';
    json::object p(out_);
    p.add("name", name).add("in", in).add("required", required);
    p.key("schema") += schema;
    p.close();
  }

  void write_parameters(std::string& list) {
    list += '[';
    std::string_view rest = of_.pattern;
    while ((rest = rest.substr(std::min(rest.find('{'), rest.size()))).size() > 1) {
      const bool is_text = rest[1] == '=';
      const auto name = rest.substr(is_text ? 2 : 1, rest.find('}') - (is_text ? 2 : 1));
      parameter(name, "path", true, type_schema(type_of_path_parameter(name, is_text)));
      rest.remove_prefix(1);
    }
    for_each_word(expanded(of_.query), [&](const word& w) {
      parameter(w.name, "query", w.required, type_schema(w.type));
    });
    if (changes_something(of_))
      parameter("Idempotency-Key", "header", false,
                R"({"type":"string","pattern":"^[!-~]{1,128}$"})");
    list += ']';
  }

  /// Else the name of a component.
  static bool is_media_type(std::string_view words) { return words.find('/') != words.npos; }

  void write_body(std::string& to) {
    auto name = std::string_view(of_.body);
    const bool optional = name.ends_with('?');
    if (optional)
      name.remove_suffix(1);
    json::object body(to);
    body.add("required", !optional);
    json::object content(body.key("content"));
    json::object json_content(content.key(is_media_type(name) ? name : json_type));
    json_content.key("schema") += is_media_type(name) ? R"({"type":"string"})" : type_schema(name);
    json_content.close();
    content.close();
    body.close();
  }

  static std::string success_schema(std::string_view reply) {
    constexpr std::string_view page = "page ", access = "access ";
    if (reply.starts_with(page))
      return object_schema("items:[" + std::string(reply.substr(page.size())) +
                           "] offset:count max_limit:count count:count total_count:count "
                           "has_more:bool");
    if (reply.starts_with(access))
      return object_schema("items:[" + std::string(reply.substr(access.size())) +
                           "] offset:count limit:count total_count:count has_more:bool");
    return type_schema(reply);
  }

  void write_content(json::object& to, std::string_view type, const std::string& schema) {
    json::object content(to.key("content"));
    json::object one(content.key(type));
    one.key("schema") += schema;
    one.close();
    content.close();
  }

  void write_success(std::string& to, std::string_view reply) {
    json::object r(to);
    r.add("description", "As asked");
    if (is_media_type(reply))
      write_content(r, reply, R"({"type":"string"})");
    else
      write_content(r, json_type, success_schema(reply));
    r.close();
  }

  void refusal(json::object& replies, int status, std::string_view why, bool plain) {
    json::object r(replies.key(std::to_string(status)));
    r.add("description", why);
    write_content(r, plain ? text_type : json_type,
                  plain ? R"({"type":"string"})" : component("Refusal"));
    r.close();
  }

  void write_refusals(json::object& replies) {
    const bool has_input =
        !of_.body.empty() || !of_.query.empty() || of_.pattern.find('{') != std::string::npos;
    if (has_input || changes_something(of_))
      refusal(replies, 400, "A parameter, a header or the body cannot be read", true);
    refusal(replies, 401, "A user and a password are needed, or were wrong", true);
    refusal(replies, 403, "The user may not do that", false);
    if (has_input) {
      refusal(replies, 404, "What the path, the query or the body names is not there", false);
      refusal(replies, 422, "It can be read, and cannot be done", false);
    }
    if (changes_something(of_)) {
      refusal(replies, 409, "Something is there already, or is being changed", false);
      refusal(replies, 413, "The body is too large", true);
      if (!has_input)
        refusal(replies, 422, "It can be read, and cannot be done", false);
    }
    refusal(replies, 503, "Too much is going on; try again", false);
  }

  std::string& out_;
  const operation& of_;
};

/// Operations of one path stand together, in the order of their first.
void write_paths(std::string& out, const operations& all) {
  json::object paths(out);
  std::vector<bool> written(all.size());
  for (size_t i = 0; i < all.size(); ++i) {
    if (written[i])
      continue;
    json::object item(paths.key(path_of(all[i].pattern)));
    for (size_t k = i; k < all.size(); ++k) {
      if (all[k].pattern != all[i].pattern)
        continue;
      std::string method(all[k].method);
      for (auto& c : method)
        c = static_cast<char>(c + 32);
      operation_writer(item.key(method), all[k]).write();
      written[k] = true;
    }
    item.close();
  }
  paths.close();
}

} // namespace

operations all_operations() {
  operations all;
  add_workflow_operations(all);
  add_job_operations(all);
  add_record_operations(all);
  add_system_operations(all);
  return all;
}

std::string document(std::string_view version) {
  std::string out;
  json::object o(out);
  o.add("openapi", "3.1.0");
  json::object info(o.key("info"));
  info.add("title", "torc-server").add("version", version);
  info.add("description", "A workflow server. Every id is a 64-bit integer; members that have no "
                          "value are left out of replies.");
  info.close();
  json::object server(o.key("servers") += '[');
  server.add("url", base_path).close();
  out += ']';
  write_paths(o.key("paths"), all_operations());
  json::object components(o.key("components"));
  json::object schemas(components.key("schemas"));
  add_components(schemas);
  schemas.close();
  json::object schemes(components.key("securitySchemes"));
  schemes.key("password") += R"({"type":"http","scheme":"basic"})";
  schemes.close();
  components.close();
  o.key("security") += R"([{},{"password":[]}])";
  o.close();
  return out;
}

} // namespace torc::net::openapi
