#include "net/api/all.hpp"
#include "net/api/archive_document.hpp"
#include "net/keyed_house.hpp"
#include "net/sha256.hpp"
#include "telemetry/call_span.hpp"

#include <algorithm>
#include <map>
#include <utility>

namespace torc::net::api {

namespace {

constexpr std::string_view archive_type = "application/jsonl";
/// Rows that the writer takes at once: others have their turn between two such edits.
constexpr size_t most_rows = 2'000;
constexpr size_t most_bytes = size_t{4} << 20;

std::string intro_of(const services& s, core::workflow_id id) {
  std::string line;
  json::object o(line);
  o.add("format", archive_format).add("version", archive_version).add("workflow_id", id.value);
  o.add("archived_at", core::to_iso8601(now())).add("server", s.settings.version).close();
  return line + '\n';
}

void archive(const services& s, const call& c) {
  const core::workflow_id id{c->number(0)};
  const auto longest = s.max_body_bytes;
  reply_by_reading(s, c, [id, intro = intro_of(s, id), longest](core::read_model& r) {
    if (!r.workflow(id)) // or not yet: it is still arriving
      return refusal_reply(no_workflow(id));
    auto text = write_archive_document(r, id, intro, longest);
    return text ? reply{200, archive_type, std::move(*text), {}} : refusal_reply(text.why());
  });
}

/// Hashes of tables, by name.
class table_sums {
public:
  void add(std::string_view table, const std::vector<core::cell>& row) {
    auto& sum = all_[std::string(table)];
    if (!sum)
      sum = new_sha256();
    sum->add(core::line_of(row));
  }
  std::map<std::string, std::string> end() {
    std::map<std::string, std::string> sums;
    for (auto& [table, sum] : all_)
      sums.emplace(table, sum->end());
    return sums;
  }

private:
  std::map<std::string, std::unique_ptr<core::digest>> all_;
};

/// Puts a workflow back: draws its ids, has the rows written in portions, reads them back, and
/// shows the workflow only when they are what was sent. Until then it is nobody's, and a restart
/// deletes it; so the call takes effect in its last change. It works alternately on a worker and on
/// the socket thread.
class restorer : public std::enable_shared_from_this<restorer> {
public:
  restorer(const services& s, call c, archive_document doc)
      : services_(s), call_(std::move(c)), doc_(std::move(doc)) {
    user_ = call_->in().user;
  }

  void begin() {
    // These changes are not the call's that an Idempotency-Key remembers.
    const telemetry::working_on nothing_of_the_call(nullptr);
    core::open_restore open;
    for (size_t i = 1; i < core::id_spaces; ++i)
      open.counts[i] = doc_.ids.count(static_cast<core::id_space>(i));
    services_.house.edit(open, [self = shared_from_this()](core::result<core::edited> drawn) {
      if (!drawn)
        return self->call_->refuse(drawn.why());
      self->took(drawn->ids);
      self->go_on();
    });
  }

private:
  struct portion {
    core::restore_rows rows;
    std::optional<core::error> wrong;
  };

  void took(const std::vector<int64_t>& first) {
    for (size_t i = 1; i < first.size() && i < core::id_spaces; ++i)
      doc_.ids.begin(static_cast<core::id_space>(i), first[i]);
    workflow_.value = first.at(static_cast<size_t>(core::id_space::workflow));
    at_ = doc_.parts.front().begin;
  }

  void go_on() {
    while (part_ < doc_.parts.size() && at_ >= doc_.parts[part_].end)
      if (++part_ < doc_.parts.size())
        at_ = doc_.parts[part_].begin;
    if (part_ == doc_.parts.size())
      return verify();
    read_then(
        services_, [self = shared_from_this()](core::read_model&) { return self->next_portion(); },
        [self = shared_from_this()](portion p) {
          if (p.wrong)
            return self->give_up(*p.wrong);
          self->services_.house.edit(std::move(p.rows),
                                     [self](const core::result<core::edited>& r) {
                                       r ? self->go_on() : self->give_up(r.why());
                                     });
        });
  }

  portion next_portion() {
    const auto& p = doc_.parts[part_];
    portion next{{workflow_, std::string(p.table->name), p.columns, {}}, {}};
    const auto begin = at_;
    while (at_ < p.end && next.rows.rows.size() < most_rows && at_ - begin < most_bytes) {
      auto row = next_row(doc_, at_);
      adapt(p, row);
      if (auto ok = core::renumber(*p.table, p.columns, p.references, doc_.ids, row); !ok) {
        next.wrong = ok.why();
        return next;
      }
      sent_.add(p.table->name, row);
      next.rows.rows.push_back(std::move(row));
    }
    return next;
  }

  /// What was true on the other server only.
  void adapt(const archive_document::part& p, std::vector<core::cell>& row) {
    const auto set = [&](std::string_view column, core::cell value) {
      const auto at = static_cast<size_t>(std::ranges::find(p.columns, column) - p.columns.begin());
      if (at < row.size())
        row[at] = std::move(value);
    };
    if (p.table->name == "job_state")
      unfinished_ += core::close_attempt(p.columns, row);
    else if (p.table->name == "compute_node")
      set("is_active", int64_t{0});
    else if (p.table->name == "workflow" && !user_.empty())
      set("user", user_);
  }

  void verify() {
    read_then(
        services_, [self = shared_from_this()](core::read_model& r) { return self->is_as_sent(r); },
        [self = shared_from_this()](bool same) {
          if (same)
            return self->show();
          self->give_up(core::refuse(core::refusal::unprocessable,
                                     "the rows on the disk are not those that were written"));
        });
  }

  /// An archive of an earlier server may lack columns; what is compared is what it has.
  bool is_as_sent(core::read_model& r) {
    table_sums found;
    const archive_document::part* part = nullptr;
    std::vector<size_t> places; ///< of the archive's columns in the table
    const auto table = [&](const core::archived_table& t, const std::vector<std::string>& columns) {
      const auto at = std::ranges::find(doc_.parts, &t, &archive_document::part::table);
      part = at == doc_.parts.end() ? nullptr : &*at;
      places.clear();
      for (const auto& name : part ? part->columns : std::vector<std::string>{})
        places.push_back(static_cast<size_t>(std::ranges::find(columns, name) - columns.begin()));
    };
    const auto row = [&](const std::vector<core::cell>& all) {
      std::vector<core::cell> some;
      some.reserve(places.size());
      for (const auto place : places)
        some.push_back(all.at(place));
      found.add(part ? part->table->name : "", some);
    };
    return r.archive(workflow_, {table, row}).ok() && found.end() == sent_.end();
  }

  void show() {
    const telemetry::working_on the_call(call_->span());
    std::string body;
    json::object o(body);
    o.add("workflow_id", workflow_.value).add("rows", doc_.rows);
    o.add("unfinished_jobs", unfinished_).close();
    foretell(call_, json_reply(body));
    services_.house.edit(core::close_restore{workflow_, true},
                         [self = shared_from_this(), body](const core::result<core::edited>& r) {
                           if (!r)
                             return self->give_up(r.why());
                           self->call_->answer_json(body);
                         });
  }

  void give_up(const core::error& why) {
    const telemetry::working_on nothing_of_the_call(nullptr);
    services_.house.edit(core::close_restore{workflow_, false},
                         [self = shared_from_this(), why](const core::result<core::edited>&) {
                           // Where it cannot be deleted either, the next start does it.
                           self->call_->refuse(why);
                         });
  }

  const services& services_;
  call call_;
  archive_document doc_;
  std::string user_;
  core::workflow_id workflow_;
  size_t part_ = 0;
  size_t at_ = 0; ///< in the document
  table_sums sent_;
  int64_t unfinished_ = 0;
};

void restore(const services& s, const call& c) {
  if (c->in().body.empty())
    return c->refuse(core::refuse(core::refusal::unprocessable, "the body must be an archive"));
  auto text = std::make_shared<const std::string>(c->take_body());
  read_then(
      s, [text](core::read_model&) { return read_archive_document(text); },
      [&s, c](core::result<archive_document> doc) {
        if (!doc)
          return c->refuse(doc.why());
        std::make_shared<restorer>(s, c, std::move(*doc))->begin();
      });
}

} // namespace

void add_archives(router& to, const services& s) {
  to.on("GET", "/workflows/{id}/archive_file", [&s](const call& c) { archive(s, c); });
  to.on("POST", "/archive_files", [&s](const call& c) { restore(s, c); });
}

} // namespace torc::net::api
