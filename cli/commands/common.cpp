#include "cli/commands/common.hpp"

#include "cli/run/host.hpp"
#include "net/client.hpp"

#include <charconv>
#include <ostream>

namespace torc::cli {

api server_of(const call& c) {
  const auto given = environment("TORC_AUTHORIZATION").value_or("");
  return api(c.global.url_or_default(),
             c.global.password ? basic_authorization(user_name(), *c.global.password) : given,
             {c.global.tls_ca_cert.value_or(""), c.global.tls_insecure});
}

int fail(call& c, const std::string& message) {
  c.err << "error: " << message << '\n';
  if (c.global.json())
    print_json(c.out, json::object{{"status", "error"}, {"message", message}});
  return exit_error;
}

int fail_spec(call& c, const std::vector<std::string>& wrong) {
  for (const auto& line : wrong)
    c.err << line << '\n';
  if (c.global.json())
    print_json(c.out, json::object{{"status", "error"},
                                   {"message", "the spec has errors; nothing was created"},
                                   {"errors", json::value_from(wrong)}});
  return exit_error;
}

core::result<int64_t> parse_id(const std::string& word, const std::string& what) {
  int64_t id = 0;
  const auto [end, failed] = std::from_chars(word.data(), word.data() + word.size(), id);
  if (failed != std::errc() || end != word.data() + word.size() || id <= 0)
    return core::refuse(core::refusal::malformed, "'" + word + "' is no " + what);
  return id;
}

core::result<int64_t> workflow_argument(call& c, api& server, size_t position) {
  if (c.arguments.size() > position)
    return parse_id(c.arguments[position], "workflow id");
  auto mine = server.get("/workflows?is_archived=false&user=" + net::encode(user_name()));
  if (!mine)
    return mine.why();
  const auto& items = list_member(*mine, "items");
  if (items.size() == 1) {
    c.err << "taking workflow " << cell(member(items[0], "id")) << ", the only one of yours\n";
    return integer_member(items[0], "id");
  }
  std::string message = "a workflow id is needed";
  if (items.empty())
    message += ", and " + user_name() + " has no workflow yet";
  constexpr size_t enough = 10;
  for (size_t i = 0; i < items.size() && i < enough; ++i)
    message += (i == 0 ? "; yours are: " : ", ") + cell(member(items[i], "id")) + " (" +
               harmless(text_member(items[i], "name")) + ")";
  if (items.size() > enough)
    message += ", ...";
  return core::refuse(core::refusal::malformed, message);
}

void add_paging_options(po::options_description& to) {
  to.add_options()("limit,l", po::value<int64_t>()->value_name("N"), "at most so many")(
      "offset", po::value<int64_t>()->value_name("N"), "leave out the first N")(
      "sort-by", po::value<std::string>()->value_name("COLUMN"),
      "order by this column")("reverse-sort", po::bool_switch(), "the other way round");
}

std::string paging_query(const call& c, int64_t limit) {
  std::string q;
  if (const auto n = c.maybe<int64_t>("limit").value_or(limit); n != 0 || c.has("limit"))
    q += "&limit=" + std::to_string(n);
  if (const auto n = c.maybe<int64_t>("offset"))
    q += "&offset=" + std::to_string(*n);
  if (const auto by = c.maybe<std::string>("sort-by"))
    q += "&sort_by=" + net::encode(*by);
  if (c.maybe<bool>("reverse-sort").value_or(false))
    q += "&reverse_sort=true";
  return q;
}

core::result<json::array> listed(const call& c, api& server, std::string path, int64_t limit) {
  path += path.find('?') == std::string::npos ? "?" : "";
  const bool bounded = c.has("limit") || c.has("offset") || limit != 0;
  if (bounded) {
    auto page = server.get(path + paging_query(c, limit));
    if (!page)
      return page.why();
    return list_member(*page, "items");
  }
  json::array all;
  auto read = server.each(path + paging_query(c), [&](const json::value& item) {
    all.push_back(item);
    return true;
  });
  if (!read)
    return read.why();
  return all;
}

column plain(std::string header, std::string name) {
  return {std::move(header),
          [name = std::move(name)](const json::value& item) { return cell(member(item, name)); }};
}

void print_list(call& c, const std::string& name, const json::array& items,
                const std::vector<column>& columns) {
  if (c.global.json()) {
    print_json(c.out, json::object{{name, items}});
    return;
  }
  constexpr size_t widest_cell = 60;
  std::vector<std::string> headers;
  headers.reserve(columns.size());
  for (const auto& column : columns)
    headers.push_back(column.header);
  table t(headers);
  for (const auto& item : items) {
    std::vector<std::string> cells;
    cells.reserve(columns.size());
    for (const auto& column : columns)
      cells.push_back(column.cell(item));
    t.add(std::move(cells));
  }
  t.print(c.out, widest_cell);
  std::string words = name;
  for (auto& letter : words)
    letter = letter == '_' ? ' ' : letter;
  c.out << "Total: " << items.size() << ' ' << words << '\n';
}

void print_members(call& c, const json::value& object) {
  table t({"Field", "Value"});
  if (const auto* fields = object.if_object())
    for (const auto& [name, value] : *fields)
      t.add({std::string(name), cell(value)});
  t.print(c.out);
}

argument workflow_id_argument() {
  return {"workflow_id", "the workflow; may be left out where you have just one",
          argument::count::maybe};
}

} // namespace torc::cli
