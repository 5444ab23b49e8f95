#include "net/api/all.hpp"
#include "net/api/crud.hpp"

namespace torc::net::api {

void add_schedulers(router& to, const services& s) {
  using type = filter_column::type;
  resource<core::slurm_scheduler_row> slurm;
  slurm.path = "/slurm_schedulers";
  slurm.noun = "Slurm scheduler";
  slurm.filters = {{"name"},      {"account"}, {"gres"}, {"mem"},     {"nodes", type::integer},
                   {"partition"}, {"qos"},     {"tmp"},  {"walltime"}};
  add_crud(to, s, slurm);
  resource<core::local_scheduler_row> local;
  local.path = "/local_schedulers";
  local.noun = "local scheduler";
  local.filters = {{"memory"}, {"num_cpus", type::integer}};
  add_crud(to, s, local);

  resource<core::slurm_stats_row> stats;
  stats.path = "/slurm_stats";
  stats.noun = "Slurm statistics record";
  stats.filters = {
      {"job_id", type::integer}, {"run_id", type::integer}, {"attempt_id", type::integer}};
  add_create(to, s, stats);
  to.on("GET", stats.path, [&s, columns = stats.filters](const call& c) {
    query_reader q(c->in());
    const auto f = read_filter(q, columns);
    if (!q.refused(c))
      reply_by_reading(s, c, [f](core::read_model& r) {
        return page_reply<core::slurm_stats_row>(r, f, f.at.limit);
      });
  });
}

} // namespace torc::net::api
