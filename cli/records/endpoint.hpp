#pragma once

#include "cli/frame/command.hpp"
#include "cli/print/json_text.hpp"

/// Commands that are one call of the API each, described and not written: names, options, help, the
/// request and the output all follow from the description.
namespace torc::cli {

/// What somebody writes for a field, and what is sent for it.
enum class kind {
  text,
  text_or_stdin, ///< "-" stands for what standard input says
  json,
  whole,
  wholes, ///< several after one option
  texts,  ///< several with commas between, or by several options
  flag,
  yes_no, ///< "true" or "false"
};

/// An option, and the member of the body or of the query that it becomes.
struct field {
  const char* option; ///< as Program_options writes it: "name,n"
  const char* member;
  const char* about;
  kind what = kind::text;
  const char* otherwise = nullptr; ///< what is sent without it
  bool needed = false;
  bool in_query = false; ///< though the call has a body
};

/// A word after the command. It fills a hole of the path: "{0}" that of the first word, "{}" that
/// of the next one that is no member of the body.
struct word {
  enum class is { workflow, id, text };
  is what = is::id;
  const char* name = "id";
  const char* about = "";
  const char* member = nullptr; ///< of the body
};

/// A column of a table: a member as it stands, or what a function makes of the record.
struct shown {
  const char* header;
  const char* member = "";
  std::string (*text)(const json::value& item) = nullptr;
};

enum class paging { none, pages, sorted };

struct endpoint {
  const char* name;
  const char* summary;
  const char* method = "GET";
  const char* path; ///< with its query, where that is always the same
  std::vector<word> words = {};
  std::vector<field> fields = {};
  /// The record is read, changed and sent back whole; or these members of it only.
  bool changes = false;
  std::vector<const char*> keeps = {};
  /// Of a list: its name in JSON, and its columns. An object without `said` is shown member by
  /// member; with it, a sentence in which "{id}" stands for that member.
  const char* list = nullptr;
  std::vector<shown> columns = {};
  paging pages = paging::none;
  int64_t limit = 0;       ///< unless somebody asks for more; 0: everything
  bool whole_page = false; ///< JSON has the page as the server gave it
  const char* said = nullptr;
  void (*filled)(json::object& body) = nullptr;  ///< adds what nobody has to say
  json::value (*adorned)(json::value) = nullptr; ///< what JSON shows beside the server's members
  const char* without_answer = nullptr;          ///< JSON in place of what the server answers
};

command command_of(endpoint e);

/// A kind of record with the usual commands. Those exist for which there is something to say:
/// `create` where `made_of` has fields, `update` where `changed` has some.
struct record {
  const char* one;       ///< "resource requirements"
  const char* many;      ///< "resource requirements"; for summaries
  const char* path;      ///< "/resource_requirements"
  const char* list;      ///< the list's name in JSON
  const char* list_path; ///< "/resource_requirements?workflow_id={}"
  std::vector<shown> columns = {};
  std::vector<field> made_of = {};
  std::vector<field> changed = {};
  std::vector<field> filters = {};
  std::vector<const char*> keeps = {};
  paging pages = paging::sorted;
  int64_t limit = 0;
  bool listed = true;
  bool deleted = true;
  json::value (*adorned)(json::value) = nullptr;
};

std::vector<command> commands_of(const record& r);

/// "the workflow; may be left out where you have just one".
word the_workflow(const char* member = nullptr);

} // namespace torc::cli
