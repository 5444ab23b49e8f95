#include "core/stages.hpp"

#include <algorithm>
#include <tuple>

namespace torc::core {

std::vector<edge> derive_edges(std::span<const link> producers, std::span<const link> consumers) {
  const auto by_thing = [](const link& a, const link& b) {
    return std::tie(a.thing, a.job) < std::tie(b.thing, b.job);
  };
  std::vector<link> writers(producers.begin(), producers.end());
  std::sort(writers.begin(), writers.end(), by_thing);
  std::vector<edge> edges;
  for (const auto& reader : consumers) {
    auto writer = std::lower_bound(writers.begin(), writers.end(), link{reader.thing, 0}, by_thing);
    for (; writer != writers.end() && writer->thing == reader.thing; ++writer)
      if (writer->job != reader.job)
        edges.push_back({writer->job, reader.job});
  }
  const auto key = [](const edge& e) { return std::pair(e.job, e.blocker); };
  std::sort(edges.begin(), edges.end(),
            [&](const edge& a, const edge& b) { return key(a) < key(b); });
  const auto same = [&](const edge& a, const edge& b) { return key(a) == key(b); };
  edges.erase(std::unique(edges.begin(), edges.end(), same), edges.end());
  return edges;
}

result<std::vector<uint32_t>> stages(size_t jobs, std::span<const edge> edges) {
  std::vector<uint32_t> first(jobs + 1); // of the successors of each job in `successors`
  std::vector<uint32_t> waits(jobs);
  for (const auto& e : edges) {
    ++first[e.blocker];
    ++waits[e.job];
  }
  uint32_t sum = 0;
  for (auto& f : first)
    sum += std::exchange(f, sum);
  std::vector<uint32_t> successors(edges.size());
  auto next = first;
  for (const auto& e : edges)
    successors[next[e.blocker]++] = e.job;

  std::vector<uint32_t> stage(jobs);
  std::vector<uint32_t> free;
  free.reserve(jobs);
  for (uint32_t job = 0; job < jobs; ++job)
    if (waits[job] == 0)
      free.push_back(job);
  for (size_t done = 0; done < free.size(); ++done) {
    const auto job = free[done];
    for (auto i = first[job]; i < first[job + 1]; ++i) {
      const auto successor = successors[i];
      stage[successor] = std::max(stage[successor], stage[job] + 1);
      if (--waits[successor] == 0)
        free.push_back(successor);
    }
  }
  if (free.size() != jobs)
    return refuse(refusal::unprocessable, "jobs wait for each other in a circle");
  return stage;
}

} // namespace torc::core
