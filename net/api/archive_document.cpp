#include "net/api/archive_document.hpp"

#include "core/archive_columns.hpp"
#include "net/json/document.hpp"
#include "net/json/rows.hpp"
#include "net/json/text.hpp"
#include "net/sha256.hpp"

#include <algorithm>

namespace torc::net::api {

namespace {

using core::refusal;
using core::refuse;

std::string_view line_at(std::string_view text, size_t& at) {
  const auto end = std::min(text.find('\n', at), text.size());
  const auto line = text.substr(at, end - at);
  at = std::min(end + 1, text.size());
  return line;
}

/// What next_value gives is checked already.
std::optional<core::cell> read_cell(std::string_view slice) {
  switch (json::kind_of(slice)) {
  case json::kind::null:
    return core::cell{};
  case json::kind::string:
    if (auto text = json::as_string(slice))
      return core::cell{std::move(*text)};
    return std::nullopt;
  case json::kind::number: {
    if (slice.find_first_of(".eE") == slice.npos) {
      const auto n = json::as_integer(slice);
      return n ? std::optional<core::cell>{*n} : std::nullopt;
    }
    const auto n = json::as_double(slice);
    return n ? std::optional<core::cell>{*n} : std::nullopt;
  }
  default:
    return std::nullopt;
  }
}

/// nullopt: no row of so many columns.
std::optional<std::vector<core::cell>> read_cells(std::string_view line, size_t count) {
  if (!json::check(line) || json::kind_of(line) != json::kind::array)
    return std::nullopt;
  std::vector<core::cell> row;
  bool good = true;
  json::elements(line, [&](std::string_view slice) {
    auto one = read_cell(slice);
    good = one.has_value();
    if (good)
      row.push_back(std::move(*one));
    return good && row.size() <= count;
  });
  if (!good || row.size() != count)
    return std::nullopt;
  return row;
}

class document_reader {
public:
  explicit document_reader(std::shared_ptr<const std::string> text) {
    doc_.text = std::move(text);
    all_ = *doc_.text;
  }

  core::result<archive_document> read() {
    if (auto ok = head(); !ok)
      return ok.why();
    while (at_ < all_.size())
      if (auto ok = part(); !ok)
        return ok.why();
    for (const auto* one : {"workflow", "workflow_status"})
      if (std::ranges::none_of(doc_.parts,
                               [&](const auto& p) { return p.table->name == one && p.rows == 1; }))
        return refuse(refusal::unprocessable,
                      std::string("the archive does not have one row of ") + one);
    if (auto ok = doc_.ids.settle(); !ok)
      return ok.why();
    return std::move(doc_);
  }

private:
  core::error wrong(const std::string& what) const {
    return refuse(refusal::unprocessable,
                  "line " + std::to_string(line_) + " of the archive: " + what);
  }

  std::string_view next_line() {
    ++line_;
    return line_at(all_, at_);
  }

  core::result<core::nothing> head() {
    json::members first;
    const auto line = next_line();
    std::string format, problem;
    int64_t version = 0;
    if (!json::check(line) || json::kind_of(line) != json::kind::object)
      return wrong("no archive of a workflow begins so");
    first.assign(line);
    json::get(first, "format", format, problem);
    json::get(first, "version", version, problem);
    if (!problem.empty() || format != archive_format)
      return wrong("no archive of a workflow begins so");
    if (version != archive_version)
      return refuse(refusal::unprocessable, "the archive is of version " + std::to_string(version) +
                                                "; this server reads version " +
                                                std::to_string(archive_version));
    return core::nothing{};
  }

  core::result<core::nothing> part() {
    const auto line = next_line();
    if (!json::check(line) || json::kind_of(line) != json::kind::object)
      return wrong("expected a table");
    json::members said;
    said.assign(line);
    std::string name, sum, problem;
    archive_document::part p;
    json::get(said, "table", name, problem);
    json::get(said, "rows", p.rows, problem);
    json::get(said, "sha256", sum, problem);
    const auto columns = said.take("columns");
    if (p.rows < 0)
      return wrong("a table cannot have a negative number of rows");
    if (!problem.empty() || !columns || json::kind_of(*columns) != json::kind::array)
      return wrong(problem.empty() ? "a table needs a list of columns" : problem);
    json::elements(*columns, [&](std::string_view slice) {
      p.columns.push_back(json::as_string(slice).value_or(""));
      return true;
    });
    p.table = core::find_archived_table(name);
    if (!p.table)
      return refuse(refusal::unprocessable, "the archive has a table " + name +
                                                ", which this server does not know; it may come "
                                                "from a newer one");
    if (std::ranges::any_of(doc_.parts, [&](const auto& q) { return q.table == p.table; }))
      return wrong("the table " + name + " comes twice");
    if (auto ok = core::check_columns(*p.table, p.columns); !ok)
      return wrong(ok.why().message);
    for (const auto& column : p.columns)
      p.references.push_back(core::reference_of(*p.table, column));
    return rows(std::move(p), sum);
  }

  core::result<core::nothing> rows(archive_document::part p, const std::string& sum) {
    p.begin = at_;
    std::vector<bool> keys;
    for (const auto& column : p.columns)
      keys.push_back(core::is_key(*p.table, column));
    for (int64_t i = 0; i < p.rows; ++i) {
      if (at_ >= all_.size())
        return wrong("the archive ends amid the table " + std::string(p.table->name));
      const auto row = read_cells(next_line(), p.columns.size());
      if (!row)
        return wrong("expected a row of " + std::string(p.table->name));
      if (auto ok = note(p, keys, *row); !ok)
        return ok.why();
    }
    p.end = at_;
    const auto hash = new_sha256();
    hash->add(all_.substr(p.begin, p.end - p.begin));
    if (hash->end() != sum)
      return refuse(refusal::unprocessable, "the rows of " + std::string(p.table->name) +
                                                " are not those that were archived: their hash is "
                                                "another");
    doc_.rows += p.rows;
    doc_.parts.push_back(std::move(p));
    return core::nothing{};
  }

  /// Remembers the id that others may name the row by.
  core::result<core::nothing> note(const archive_document::part& p, const std::vector<bool>& keys,
                                   const std::vector<core::cell>& row) {
    for (size_t i = 0; i < row.size(); ++i) {
      if (!keys[i])
        continue;
      const auto* n = std::get_if<int64_t>(&row[i]);
      if (!n)
        return wrong(std::string(p.table->name) + "." + p.columns[i] + " must be a whole number");
      // The status of a workflow has the workflow's id.
      if (p.columns[i] == "id" && p.table->name != "workflow_status")
        doc_.ids.note(p.table->own, *n);
    }
    return core::nothing{};
  }

  archive_document doc_;
  std::string_view all_;
  size_t at_ = 0;
  int64_t line_ = 0;
};

/// Writes down what it is told, up to the size that is taken back.
class document_writer {
public:
  document_writer(const std::string& intro, uint64_t most_bytes)
      : text_(intro), most_bytes_(most_bytes) {}

  core::archive_listener listener() {
    return {[this](const core::archived_table& t, const std::vector<std::string>& columns) {
              end_table();
              name_ = t.name;
              columns_ = columns;
            },
            [this](const std::vector<core::cell>& row) {
              if (is_too_long_)
                return;
              lines_ += core::line_of(row);
              ++rows_;
              look_at_size();
            }};
  }
  /// nullopt: it would be longer than it may be.
  std::optional<std::string> end() {
    end_table();
    if (is_too_long_)
      return std::nullopt;
    return std::move(text_);
  }

private:
  void end_table() {
    if (rows_ > 0) {
      const auto hash = new_sha256();
      hash->add(lines_);
      json::object o(text_);
      o.add("table", name_);
      json::put_list(o.key("columns"), columns_);
      o.add("rows", rows_).add("sha256", hash->end()).close();
      text_.append("\n").append(lines_);
    }
    lines_.clear();
    rows_ = 0;
    look_at_size();
  }
  void look_at_size() {
    if (text_.size() + lines_.size() <= most_bytes_)
      return;
    is_too_long_ = true;
    text_ = std::string();
    lines_ = std::string();
    rows_ = 0;
  }

  std::string text_, lines_, name_;
  std::vector<std::string> columns_;
  int64_t rows_ = 0;
  uint64_t most_bytes_;
  bool is_too_long_ = false;
};

/// What could not be put back again is not given away as an archive.
core::result<core::nothing> rehearse(const archive_document& doc) {
  for (const auto& p : doc.parts)
    for (size_t at = p.begin; at < p.end;) {
      auto row = next_row(doc, at);
      if (auto ok = core::renumber(*p.table, p.columns, p.references, doc.ids, row); !ok)
        return ok.why();
    }
  return core::nothing{};
}

} // namespace

core::result<archive_document> read_archive_document(std::shared_ptr<const std::string> text) {
  return document_reader(std::move(text)).read();
}

std::vector<core::cell> next_row(const archive_document& from, size_t& at) {
  std::vector<core::cell> row;
  json::elements(line_at(*from.text, at), [&](std::string_view slice) {
    row.push_back(read_cell(slice).value_or(core::cell{}));
    return true;
  });
  return row;
}

core::result<std::string> write_archive_document(core::read_model& r, core::workflow_id id,
                                                 const std::string& intro, uint64_t most_bytes) {
  document_writer to(intro, most_bytes);
  if (auto ok = r.archive(id, to.listener()); !ok)
    return ok.why();
  auto whole = to.end();
  if (!whole)
    return refuse(refusal::unprocessable,
                  "the archive of workflow " + std::to_string(id.value) + " has more than the " +
                      std::to_string(most_bytes) +
                      " bytes that this server would take back; start it with a higher "
                      "TORC_MAX_REQUEST_BODY_MB");
  auto text = std::make_shared<std::string>(std::move(*whole));
  const auto back = read_archive_document(text);
  if (!back)
    return back.why();
  if (auto ok = rehearse(*back); !ok)
    return refuse(refusal::unprocessable,
                  "the workflow cannot be archived as it is: " + ok.why().message);
  return std::move(*text);
}

} // namespace torc::net::api
