#include "core/json_text.hpp"
#include "core/media_type.hpp"
#include "core/time.hpp"
#include "storage/writer.hpp"

namespace torc::storage {

namespace {

std::string file_metadata(const std::string& path, double mtime, int64_t run) {
  constexpr double latest = 253402300799.0; // the end of the year 9999
  core::json_object o;
  o.add("@id", path).add("@type", "File");
  o.add("name", std::string_view(path).substr(path.rfind('/') + 1));
  o.add("encodingFormat", core::media_type(path)).add("torc:run_id", run);
  if (mtime >= 0 && mtime < latest)
    o.add("dateModified", core::to_iso8601(core::instant{static_cast<int64_t>(mtime) * 1'000'000}));
  return std::move(o).take().text;
}

void describe_inputs(writer& w, core::workflow_id workflow, int64_t run) {
  statement inputs{w.db,
                   "SELECT f.id, f.path, f.st_mtime FROM file AS f WHERE f.st_mtime IS NOT NULL "
                   "AND f.id IN (SELECT i.file_id FROM job_run AS r JOIN job_input_file AS i "
                   "ON i.job_id BETWEEN r.first_job AND r.last_job WHERE r.workflow_id = ?1 "
                   "EXCEPT SELECT o.file_id FROM job_run AS r JOIN job_output_file AS o "
                   "ON o.job_id BETWEEN r.first_job AND r.last_job WHERE r.workflow_id = ?1)"};
  statement update{w.db, "UPDATE ro_crate_entity SET metadata = ?3 WHERE workflow_id = ?1 "
                         "AND file_id = ?2"};
  statement insert{w.db, "INSERT OR IGNORE INTO ro_crate_entity "
                         "(id, workflow_id, file_id, entity_id, entity_type, metadata) "
                         "VALUES (?1, ?2, ?3, ?4, 'File', ?5)"};
  for (auto r = inputs.query(workflow); r.next();) {
    const auto file = r.get<int64_t>(0);
    const auto path = r.get<std::string>(1);
    const auto text = file_metadata(path, r.get<double>(2), run);
    if (update.run(workflow, file, text) == 0)
      insert.run(w.ids.draw("ro_crate_entity"), workflow, file, path, text);
  }
}

void describe_server(writer& w, core::workflow_id workflow, int64_t run) {
  const auto name = "#software-torc-server-run-" + std::to_string(run);
  core::json_object o;
  o.add("@id", name).add("@type", "SoftwareApplication").add("name", "torc-server");
  o.add("torc:run_id", run);
  const auto text = std::move(o).take().text;
  statement{w.db, "INSERT OR IGNORE INTO ro_crate_entity "
                  "(id, workflow_id, file_id, entity_id, entity_type, metadata) "
                  "VALUES (?1, ?2, NULL, ?3, 'SoftwareApplication', ?4)"}
      .run(w.ids.draw("ro_crate_entity"), workflow, name, text);
}

} // namespace

void write_provenance(writer& w, core::workflow_id workflow) {
  if (!statement{w.db, "SELECT 1 FROM workflow WHERE id = ?1 AND enable_ro_crate = 1"}.any(
          workflow))
    return;
  const auto run = w.counts.run_of(workflow);
  describe_inputs(w, workflow, run);
  describe_server(w, workflow, run);
}

} // namespace torc::storage
