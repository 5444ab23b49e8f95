#include "world.hpp"

#include <algorithm>
#include <utility>

namespace torc::simulation {

using core::job_status;
using test::fault;
using test::faulty_disk;

namespace {
constexpr int64_t longest_standstill_us = 20 * 60 * int64_t{1'000'000};
constexpr int64_t most_calm_steps = 2'000'000;
} // namespace

world::world(const scenario& plan, walk_settings settings)
    : plan_(plan), settings_(settings), found_(settings.tells),
      env_(plan.seed * 2 + (settings.has_faults ? 1 : 0), found_),
      server_(env_, plan.is_harsh && settings.has_faults, plan.has_endless_lease),
      rows_(env_, plan.has_controls && settings.has_faults), saw_(env_, rows_),
      wire_(env_, server_, rows_, plan.is_harsh && settings.has_faults),
      runners_(env_, plan, server_, wire_, rows_, saw_),
      http_(env_, plan, server_, rows_, saw_), meddlers_{
                                                   meddler{env_, server_, rows_, plan.is_harsh},
                                                   meddler{env_, server_, rows_, plan.is_harsh},
                                                   meddler{env_, server_, rows_, plan.is_harsh}} {
  faulty_disk::the().load({});
  for (const auto& w : plan_.workflows)
    authors_.push_back(std::make_unique<author>(env_, w, server_, rows_));
}

world::~world() {
  faulty_disk::the().watch(nullptr); // the server still calls the disk when this is gone
  rows_.close();
}

outcome world::walk() {
  auto out = outcome{};
  storm();
  if (found_.first().empty())
    calm();
  if (found_.first().empty())
    end();
  if (server_.is_up())
    record(out);
  out.wrong = found_.first();
  return out;
}

void world::storm() {
  for (int64_t n = 0; n < plan_.steps && found_.first().empty(); ++n) {
    if (settings_.has_faults && env_.chance.once_in(plan_.steps_per_fault))
      fault();
    step();
    if (!settings_.has_faults && all_done())
      return;
  }
}

/// Nothing happens any more but what has to, and then everything ends.
void world::calm() {
  found_.note("--- calm");
  in_storm_ = false;
  boot_at_us_ = 0;
  auto moved_us = env_.now_us();
  for (int64_t n = 0, done = 0; found_.first().empty(); ++n) {
    step();
    if (n % 64 == 0) {
      settle_people();
      if (all_done())
        return;
      // Many long jobs in one slot take their time.
      if (std::exchange(done, rows_.done()) != done)
        moved_us = env_.now_us();
    }
    if (env_.now_us() > moved_us + longest_standstill_us || n > most_calm_steps)
      found_.wrong("not everything ends: " + what_is_left());
  }
}

void world::step() {
  boot_if_due();
  ++messages_;
  if (!act())
    pass_time();
  after_step();
}

/// Something is drawn from all that could happen now. @returns false where nothing could
bool world::act() {
  constexpr int64_t kinds = 20;
  const auto first = env_.chance.roll(kinds);
  if (act_once(first))
    return true;
  if (env_.chance.once_in(8)) // time passes also while messages are under way
    return false;
  for (int64_t k = 1; k < kinds; ++k)
    if (act_once((first + k) % kinds))
      return true;
  return false;
}

bool world::act_once(int64_t kind) {
  switch (kind) {
  case 0:
  case 1:
  case 2:
    return env_.io.poll_one() > 0;
  case 3:
  case 4:
  case 5:
  case 6:
    return wire_.deliver_one();
  case 7:
  case 8:
    return runners_.act();
  case 9:
    return plan_.has_http_runner && http_.step(workflow_to_claim());
  case 10:
    return rows_.has_controls() &&
           meddlers_[static_cast<size_t>(env_.chance.roll(meddlers_.size()))].step(
               in_storm_ && env_.chance.once_in(plan_.steps_per_control));
  case 11:
    return authors_[static_cast<size_t>(env_.chance.roll(static_cast<int64_t>(authors_.size())))]
        ->step();
  case 12:
    return std::any_of(authors_.begin(), authors_.end(), [](auto& a) { return a->step(); });
  case 13:
    if (in_storm_ && started_runners_ < plan_.runners.size() && env_.chance.once_in(10)) {
      start_a_runner();
      return true;
    }
    return false;
  default:
    return env_.step();
  }
}

int64_t world::workflow_to_claim() {
  if (!in_storm_ || !server_.is_up())
    return 0;
  const auto& a = *authors_.front();
  return a.is_done() && rows_.workflow_of(a.plan().name) ? a.workflow() : 0;
}

void world::start_a_runner() {
  const auto& r = plan_.runners[started_runners_ % plan_.runners.size()];
  const auto served = r.workflow < 0 ? 0 : authors_[static_cast<size_t>(r.workflow)]->workflow();
  if (r.workflow >= 0 && served == 0)
    return;
  ++started_runners_;
  runners_.start(r, served);
}

void world::fault() {
  switch (env_.chance.roll(10)) {
  case 0:
  case 1:
  case 2:
    return wire_.break_one();
  case 3:
  case 4:
    return runners_.meet_fault();
  case 5:
  case 6:
    return runners_.count() < 6 ? start_a_runner() : void();
  case 7:
    return crash_now(false);
  case 8:
    return watch_disk();
  default:
    return plan_.is_harsh ? wire_.lie() : void();
  }
}

/// The process ends at one of the next calls of the disk, in the middle of whatever it does there.
void world::watch_disk() {
  if (!server_.is_up())
    return;
  constexpr std::array ways = {fault::kill, fault::power_cut, fault::power_cut_some,
                               fault::power_cut_late};
  const auto way = ways[static_cast<size_t>(env_.chance.roll(ways.size()))];
  const auto at =
      static_cast<int64_t>(faulty_disk::the().calls().size()) + env_.chance.between(1, 40);
  faulty_disk::the().watch([this, way, at](int64_t n) {
    if (n == at)
      left_ = std::make_unique<faulty_disk::files>(faulty_disk::the().left(way, n));
  });
}

void world::crash_now(bool in_mid_commit) {
  if (!server_.is_up())
    return;
  auto& disk = faulty_disk::the();
  was_cut_short_ = in_mid_commit;
  constexpr std::array ways = {fault::kill, fault::power_cut, fault::power_cut_some,
                               fault::power_cut_late};
  const auto way = ways[static_cast<size_t>(env_.chance.roll(ways.size()))];
  auto left = left_ ? std::move(*left_) : disk.left(way, env_.chance.roll(1 << 20));
  left_.reset();
  disk.watch(nullptr);
  for (const auto& [file, bytes] : left)
    found_.note("crash by ", to_string(way), in_mid_commit ? " in the middle of a commit" : "",
                ": ", file, " has ", bytes.size(), " bytes");
  rows_.close();
  wire_.server_gone();
  server_.crash(std::move(left));
  ++crashes_;
  boot_at_us_ = env_.now_us() + env_.chance.roll(env_.chance.once_in(8)   ? 2 * lease_ms * 1000
                                                 : env_.chance.once_in(2) ? 2'000'000
                                                                          : 1);
}

void world::boot_if_due() {
  if (server_.is_up() || boot_at_us_ > env_.now_us())
    return;
  server_.boot();
  if (!found_.first().empty())
    return;
  rows_.open(server_.path());
  if (was_cut_short_ || seen_commits_ < 0)
    rows_.look();
  else
    rows_.look_after_start();
  was_cut_short_ = false;
  seen_commits_ = server_.commits();
  // The next one may meet what this one has been told, and has told nobody yet.
  if (plan_.is_harsh && settings_.has_faults && in_storm_ && crashes_ > 0 && env_.chance.once_in(4))
    watch_disk();
}

void world::after_step() {
  if (left_ && server_.is_up())
    crash_now(true);
  wire_.tick(!in_storm_);
  runners_.tick();
  if (!server_.is_up() || server_.commits() == seen_commits_)
    return;
  commits_ += server_.commits() - seen_commits_;
  seen_commits_ = server_.commits();
  found_.note("commit ", seen_commits_);
  rows_.look();
  if (server_.contradictions() > 0)
    found_.wrong("the disk contradicts the rooms");
}

bool world::is_idle() {
  return env_.scheduler.jobs.empty() && !wire_.is_busy() && server_.is_up() &&
         !server_.is_writing();
}

/// Nobody has a message: the next thing that is due, or a part of the way to it.
void world::pass_time() {
  const bool idle = is_idle();
  if (idle)
    check_idle();
  const auto now = env_.now_us();
  auto next = std::min(runners_.next_us(), http_.next_us());
  const auto& due = env_.scheduler.clock().schedule();
  if (!due.empty())
    next = std::min(next, now + std::chrono::duration_cast<std::chrono::microseconds>(
                                    due.begin()->first - env_.scheduler.clock().now())
                                    .count());
  // In the calm all wait for it, also whoever has something overdue to tell it.
  if (!server_.is_up())
    next = in_storm_ ? std::min(next, boot_at_us_) : boot_at_us_;
  // Nobody is kept from running for so long that a lease's margin would not do.
  const auto wait = std::clamp<int64_t>(next - now, 1, idle ? 1'000'000 : 20'000);
  env_.scheduler.clock().advance_time(
      std::chrono::microseconds{env_.chance.once_in(3) ? 1 + env_.chance.roll(wait) : wait});
}

/// Between two messages the rooms hold what the rows say.
void world::check_idle() {
  server_.sanity_check();
  runners_.check_grants();
  for (const auto& [id, j] : rows_.jobs())
    if (j.status == job_status::blocked && !rows_.waits(id) &&
        rows_.number("SELECT is_canceled FROM workflow_status WHERE id = " +
                     std::to_string(j.workflow)) == 0)
      found_.wrong(text_of(j) + ": waits for nobody, and does not go on");
  if (rows_.has_controls())
    return;
  auto workflows = std::vector<int64_t>();
  for (const auto& a : authors_)
    workflows.push_back(a->workflow());
  runners_.check_idle(workflows);
  auto on_disk = server::held{};
  for (const auto& [id, j] : rows_.jobs()) {
    on_disk.unfinished += j.status != job_status::uninitialized && !core::is_done(j.status);
    on_disk.ready += j.status == job_status::ready;
    on_disk.open += core::is_open(j.status);
  }
  const auto held = server_.holds();
  const auto compare = [&](const char* what, size_t rooms, size_t disk) {
    if (rooms != disk)
      found_.wrong("the rooms hold " + std::to_string(rooms) + " " + what + " jobs, the disk " +
                   std::to_string(disk));
  };
  compare("unfinished", held.unfinished, on_disk.unfinished);
  compare("ready", held.ready, on_disk.ready);
  compare("open", held.open, on_disk.open);
}

bool world::all_done() {
  if (!server_.is_up() || left_)
    return false;
  for (auto& a : authors_)
    if (!a->is_done())
      return false;
  const auto& jobs = rows_.jobs();
  return std::all_of(jobs.begin(), jobs.end(),
                     [](const auto& j) { return core::is_done(j.second.status); }) &&
         saw_.alive() == 0 && http_.is_idle() && people_rest() && runners_.guardians_rest() &&
         is_idle();
}

std::string world::what_is_left() {
  const auto& jobs = rows_.jobs();
  const auto open = std::count_if(jobs.begin(), jobs.end(),
                                  [](const auto& j) { return !core::is_done(j.second.status); });
  const auto writing =
      std::count_if(authors_.begin(), authors_.end(), [](const auto& a) { return !a->is_done(); });
  return std::to_string(open) + " jobs, " + std::to_string(saw_.alive()) + " processes, " +
         std::to_string(writing) + " authors" + (server_.is_up() ? "" : ", no server") +
         (http_.is_idle() ? "" : ", an HTTP runner") +
         (people_rest() ? "" : ", somebody who asks") +
         (runners_.guardians_rest() ? "" : ", a guardian");
}

/// Whoever stopped something lets it go on, and for every user there is a runner.
void world::settle_people() {
  if (!server_.is_up())
    return;
  for (const auto& w : plan_.workflows)
    if (!runners_.has_lasting(w.user)) {
      auto r = runner_plan{};
      r.user = w.user;
      r.slots = 4;
      runners_.start(r, 0);
    }
  if (plan_.has_endless_lease)
    runners_.tell_of_the_dead();
  if (rows_.has_controls() && people_rest() && is_idle())
    meddlers_.front().make_whole(authors_);
}

bool world::people_rest() const {
  return std::all_of(meddlers_.begin(), meddlers_.end(), [](const auto& m) { return m.is_idle(); });
}

void world::end() {
  saw_.compare_with_results();
  const auto held = server_.holds();
  if (held.unfinished + held.ready + held.open > 0)
    found_.wrong("all is done, and the rooms hold " + std::to_string(held.unfinished) + ", " +
                 std::to_string(held.ready) + " and " + std::to_string(held.open) + " jobs");
  auto counted = std::array<int64_t, core::job_status_count>{};
  auto published = counted;
  for (const auto& [id, j] : rows_.jobs())
    ++counted[static_cast<size_t>(j.status)];
  for (const auto& [id, w] : server_.progress()->workflows)
    for (const auto& stage : w->stages)
      for (size_t i = 0; i < published.size(); ++i)
        published[i] += stage.by_status[i];
  if (server_.progress()->workflows.size() == authors_.size() && counted != published)
    found_.wrong("the published counts are not those of the rows");
  if (rows_.number("SELECT count(*) FROM runner_node AS n WHERE n.runner_id NOT IN "
                   "(SELECT id FROM runner)") > 0)
    found_.wrong("nodes of runners that are not there");
}

void world::record(outcome& out) {
  const auto results = rows_.results();
  for (const auto& [id, j] : rows_.jobs()) {
    auto& e = out.jobs[j.name];
    e.status = j.status;
    e.attempt = j.attempt;
    for (const auto& r : results)
      if (r.job == id)
        e.return_code = r.return_code; // the newest: they are sorted
  }
  out.messages = messages_;
  out.commits = commits_;
  out.crashes = crashes_;
  out.virtual_ms = env_.now_us() / 1000;
}

outcome walk(const scenario& plan, walk_settings settings) {
  auto w = world{plan, settings};
  return w.walk();
}

namespace {

/// Whose end, or whose predecessor's, was not its own doing.
std::map<std::string, bool> disturbed(const scenario& plan, const outcome& with,
                                      const outcome& without) {
  auto out = std::map<std::string, bool>();
  for (const auto& w : plan.workflows)
    for (const auto& j : w.jobs) {
      const auto& a = with.jobs.at(j.name);
      const auto& b = without.jobs.at(j.name);
      auto is = a.status == job_status::terminated || a.return_code == 137 ||
                (plan.attempts_differ && a.attempt != b.attempt);
      for (const auto blocker : j.blockers)
        is = is || out.at(w.jobs[blocker].name);
      out[j.name] = is;
    }
  return out;
}

std::string text_of(const ending& e) {
  return std::string(core::to_string(e.status)) + " with " + std::to_string(e.return_code);
}

} // namespace

std::string try_seed(uint64_t seed, seed_settings how) {
  const auto plan = draw_scenario(seed, how.may_be_harsh);
  const auto with = walk(plan, {true, how.tells});
  if (!with.wrong.empty() || plan.has_controls)
    return with.wrong;
  const auto without = walk(plan, {false, false});
  if (!without.wrong.empty())
    return "without faults: " + without.wrong;
  const auto skipped = disturbed(plan, with, without);
  for (const auto& [name, e] : with.jobs) {
    const auto& expected = without.jobs.at(name);
    if (!skipped.at(name) && (e.status != expected.status || e.return_code != expected.return_code))
      return name + " is " + text_of(e) + ", and without faults " + text_of(expected);
  }
  return {};
}

} // namespace torc::simulation
