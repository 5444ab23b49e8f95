#include "core/spec_order.hpp"

#include "core/turn.hpp"

#include <algorithm>
#include <numeric>

namespace torc::core {

namespace {

constexpr int32_t not_seen = -3;
constexpr int32_t under_way = -2;
constexpr int32_t before_all = -1; ///< of a file that nobody writes

/// Walks from every job to what it waits for. What a job waits for are nodes of several kinds, so
/// that the 25,000 jobs behind one list of 25,000 others cost 50,000 steps:
/// [0, J) jobs; then lists of jobs, one node at the position of the first entry in job_pool; then
/// files; then user data.
class walk {
public:
  walk(const workflow_spec& spec, std::vector<bool> in_circle, expanded_workflow& w,
       complaints& wrong)
      : spec_(spec), w_(w), wrong_(wrong), in_circle_(std::move(in_circle)),
        lists_(static_cast<uint32_t>(w.jobs.size())),
        things_(lists_ + static_cast<uint32_t>(w.job_pool.size())),
        level_(things_ + w.files.size() + w.user_data.size(), not_seen) {
    find_writers();
    find_updaters();
  }

  bool run() {
    for (uint32_t job = 0; job < lists_; ++job)
      if (level_[job] == not_seen)
        visit(job);
    return good_;
  }

  uint32_t stage(uint32_t job) const { return static_cast<uint32_t>(level_[job]); }

private:
  struct frame {
    uint32_t node;
    uint32_t next;  ///< position of the next thing it waits for
    uint32_t count; ///< of a list: its length
    int32_t level;
  };

  bool is_job(uint32_t node) const { return node < lists_; }
  uint32_t thing_of_file(uint32_t file) const { return things_ + file; }
  uint32_t thing_of_data(uint32_t data) const {
    return things_ + static_cast<uint32_t>(w_.files.size()) + data;
  }
  std::string thing_name(uint32_t node) const {
    const auto thing = node - things_;
    return thing < w_.files.size()
               ? "file " + quoted(w_.files[thing].name)
               : "user data " + quoted(w_.user_data[thing - w_.files.size()].name);
  }

  /// Collects who writes what, in one array with the writers of each thing side by side.
  void find_writers() {
    first_writer_.assign(w_.files.size() + w_.user_data.size() + 1, 0);
    each_output([&](uint32_t, uint32_t thing) { ++first_writer_[thing]; });
    uint32_t sum = 0;
    for (auto& first : first_writer_)
      sum += std::exchange(first, sum);
    writers_.resize(sum);
    auto next = first_writer_;
    each_output([&](uint32_t job, uint32_t thing) { writers_[next[thing]++] = job; });
  }

  template <class F>
  void each_output(F f) const {
    const auto files = static_cast<uint32_t>(w_.files.size());
    for (uint32_t job = 0; job < lists_; ++job) {
      for (const auto file : w_.links(w_.jobs[job].output_files))
        f(job, file);
      for (const auto data : w_.links(w_.jobs[job].output_user_data))
        f(job, files + data);
    }
  }

  /// Finds the jobs that read what they write, their updaters. An updater does not wait for itself,
  /// so it cannot wait for the thing's node: it waits for each of the other writers.
  void find_updaters() {
    updater_.assign(first_writer_.size(), no_index);
    for (uint32_t job = 0; job < lists_; ++job) {
      const auto& j = w_.jobs[job];
      find_updates(job, j.input_files, j.output_files, 0);
      find_updates(job, j.input_user_data, j.output_user_data,
                   static_cast<uint32_t>(w_.files.size()));
    }
    std::sort(updates_.begin(), updates_.end(),
              [](const edge& a, const edge& b) { return a.job < b.job; });
  }

  void find_updates(uint32_t job, index_range reads, index_range writes, uint32_t base) {
    const auto written = w_.links(writes);
    for (const auto read : w_.links(writes.count > 0 ? reads : index_range{})) {
      if (!std::binary_search(written.begin(), written.end(), read))
        continue;
      const auto thing = base + read;
      if (auto& updater = updater_[thing]; updater == no_index) {
        updater = job;
        for (auto i = first_writer_[thing]; i < first_writer_[thing + 1]; ++i)
          if (writers_[i] != job)
            updates_.push_back({writers_[i], job});
      } else {
        good_ = false;
        in_circle_[job] = in_circle_[updater] = true;
        wrong_.add(place_of(job), "jobs " + quoted(w_.jobs[updater].name) + " and " +
                                      quoted(w_.jobs[job].name) + " both read and write " +
                                      thing_name(things_ + thing) +
                                      ", so each waits for the other; let one of them write to "
                                      "another name");
      }
    }
  }

  place place_of(uint32_t job) const { return spec_.jobs[w_.jobs[job].spec].name.at; }

  /// The next node that the frame's node waits for, or no_index when there is none left.
  uint32_t next_of(frame& f) const {
    if (is_job(f.node))
      return next_of_job(f);
    if (f.node < things_)
      return f.next < f.count ? w_.job_pool[f.node - lists_ + f.next++] : no_index;
    const auto thing = f.node - things_;
    const auto at = first_writer_[thing] + f.next++;
    return at < first_writer_[thing + 1] ? writers_[at] : no_index;
  }

  /// First the list of depends_on, then what the job reads, then the writers of what it updates.
  uint32_t next_of_job(frame& f) const {
    const auto& j = w_.jobs[f.node];
    if (f.next == 0) {
      f.next = 1;
      if (j.depends_on.count > 0)
        return lists_ + j.depends_on.first;
    }
    const auto files = static_cast<uint32_t>(w_.files.size());
    const auto reads = j.input_files.count + j.input_user_data.count;
    for (; f.next - 1 < reads; ++f.next) {
      const auto i = f.next - 1;
      const auto thing =
          i < j.input_files.count
              ? w_.link_pool[j.input_files.first + i]
              : files + w_.link_pool[j.input_user_data.first + i - j.input_files.count];
      const auto written = w_.links(i < j.input_files.count ? j.output_files : j.output_user_data);
      const auto name = i < j.input_files.count ? thing : thing - files;
      if (!std::binary_search(written.begin(), written.end(), name)) {
        ++f.next;
        return things_ + thing;
      }
    }
    if (updates_.empty())
      return no_index;
    const auto own = std::equal_range(updates_.begin(), updates_.end(), edge{0, f.node},
                                      [](const edge& a, const edge& b) { return a.job < b.job; });
    const auto at = f.next++ - 1 - reads;
    return at < static_cast<size_t>(own.second - own.first) ? (own.first + at)->blocker : no_index;
  }

  void visit(uint32_t start);
  void enter(uint32_t node, uint32_t count) {
    level_[node] = under_way;
    stack_.push_back({node, 0, count, before_all});
  }
  void complain_about_circle(uint32_t node);

  const workflow_spec& spec_;
  expanded_workflow& w_;
  complaints& wrong_;
  std::vector<bool> in_circle_;
  uint32_t lists_;
  uint32_t things_;
  std::vector<int32_t> level_;
  std::vector<uint32_t> first_writer_, writers_, updater_;
  std::vector<edge> updates_; ///< by job
  std::vector<frame> stack_;
  bool good_ = true;
};

void walk::visit(uint32_t start) {
  enter(start, 0);
  while (!stack_.empty()) {
    auto& top = stack_.back();
    const auto node = next_of(top);
    if (node == no_index) {
      const auto level = top.level + (is_job(top.node) ? 1 : 0);
      level_[top.node] = level;
      stack_.pop_back();
      if (!stack_.empty())
        stack_.back().level = std::max(stack_.back().level, level);
    } else if (level_[node] == not_seen) {
      const bool list = !is_job(node) && node < things_;
      enter(node, list ? w_.jobs[top.node].depends_on.count : 0);
    } else if (level_[node] == under_way) {
      complain_about_circle(node);
    } else {
      top.level = std::max(top.level, level_[node]);
    }
  }
}

/// The stack from `node` upwards is the circle. Only the first through each job is told.
void walk::complain_about_circle(uint32_t node) {
  constexpr size_t longest = 12;
  good_ = false;
  size_t from = stack_.size();
  while (stack_[from - 1].node != node)
    --from;
  std::vector<uint32_t> jobs;
  std::string through;
  for (size_t i = from - 1; i < stack_.size(); ++i) {
    const auto n = stack_[i].node;
    if (is_job(n))
      jobs.push_back(n);
    else if (n >= things_ && through.empty())
      through = ", through " + thing_name(n);
  }
  const auto known = [&](uint32_t job) { return in_circle_[job]; };
  const bool told = std::any_of(jobs.begin(), jobs.end(), known);
  for (const auto job : jobs)
    in_circle_[job] = true;
  if (told)
    return;
  std::rotate(jobs.begin(), std::min_element(jobs.begin(), jobs.end()), jobs.end());
  std::string path;
  for (size_t i = 0; i < jobs.size(); ++i) {
    if (i == longest - 2 && jobs.size() > longest) {
      path += "(" + std::to_string(jobs.size() - longest + 1) + " more) -> ";
      i = jobs.size() - 1;
    }
    path += w_.jobs[jobs[i]].name + " -> ";
  }
  path += w_.jobs[jobs.front()].name;
  wrong_.add(place_of(jobs.front()), "these jobs wait for each other in a circle" + through + ": " +
                                         path + "; remove one of these dependencies");
}

/// Moves row i to place rank[i], in place: a second copy of all jobs would double the memory.
template <class Row>
void permute(std::vector<Row>& rows, const std::vector<uint32_t>& rank) {
  std::vector<bool> done(rows.size());
  for (uint32_t i = 0; i < rows.size(); ++i) {
    if (done[i])
      continue;
    for (auto to = rank[i]; to != i; to = rank[to]) {
      std::swap(rows[i], rows[to]);
      done[to] = true;
    }
  }
}

void renumber(std::span<uint32_t> list, const std::vector<uint32_t>& rank) {
  for (auto& job : list)
    job = rank[job];
  if (!std::is_sorted(list.begin(), list.end()))
    std::sort(list.begin(), list.end());
}

} // namespace

bool order_jobs(const workflow_spec& spec, std::vector<bool> waits_for_itself,
                expanded_workflow& out, complaints& wrong) {
  walk w(spec, std::move(waits_for_itself), out, wrong);
  if (!w.run())
    return false;
  std::vector<uint32_t> next; // The place of the next job of each stage.
  for (uint32_t job = 0; job < out.jobs.size(); ++job) {
    const auto stage = out.jobs[job].stage = w.stage(job);
    if (next.size() < stage + 2)
      next.resize(stage + 2);
    ++next[stage + 1];
  }
  out.stages = next.empty() ? 0 : static_cast<uint32_t>(next.size() - 1);
  std::partial_sum(next.begin(), next.end(), next.begin());
  std::vector<uint32_t> rank(out.jobs.size());
  for (uint32_t job = 0; job < out.jobs.size(); ++job)
    rank[job] = next[out.jobs[job].stage]++;
  permute(out.jobs, rank);

  std::vector<bool> renumbered(out.job_pool.size()); // Lists are shared.
  for (const auto& job : out.jobs) {
    const auto [first, count] = job.depends_on;
    if (count == 0 || renumbered[first])
      continue;
    renumbered[first] = true;
    renumber(std::span(out.job_pool).subspan(first, count), rank);
  }
  for (auto& action : out.actions)
    if (action.jobs)
      renumber(*action.jobs, rank);
  return true;
}

} // namespace torc::core
