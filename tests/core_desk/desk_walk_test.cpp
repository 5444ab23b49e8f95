#include "tests/core_desk/desk_world.hpp"

#include <algorithm>
#include <deque>
#include <map>
#include <random>
#include <set>

namespace torc::core {

namespace {

/// A server that keeps one set of open grants and believes what it is told, a line that breaks and
/// loses what is under way, and hands that end jobs in any order.
class walk {
public:
  walk(uint32_t seed, int32_t slots) : random_(seed), slots_(slots), w_(by_slots(slots)) {
    w_.attach(0);
  }

  void step() {
    switch (pick(10)) {
    case 0:
    case 1:
      give();
      break;
    case 2:
    case 3:
    case 4:
      end_one();
      break;
    case 5:
      start_one();
      break;
    case 6:
    case 7:
      deliver();
      break;
    case 8:
      pick(3) == 0 ? break_line() : revoke(false);
      break;
    case 9:
      pick(4) == 0 ? revoke(true) : w_.advance(pick(400));
      break;
    }
    settle();
  }

  /// Lets everything come to its end; what was given must be accounted for.
  void finish() {
    for (int i = 0; i < 100'000 && !(open_.empty() && w_.d.unacked() == 0); ++i) {
      if (!alive_.empty())
        end_one();
      w_.advance(20'000);
      deliver();
      settle();
    }
    BOOST_TEST(open_.empty());
    BOOST_TEST(alive_.empty());
    BOOST_TEST(w_.d.waiting() == 0u);
    BOOST_TEST(w_.d.unacked() == 0u);
    for (auto& [grant, fate] : fates_)
      BOOST_TEST(fate == 1);
  }

private:
  int32_t pick(int32_t n) { return std::uniform_int_distribution<int32_t>{0, n - 1}(random_); }

  void give() {
    auto fresh = grants{};
    for (int32_t i = pick(4); i >= 0; --i) {
      fresh.push_back(next_);
      open_.insert(next_++);
    }
    w_.give(fresh);
  }

  void settle() {
    auto t = w_.settle();
    for (auto& o : t.start) {
      BOOST_TEST(started_.insert(o.what.grant).second);
      alive_.insert(o.what.grant);
    }
    BOOST_TEST(alive_.size() <= static_cast<size_t>(slots_));
    // Work-conserving: with a free slot nothing waits.
    BOOST_TEST((alive_.size() == static_cast<size_t>(slots_) || w_.d.waiting() == 0));
    if (t.send) {
      BOOST_TEST(under_way_.empty());
      under_way_.push_back(*t.send);
    }
  }

  void start_one() {
    if (!alive_.empty())
      w_.start(any(alive_));
  }
  void end_one() {
    if (alive_.empty())
      return;
    auto grant = any(alive_);
    alive_.erase(grant);
    w_.end(grant, pick(3) == 0);
  }

  void deliver() {
    if (under_way_.empty())
      return;
    auto r = std::move(under_way_.front());
    under_way_.pop_front();
    judge(r);
    for (int32_t i = pick(3); i >= 0; --i)
      w_.ack(r.seq);
  }

  void judge(const wire::report& r) {
    for (auto& a : r.started)
      BOOST_TEST(started_.contains(a.grant));
    for (auto& e : r.done) {
      BOOST_TEST(started_.contains(e.what.grant));
      close(e.what.grant);
    }
    for (auto g : r.returned) {
      BOOST_TEST(!started_.contains(g));
      close(g);
    }
  }

  /// The server's fence: the first word counts, later ones find the grant closed.
  void close(int64_t grant) {
    if (open_.erase(grant))
      ++fates_[grant];
  }

  void break_line() {
    // The report under way may have been heard, with its ack lost.
    if (pick(2) == 0 && !under_way_.empty())
      judge(under_way_.front());
    under_way_.clear();
    w_.d.cut_off(w_.now);
    if (pick(2) == 0)
      end_one();
    auto a = wire::attach{};
    w_.d.introduce(a, w_.now);
    if (pick(2) == 0)
      end_one();
    auto known = std::set<int64_t>{};
    for (auto& h : a.held)
      known.insert(h.grant);
    for (auto& e : a.unacked) {
      known.insert(e.what.grant);
      close(e.what.grant);
    }
    auto welcome = wire::welcome{};
    welcome.runner = 7;
    for (auto& h : a.held)
      if (!open_.contains(h.grant))
        welcome.revoked.push_back(h.grant);
    w_.d.hear(welcome, w_.now);
    auto again = grants{};
    for (auto g : open_)
      if (!known.contains(g))
        again.push_back(g);
    w_.give(again);
  }

  void revoke(bool kill) {
    if (open_.empty())
      return;
    auto grant = any(open_);
    w_.d.hear(wire::revoke{{grant}, kill});
    if (kill)
      close(grant);
  }

  int64_t any(const std::set<int64_t>& from) {
    return *std::next(from.begin(), pick(static_cast<int32_t>(from.size())));
  }

  std::mt19937 random_;
  int32_t slots_;
  desk_world w_;
  int64_t next_ = 1;
  std::set<int64_t> open_;    ///< the server's view
  std::set<int64_t> started_; ///< ever, by the hands
  std::set<int64_t> alive_;   ///< processes
  std::map<int64_t, int> fates_;
  std::deque<wire::report> under_way_;
};

} // namespace

BOOST_AUTO_TEST_CASE(every_order_runs_at_most_once_and_has_one_fate_whatever_the_line_does) {
  for (uint32_t seed = 0; seed < 200; ++seed) {
    auto w = walk{seed, 1 + static_cast<int32_t>(seed % 5)};
    for (int i = 0; i < 300; ++i)
      w.step();
    w.finish();
  }
}

} // namespace torc::core
