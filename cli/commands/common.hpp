#pragma once

#include "cli/client/api.hpp"
#include "cli/frame/command.hpp"
#include "cli/print/table.hpp"

#include <string>
#include <utility>
#include <vector>

/// What most commands do first and last.
namespace torc::cli {

/// A connection to the server that the options name.
api server_of(const call& c);

/// Prints an error as one line on stderr, as {"status":"error","message"} on stdout too where JSON
/// was asked for. @returns exit_error
int fail(call& c, const std::string& message);

/// The same for all that is wrong with a spec file, a line each.
int fail_spec(call& c, const std::vector<std::string>& wrong);

/// "id" of a workflow, from the arguments. Refuses a word that is no id, and a missing one: with
/// the user's workflows to choose from, where there are any.
core::result<int64_t> workflow_argument(call& c, api& server, size_t position = 0);

/// A whole number above 0, or what is wrong with it.
core::result<int64_t> parse_id(const std::string& word, const std::string& what);

/// Options of every command that lists: --limit, --offset, --sort-by, --reverse-sort.
void add_paging_options(po::options_description& to);
/// The same as a query, beginning with "&". @param limit where none is given; 0: the server's
std::string paging_query(const call& c, int64_t limit = 0);
/// The items of a list, `path` with its query: as many as --limit says, else `limit`, else all.
core::result<json::array> listed(const call& c, api& server, std::string path, int64_t limit = 0);

/// Prints items as a table, or as {"<name>": [...]}.
struct column {
  std::string header;
  std::function<std::string(const json::value& item)> cell;
};
/// A column that shows a member as it is.
column plain(std::string header, std::string member);
void print_list(call& c, const std::string& name, const json::array& items,
                const std::vector<column>& columns);

/// Prints an object as a table of its members.
void print_members(call& c, const json::value& object);

argument workflow_id_argument();

} // namespace torc::cli
