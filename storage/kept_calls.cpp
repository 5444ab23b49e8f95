#include "storage/kept_calls.hpp"

#include "storage/statement.hpp"

#include <charconv>
#include <map>

namespace torc::storage {

namespace {

/// "0;3;41+5,60+1" and a line's end: the step, the count, and the ids as runs of neighbours.
std::string to_text(int32_t step, const core::effect& e) {
  auto text = std::to_string(step) + ';' + std::to_string(e.count) + ';';
  for (size_t i = 0; i < e.ids.size();) {
    size_t end = i + 1;
    while (end < e.ids.size() && e.ids[end] == e.ids[end - 1] + 1)
      ++end;
    text +=
        (text.back() == ';' ? "" : ",") + std::to_string(e.ids[i]) + '+' + std::to_string(end - i);
    i = end;
  }
  return text + '\n';
}

int64_t take_number(std::string_view& text) {
  int64_t n = 0;
  const auto [end, failed] = std::from_chars(text.data(), text.data() + text.size(), n);
  text.remove_prefix(static_cast<size_t>(end - text.data()));
  if (!text.empty())
    text.remove_prefix(1);
  return n;
}

std::map<int32_t, core::effect> from_text(std::string_view text) {
  std::map<int32_t, core::effect> all;
  while (!text.empty()) {
    auto line = text.substr(0, text.find('\n'));
    text.remove_prefix(line.size() + 1);
    auto& e = all[static_cast<int32_t>(take_number(line))];
    e.count = take_number(line);
    while (!line.empty()) {
      const auto first = take_number(line);
      const auto count = take_number(line);
      for (int64_t i = 0; i < count; ++i)
        e.ids.push_back(first + i);
    }
  }
  return all;
}

/// Adds to the call's record, and begins it where there is none.
void append(database& db, const core::once& call, const std::string& effects, int64_t now_us) {
  const auto oldest = now_us - core::kept_for_us;
  statement{db, "DELETE FROM kept_call WHERE caller = ?1 AND key = ?2 AND at_us < ?3"}.run(
      call.caller, call.key, oldest);
  statement{db, "INSERT INTO kept_call (caller, key, fingerprint, at_us, effects) "
                "VALUES (?1, ?2, ?3, ?4, ?5) ON CONFLICT (caller, key) "
                "DO UPDATE SET effects = effects || excluded.effects"}
      .run(call.caller, call.key, call.fingerprint, now_us, effects);
  // Two go where one comes, so that what is too old does not stay for want of newer ones.
  statement{db, "DELETE FROM kept_call WHERE seq IN (SELECT seq FROM kept_call ORDER BY seq "
                "LIMIT 2) AND (at_us < ?1 OR seq <= (SELECT max(seq) FROM kept_call) - ?2)"}
      .run(oldest, core::most_kept_calls);
}

void set_answer(database& db, const core::once& call, const core::kept_answer& answer) {
  statement{db, "UPDATE kept_call SET status = ?3, type = ?4, body = ?5 "
                "WHERE caller = ?1 AND key = ?2"}
      .run(call.caller, call.key, answer.status, answer.type, answer.body);
}

} // namespace

void remember(database& db, const core::once& call, const core::effect& what, int64_t now_us) {
  append(db, call, to_text(call.step, what), now_us);
  if (call.foretold.status != 0)
    set_answer(db, call, call.foretold);
}

void keep_answer(database& db, const core::keep_answer& what, int64_t now_us) {
  append(db, what.call, {}, now_us);
  set_answer(db, what.call, what.answer);
}

std::optional<core::kept_call> read_kept(database& db, const std::string& caller,
                                         const std::string& key, int64_t now_us) {
  statement by_key{db, "SELECT fingerprint, effects, status, type, body FROM kept_call "
                       "WHERE caller = ?1 AND key = ?2 AND at_us >= ?3"};
  auto row = by_key.query(caller, key, now_us - core::kept_for_us);
  if (!row.next())
    return std::nullopt;
  return core::kept_call{row.get<std::string>(0),
                         from_text(row.get<std::string>(1)),
                         {row.get<int64_t>(2), row.get<std::string>(3), row.get<std::string>(4)}};
}

} // namespace torc::storage
