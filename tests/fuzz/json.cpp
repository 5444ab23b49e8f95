#include "net/api/archive_document.hpp"
#include "net/json/document.hpp"
#include "net/json/job.hpp"
#include "net/json/rows.hpp"
#include "tests/fuzz/target.hpp"

using namespace torc;

namespace {

/// What was read as a row is written as JSON.
template <class Row>
void read_row(std::string_view body) {
  net::json::unknown_keys unknown;
  const auto row = net::json::read<Row>(body, {&unknown, true});
  if (!row)
    return;
  std::string out;
  net::json::write(out, *row);
  test::must(net::json::check(out).ok(), "what is written is JSON");
}

void read_jobs(std::string_view body) {
  net::json::unknown_keys unknown;
  const auto jobs = net::json::read_jobs(body, {&unknown, core::workflow_id{1}, false, nullptr});
  static_cast<void>(jobs.ok());
}

} // namespace

/// A request's body: checked once, then read as every row that the API takes; and as an archive.
extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  const auto body = test::text_of(data, size);
  static_cast<void>(net::api::read_archive_document(std::make_shared<const std::string>(body)));
  if (!net::json::check(body))
    return 0;
  read_row<core::workflow_row>(body);
  read_row<core::workflow_status_row>(body);
  read_row<core::file_row>(body);
  read_row<core::user_data_row>(body);
  read_row<core::requirement_row>(body);
  read_row<core::event_row>(body);
  read_row<core::result_row>(body);
  read_row<core::compute_node_row>(body);
  read_row<core::scheduled_compute_node_row>(body);
  read_row<core::failure_handler_row>(body);
  read_row<core::slurm_scheduler_row>(body);
  read_row<core::local_scheduler_row>(body);
  read_row<core::action_row>(body);
  read_row<core::ro_crate_entity_row>(body);
  read_row<core::slurm_stats_row>(body);
  read_jobs(body);
  return 0;
}
