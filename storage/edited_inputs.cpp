#include "storage/edited_inputs.hpp"

#include <algorithm>
#include <string_view>

namespace torc::storage {

namespace {

/// FNV-1a: the same in every build, which std::hash is not.
class digest {
public:
  void add(std::string_view text) {
    for (const char c : text)
      step(static_cast<unsigned char>(c));
    step(0x100); // no byte: ("ab", "c") is not ("a", "bc")
  }
  void add(int64_t n) { add(std::to_string(n)); }
  int64_t value() const { return static_cast<int64_t>(sum_); }

private:
  void step(uint64_t what) {
    sum_ ^= what;
    sum_ *= 1099511628211u;
  }
  uint64_t sum_ = 14695981039346656037u;
};

int64_t digest_of_job(database& db, core::job_id job) {
  digest all;
  statement text{db, "SELECT command, ifnull(invocation_script, '') FROM job WHERE id = ?1"};
  if (auto r = text.query(job); r.next()) {
    all.add(r.get<std::string>(0));
    all.add(r.get<std::string>(1));
  }
  for (const auto* list : {"SELECT depends_on_job_id FROM job_depends_on WHERE job_id = ?1",
                           "SELECT file_id FROM job_input_file WHERE job_id = ?1",
                           "SELECT file_id FROM job_output_file WHERE job_id = ?1",
                           "SELECT user_data_id FROM job_input_user_data WHERE job_id = ?1",
                           "SELECT user_data_id FROM job_output_user_data WHERE job_id = ?1"}) {
    statement ids{db, std::string{list} + " ORDER BY 1"};
    for (auto r = ids.query(job); r.next();)
      all.add(r.get<int64_t>(0));
    all.add("");
  }
  return all.value();
}

int64_t digest_of_data(database& db, core::user_data_id data) {
  digest all;
  statement text{db, "SELECT ifnull(data, '') FROM user_data WHERE id = ?1"};
  all.add(text.first<std::string>(data).value_or(""));
  return all.value();
}

bool was_initialized(database& db, core::workflow_id w) {
  return statement{db, "SELECT 1 FROM workflow_status WHERE id = ?1 AND initialized = 1"}.any(w);
}

} // namespace

void note_job_edit(writer& w, core::workflow_id workflow, core::job_id job) {
  if (was_initialized(w.db, workflow))
    statement{w.db, "INSERT OR IGNORE INTO edited_job (job_id, before) VALUES (?1, ?2)"}.run(
        job, digest_of_job(w.db, job));
}

void note_data_edit(writer& w, core::workflow_id workflow, core::user_data_id data) {
  if (was_initialized(w.db, workflow))
    statement{w.db, "INSERT OR IGNORE INTO edited_user_data (user_data_id, workflow_id, before) "
                    "VALUES (?1, ?2, ?3)"}
        .run(data, workflow, digest_of_data(w.db, data));
}

void forget_edits(writer& w, core::workflow_id workflow) {
  statement runs{w.db, "SELECT first_job, last_job FROM job_run WHERE workflow_id = ?1"};
  statement drop{w.db, "DELETE FROM edited_job WHERE job_id BETWEEN ?1 AND ?2"};
  for (auto r = runs.query(workflow); r.next();)
    drop.run(r.get<int64_t>(0), r.get<int64_t>(1));
  statement{w.db, "DELETE FROM edited_user_data WHERE workflow_id = ?1"}.run(workflow);
}

std::vector<std::pair<core::job_id, std::string>> jobs_with_edited_inputs(database& db,
                                                                          core::workflow_id w) {
  std::vector<core::job_id> found;
  statement jobs{db, "SELECT e.job_id, e.before FROM job_run AS r JOIN edited_job AS e "
                     "ON e.job_id BETWEEN r.first_job AND r.last_job WHERE r.workflow_id = ?1"};
  for (auto r = jobs.query(w); r.next();)
    if (digest_of_job(db, r.get<core::job_id>(0)) != r.get<int64_t>(1))
      found.push_back(r.get<core::job_id>(0));
  statement data{db, "SELECT user_data_id, before FROM edited_user_data WHERE workflow_id = ?1"};
  statement readers{db, "SELECT i.job_id FROM job_run AS r JOIN job_input_user_data AS i "
                        "ON i.job_id BETWEEN r.first_job AND r.last_job "
                        "WHERE r.workflow_id = ?1 AND i.user_data_id = ?2"};
  for (auto d = data.query(w); d.next();)
    if (digest_of_data(db, d.get<core::user_data_id>(0)) != d.get<int64_t>(1))
      for (auto r = readers.query(w, d.get<int64_t>(0)); r.next();)
        found.push_back(r.get<core::job_id>(0));
  std::sort(found.begin(), found.end());
  found.erase(std::unique(found.begin(), found.end()), found.end());
  std::vector<std::pair<core::job_id, std::string>> named;
  named.reserve(found.size());
  statement name{db, "SELECT name FROM job WHERE id = ?1"};
  for (auto job : found)
    named.emplace_back(job, name.first<std::string>(job).value_or(""));
  return named;
}

} // namespace torc::storage
