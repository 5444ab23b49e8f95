#include "storage/queries.hpp"

namespace torc::storage {

namespace {
constexpr size_t max_prepared = 256;
} // namespace

condition& condition::add(std::string term, value v) {
  values_.push_back(std::move(v));
  return add(std::move(term));
}

int condition::bind(statement& s, int at) const {
  for (const auto& v : values_)
    std::visit([&](const auto& x) { s.bind(++at, x); }, v);
  return at;
}

condition& condition::add(std::string term, const std::vector<std::string>& all) {
  values_.insert(values_.end(), all.begin(), all.end());
  return add(std::move(term));
}

statement& connection::prepare(const std::string& sql) {
  if (auto it = prepared_.find(sql); it != prepared_.end())
    return *it->second;
  return *(prepared_[sql] = std::make_unique<statement>(*db_, sql));
}

int64_t count_rows(connection& c, const selection& what, const condition& where) {
  const auto& from = what.count_from.empty() ? what.from : what.count_from;
  auto& all = c.prepare("SELECT count(*) " + from + where.text());
  where.bind(all);
  return all.first<int64_t>().value_or(0);
}

void connection::trim() {
  if (prepared_.size() > max_prepared)
    prepared_.clear();
}

} // namespace torc::storage
