#include "cli/records/endpoint.hpp"

#include "cli/commands/common.hpp"
#include "core/labels.hpp"
#include "net/client.hpp"

#include <iostream>
#include <iterator>
#include <memory>

namespace torc::cli {

namespace {

const char* value_name(kind what) {
  switch (what) {
  case kind::json:
    return "JSON";
  case kind::whole:
    return "N";
  case kind::wholes:
    return "ID...";
  case kind::yes_no:
    return "true|false";
  default:
    return "TEXT";
  }
}

const po::value_semantic* semantic_of(const field& f) {
  switch (f.what) {
  case kind::flag:
    return po::bool_switch();
  case kind::whole: {
    auto* v = po::value<int64_t>()->value_name(value_name(f.what));
    return f.otherwise == nullptr ? v : v->default_value(std::stoll(f.otherwise));
  }
  case kind::wholes:
    return po::value<std::vector<int64_t>>()->multitoken()->value_name(value_name(f.what));
  case kind::texts:
    return po::value<std::vector<std::string>>()->value_name("TEXT,...");
  case kind::yes_no:
    return po::value<bool>()->value_name(value_name(f.what));
  default: {
    auto* v = po::value<std::string>()->value_name(value_name(f.what));
    return f.otherwise == nullptr ? v : v->default_value(f.otherwise);
  }
  }
}

std::string long_name(const field& f) {
  const std::string names = f.option;
  return names.substr(0, names.find(','));
}

void declare(const endpoint& e, po::options_description& to) {
  for (const auto& f : e.fields)
    to.add_options()(f.option, semantic_of(f), f.about);
  if (e.pages == paging::none)
    return;
  const auto most = e.limit == 0 ? std::string("at most so many; all without it")
                                 : "at most so many [default " + std::to_string(e.limit) + "]";
  to.add_options()("limit,l", po::value<int64_t>()->value_name("N"), most.c_str())(
      "offset,o", po::value<int64_t>()->value_name("N"), "leave out the first N");
  if (e.pages == paging::sorted)
    to.add_options()("sort-by,s", po::value<std::string>()->value_name("COLUMN"),
                     "order by this column")("reverse-sort,r", po::bool_switch(),
                                             "the other way round");
}

/// What was said for a field. @pre something was
core::result<json::value> value_of(const call& c, const field& f) {
  const auto name = long_name(f);
  switch (f.what) {
  case kind::whole:
    return json::value(c.get<int64_t>(name));
  case kind::flag:
  case kind::yes_no:
    return json::value(c.get<bool>(name));
  case kind::wholes:
    return json::value_from(c.get<std::vector<int64_t>>(name));
  case kind::texts: {
    json::array all;
    for (const auto& said : c.get<std::vector<std::string>>(name))
      for (const auto& one : core::labels_of(said).names)
        all.emplace_back(one);
    return json::value(std::move(all));
  }
  default:
    break;
  }
  auto text = c.get<std::string>(name);
  if (f.what == kind::text_or_stdin && text == "-")
    text.assign(std::istreambuf_iterator<char>(std::cin), {});
  if (f.what != kind::json)
    return json::value(text);
  boost::system::error_code wrong;
  auto v = json::parse(text, wrong);
  if (wrong)
    return core::refuse(core::refusal::malformed, "--" + name + " is no JSON: " + wrong.message());
  return v;
}

struct request {
  std::string path;
  json::object body;
};

void ask(request& r, const char* member, const json::value& v) {
  r.path += r.path.find('?') == std::string::npos ? '?' : '&';
  r.path += std::string(member) + '=' + net::encode(cell(v));
}

void fill_hole(std::string& path, size_t word, bool any, const std::string& text) {
  std::string hole = "{" + std::to_string(word) + "}";
  if (any && path.find(hole) == std::string::npos)
    hole = "{}";
  if (const auto at = path.find(hole); at != std::string::npos)
    path.replace(at, hole.size(), text);
}

core::result<json::value> word_of(call& c, api& server, const word& w, size_t position) {
  if (w.what == word::is::text)
    return json::value(c.arguments[position]);
  auto id = w.what == word::is::workflow ? workflow_argument(c, server, position)
                                         : parse_id(c.arguments[position], w.name);
  if (!id)
    return id.why();
  return json::value(*id);
}

core::result<request> request_of(call& c, api& server, const endpoint& e) {
  request r{e.path, {}};
  for (size_t i = 0; i < e.words.size(); ++i) {
    const auto v = word_of(c, server, e.words[i], i);
    if (!v)
      return v.why();
    if (e.words[i].member != nullptr)
      r.body[e.words[i].member] = *v;
    fill_hole(r.path, i, e.words[i].member == nullptr, net::encode(cell(*v)));
  }
  const bool has_body = std::string_view(e.method) == "POST" || e.changes;
  for (const auto& f : e.fields) {
    if (!c.has(long_name(f)))
      continue;
    auto v = value_of(c, f);
    if (!v)
      return v.why();
    if (f.what == kind::flag && (e.changes || !has_body) && !v->as_bool())
      continue;
    if (f.in_query || !has_body)
      ask(r, f.member, *v);
    else
      r.body[f.member] = std::move(*v);
  }
  if (e.filled != nullptr)
    e.filled(r.body);
  return r;
}

core::result<json::value> send(api& server, const endpoint& e, const request& r) {
  const std::string_view method = e.method;
  if (method == "GET")
    return server.get(r.path);
  if (method == "DELETE")
    return server.remove(r.path);
  if (!e.changes)
    return server.call(method, r.path, json::serialize(r.body));
  auto whole = server.get(r.path);
  if (!whole)
    return whole.why();
  json::object kept;
  if (e.keeps.empty() && whole->is_object())
    kept = whole->as_object();
  for (const auto* name : e.keeps)
    kept[name] = member(*whole, name);
  for (const auto& [name, v] : r.body)
    kept[name] = v;
  return server.put(r.path, kept);
}

/// "Deleted file {id}" with the reply's members filled in.
std::string sentence(std::string text, const json::value& reply) {
  for (size_t at = 0; (at = text.find('{', at)) != std::string::npos;) {
    const auto end = text.find('}', at);
    if (end == std::string::npos)
      break;
    const auto said = harmless(cell(member(reply, text.substr(at + 1, end - at - 1))));
    text.replace(at, end - at + 1, said);
    at += said.size();
  }
  return text;
}

std::vector<column> columns_of(const endpoint& e) {
  std::vector<column> columns;
  for (const auto& s : e.columns)
    columns.push_back(s.text != nullptr ? column{s.header, s.text} : plain(s.header, s.member));
  return columns;
}

int show_list(call& c, api& server, const endpoint& e, const std::string& path) {
  if (e.pages == paging::none || e.whole_page) {
    auto query = path;
    if (e.pages != paging::none)
      query += paging_query(c, e.limit);
    const auto reply = server.get(query);
    if (!reply)
      return fail(c, reply.why().message);
    if (e.whole_page && c.global.json()) {
      print_json(c.out, *reply);
      return exit_ok;
    }
    const auto* all = reply->if_array();
    const auto& named = list_member(*reply, e.list);
    const auto& items = named.empty() ? list_member(*reply, "items") : named;
    print_list(c, e.list, all == nullptr ? items : *all, columns_of(e));
    return exit_ok;
  }
  auto items = listed(c, server, path, e.limit);
  if (!items)
    return fail(c, items.why().message);
  if (e.adorned != nullptr && c.global.json())
    for (auto& item : *items)
      item = e.adorned(std::move(item));
  print_list(c, e.list, *items, columns_of(e));
  return exit_ok;
}

int run(call& c, const endpoint& e) {
  for (const auto& f : e.fields)
    if (f.needed && !c.has(long_name(f))) {
      c.err << "error: --" << long_name(f) << " is missing: " << f.about << '\n';
      return exit_usage;
    }
  auto server = server_of(c);
  auto r = request_of(c, server, e);
  if (!r)
    return fail(c, r.why().message);
  if (e.list != nullptr)
    return show_list(c, server, e, r->path);
  auto reply = send(server, e, *r);
  if (!reply)
    return fail(c, reply.why().message);
  if (c.global.json() && e.without_answer != nullptr)
    c.out << e.without_answer << '\n';
  else if (c.global.json())
    print_json(c.out, e.adorned == nullptr ? *reply : e.adorned(std::move(*reply)));
  else if (e.said != nullptr)
    c.out << sentence(e.said, *reply) << '\n';
  else
    print_members(c, *reply);
  return exit_ok;
}

argument argument_of(const word& w) {
  return {w.name, w.about,
          w.what == word::is::workflow ? argument::count::maybe : argument::count::one};
}

} // namespace

word the_workflow(const char* member) {
  return {word::is::workflow, "workflow_id",
          "the workflow; may be left out where you have just one", member};
}

command command_of(endpoint e) {
  const auto shared = std::make_shared<const endpoint>(std::move(e));
  command c;
  c.name = shared->name;
  c.summary = shared->summary;
  for (const auto& w : shared->words)
    c.arguments.push_back(argument_of(w));
  c.options = [shared](po::options_description& to) { declare(*shared, to); };
  c.run = [shared](call& call) { return run(call, *shared); };
  return c;
}

} // namespace torc::cli
