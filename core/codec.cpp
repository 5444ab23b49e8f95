#include "core/codec.hpp"

#include "core/record_reader.hpp"

namespace torc::core {

namespace record {

uint64_t reader::varint() {
  uint64_t v = 0;
  for (unsigned shift = 0; shift < 64; shift += 7) {
    if (in_.empty())
      break;
    auto byte = static_cast<uint8_t>(in_.front());
    in_.remove_prefix(1);
    if (shift == 63 && byte > 1)
      break;
    v |= static_cast<uint64_t>(byte & 0x7f) << shift;
    if (byte < 0x80)
      return v;
  }
  bad_ = true;
  return 0;
}

} // namespace record

// Fields are only ever appended to these lists.
namespace wire {

template <class F>
void fields(F& f, attempt& x) {
  f(x.grant, x.job, x.run, x.attempt_id);
}
template <class F>
void fields(F& f, ended& x) {
  f(x.what, x.return_code, x.status, x.start_us, x.end_us, x.peak_memory_bytes, x.cpu_us);
}
template <class F>
void fields(F& f, attach& x) {
  f(x.newest_protocol, x.oldest, x.runner, x.instance, x.token, x.user, x.workflow, x.hostname,
    x.pid, x.slots, x.num_cpus, x.num_gpus, x.num_nodes, x.memory_bytes, x.time_limit_s, x.prefill,
    x.held, x.unacked, x.version, x.labels);
}
template <class F>
void fields(F& f, welcome& x) {
  f(x.chosen_protocol, x.runner, x.refused, x.server_epoch, x.lease_ms, x.revoked);
}
template <class F>
void fields(F& f, order& x) {
  f(x.what, x.workflow, x.name, x.command, x.num_cpus, x.num_gpus, x.num_nodes, x.memory_bytes,
    x.runtime_s, x.env);
}
template <class F>
void fields(F& f, trace_seed& x) {
  f(x.high, x.low, x.bound);
}
template <class F>
void fields(F& f, run_jobs& x) {
  f(x.orders, x.trace);
}
template <class F>
void fields(F& f, revoke& x) {
  f(x.grants, x.kill);
}
template <class F>
void fields(F& f, ack& x) {
  f(x.seq);
}
template <class F>
void fields(F& f, finished& x) {
  f(x.workflow, x.canceled);
}
template <class F>
void fields(F& f, report& x) {
  f(x.runner, x.seq, x.started, x.started_us, x.done, x.returned, x.leaving, x.round_trip_us);
}

} // namespace wire

template <class T>
std::string encode(const T& message) {
  return record::encode(message);
}

template <class T>
result<T> decode(std::string_view bytes) {
  return record::decode<T>(bytes);
}

template std::string encode(const wire::attach&);
template std::string encode(const wire::welcome&);
template std::string encode(const wire::run_jobs&);
template std::string encode(const wire::revoke&);
template std::string encode(const wire::ack&);
template std::string encode(const wire::finished&);
template std::string encode(const wire::report&);
template result<wire::attach> decode(std::string_view);
template result<wire::welcome> decode(std::string_view);
template result<wire::run_jobs> decode(std::string_view);
template result<wire::revoke> decode(std::string_view);
template result<wire::ack> decode(std::string_view);
template result<wire::finished> decode(std::string_view);
template result<wire::report> decode(std::string_view);

result<nothing> check_envelope(const sealed& s, uint16_t kind, bool newer) {
  if (s.kind != kind)
    return refuse(refusal::malformed, "a message of kind " + std::to_string(s.kind) +
                                          " came where " + std::to_string(kind) + " was expected");
  if (s.protocol < wire::oldest_protocol || (!newer && s.protocol > wire::protocol))
    return refuse(refusal::unprocessable, "the peer speaks protocol " + std::to_string(s.protocol) +
                                              ", this program " +
                                              std::to_string(wire::oldest_protocol) + " to " +
                                              std::to_string(wire::protocol));
  return nothing{};
}

} // namespace torc::core
