#pragma once

#include <string>
#include <string_view>
#include <vector>

/// What the API's description says, by hand: a line for each route, which a test holds against the
/// router.
namespace torc::net::openapi {

/// Names and types in one string, told apart by spaces: "workflow_id! name:str at:int|null?".
///   int (the default), count, num, str, bool, any, object, ids, a component's name, [type]
/// In a query `!` marks what is required, in an object `?` what may be missing. `@page` and
/// `@workflow` stand for the parameters of all lists.
using words = std::string_view;

struct operation {
  std::string_view method;
  std::string pattern; ///< as the router has it
  std::string name;    ///< operationId
  std::string summary;
  std::string query = {}; ///< words
  /// A component or a media type; `?` behind it: may be missing.
  std::string body = {};
  /// A component, "page <component>", "access <component>", "[component]" or a media type.
  std::string reply = {};
  int status = 200;
  std::string later = {}; ///< a component; where it is not waited for: 202
};

using operations = std::vector<operation>;

/// Each adds the operations of its source file.
void add_workflow_operations(operations& to);
void add_job_operations(operations& to);
void add_record_operations(operations& to);
void add_system_operations(operations& to);

/// All of them.
operations all_operations();

} // namespace torc::net::openapi
