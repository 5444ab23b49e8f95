#include "net/api/all.hpp"
#include "net/api/crud.hpp"

namespace torc::net::api {

void add_schedulers(router& to, const services& s) {
  resource<core::slurm_scheduler_row> slurm;
  slurm.path = "/slurm_schedulers";
  slurm.noun = "Slurm scheduler";
  add_crud(to, s, slurm);
  resource<core::local_scheduler_row> local;
  local.path = "/local_schedulers";
  local.noun = "local scheduler";
  add_crud(to, s, local);
}

} // namespace torc::net::api
