#pragma once

#include "core/result.hpp"
#include "core/rows.hpp"
#include "core/rows_more.hpp"
#include "net/json/document.hpp"

#include <string>
#include <string_view>
#include <vector>

/// Rows as JSON and back. All but the job are made from their `fields` visitors.
namespace torc::net::json {

/// Keys of a body that mean nothing here: reported, not refused. Bounded, so that a hostile body
/// cannot make the reply's header as large as itself.
class unknown_keys {
public:
  static constexpr size_t limit = 32;
  void add(const members& m, std::string_view prefix = {});
  /// Somebody else reads it.
  void forget(std::string_view name) { std::erase(names_, name); }
  const std::vector<std::string>& names() const { return names_; }

private:
  std::vector<std::string> names_;
};

struct reading {
  unknown_keys* unknown = nullptr;
  /// The workflow is known from elsewhere: the body need not name it.
  bool without_workflow = false;
};

/// Appends the row's object. Members without a value are left out.
template <class Row>
void write(std::string& out, const Row& row);

/// Reads a slice that `check` accepted. malformed names the field.
template <class Row>
core::result<Row> read(std::string_view slice, const reading& how = {});

/// A slice's object cut into members; malformed when it is no object.
core::result<core::nothing> open(std::string_view slice, members& into);

/// Single fields of hand-made bodies. The readers return false and say why in `problem`; a missing
/// or null field leaves `to` as it is.
bool get(members& from, std::string_view name, int64_t& to, std::string& problem);
bool get(members& from, std::string_view name, double& to, std::string& problem);
bool get(members& from, std::string_view name, bool& to, std::string& problem);
bool get(members& from, std::string_view name, std::string& to, std::string& problem);
bool get(members& from, std::string_view name, core::label_set& to, std::string& problem);
bool get(members& from, std::string_view name, std::optional<int64_t>& to, std::string& problem);
bool get(members& from, std::string_view name, std::optional<std::string>& to,
         std::string& problem);

} // namespace torc::net::json
