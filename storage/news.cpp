#include "storage/news.hpp"

namespace torc::storage {

using core::happening;

news_book::news_book(database& db)
    : name_(db, "SELECT name FROM job WHERE id = ?1"),
      node_(db, "SELECT hostname, workflow_id FROM compute_node WHERE id = ?1") {}

happening& news_book::note(happening::kind what, const job_rows::state& job) {
  auto& h = noted_.emplace_back();
  h.what = what;
  h.workflow = job.workflow;
  h.job = job.job;
  h.job_name = name_.first<std::string>(job.job).value_or("");
  h.run = job.run;
  h.node = job.node;
  return h;
}

void news_book::started(const job_rows::state& job, const core::attempt_started& a) {
  auto& h = note(happening::kind::job_started, job);
  h.at = a.at;
  if (a.node)
    h.node = a.node;
}

void news_book::ended(const job_rows::state& job, const core::attempt_ended& e,
                      core::instant start) {
  if (job.status == core::job_status::pending && start.us != 0) {
    auto& s = note(happening::kind::job_started, job);
    s.at = start;
  }
  auto& h = note(happening::kind::job_ended, job);
  h.at = e.end;
  h.status = e.status;
  h.return_code = e.return_code;
  if (e.node)
    h.node = e.node;
}

void news_book::node_started(core::workflow_id w, core::node_id n, std::string hostname,
                             core::instant at) {
  auto& h = noted_.emplace_back();
  h.what = happening::kind::node_started;
  h.workflow = w;
  h.node = n;
  h.hostname = std::move(hostname);
  h.at = at;
}

void news_book::node_stopped(core::node_id n, core::instant at, double duration_s) {
  auto row = node_.query(n);
  if (!row.next())
    return;
  auto& h = noted_.emplace_back();
  h.what = happening::kind::node_stopped;
  h.node = n;
  h.hostname = row.get<std::string>(0);
  h.workflow = row.get<core::workflow_id>(1);
  h.at = at;
  h.duration_s = duration_s;
}

} // namespace torc::storage
