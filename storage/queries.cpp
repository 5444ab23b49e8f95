#include "storage/queries.hpp"

namespace torc::storage {

namespace {
constexpr size_t max_prepared = 256;
} // namespace

int condition::bind(statement& s, int at) const {
  for (const auto& v : values_)
    std::visit([&](const auto& x) { s.bind(++at, x); }, v);
  return at;
}

statement& connection::prepare(const std::string& sql) {
  if (auto it = prepared_.find(sql); it != prepared_.end())
    return *it->second;
  return *(prepared_[sql] = std::make_unique<statement>(*db_, sql));
}

void connection::trim() {
  if (prepared_.size() > max_prepared)
    prepared_.clear();
}

} // namespace torc::storage
