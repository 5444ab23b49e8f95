#pragma once

#include "core/cell.hpp"
#include "core/job.hpp"
#include "core/rows.hpp"
#include "storage/nullable.hpp"
#include "storage/sqlite.hpp"

#include <concepts>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

/// Prepared statements with typed parameters and columns.
namespace torc::storage {

/// A prepared statement. Texts are bound without a copy: they must live until the last step.
///   for (auto r = by_workflow.query(w); r.next();) use(r.get<int64_t>(0));
class statement {
public:
  /// The rows of one execution. The end of its life resets the statement.
  class rows {
  public:
    explicit rows(statement& s) : s_(&s) {}
    rows(const rows&) = delete;
    rows& operator=(const rows&) = delete;
    ~rows() { s_->reset(); }
    bool next() { return s_->step(); }

    /// A null is 0, an empty text, or no value where T is an optional or an id.
    template <class T>
    T get(int column) const {
      sqlite3_stmt* raw = s_->raw_.get();
      if constexpr (is_optional<T>) {
        if (sqlite3_column_type(raw, column) == SQLITE_NULL)
          return std::nullopt;
        return get<typename T::value_type>(column);
      } else if constexpr (is_id<T>) {
        return T{sqlite3_column_int64(raw, column)};
      } else if constexpr (std::same_as<T, bool>) {
        return sqlite3_column_int64(raw, column) != 0;
      } else if constexpr (std::integral<T>) {
        return static_cast<T>(sqlite3_column_int64(raw, column));
      } else if constexpr (std::floating_point<T>) {
        return sqlite3_column_double(raw, column);
      } else if constexpr (std::same_as<T, core::job_status>) {
        return static_cast<core::job_status>(sqlite3_column_int64(raw, column));
      } else if constexpr (std::same_as<T, core::json_text> || std::same_as<T, core::env_object>) {
        return {get<std::string>(column)};
      } else if constexpr (std::same_as<T, core::label_set>) {
        return core::labels_of(get<std::string>(column));
      } else if constexpr (std::same_as<T, core::cell>) {
        return cell_of(sqlite3_column_type(raw, column), column);
      } else {
        static_assert(std::same_as<T, std::string>);
        auto* text = reinterpret_cast<const char*>(sqlite3_column_text(raw, column));
        return {text ? text : "", static_cast<size_t>(sqlite3_column_bytes(raw, column))};
      }
    }

  private:
    core::cell cell_of(int type, int column) const {
      switch (type) {
      case SQLITE_NULL:
        return {};
      case SQLITE_INTEGER:
        return get<int64_t>(column);
      case SQLITE_FLOAT:
        return get<double>(column);
      default:
        return get<std::string>(column);
      }
    }
    statement* s_;
  };

  statement() = default;
  statement(database& db, std::string_view sql);

  template <class... T>
  rows query(const T&... values) {
    int at = 0;
    (bind(++at, values), ...);
    return rows{*this};
  }
  /// Executes. @returns rows changed
  template <class... T>
  int64_t run(const T&... values) {
    auto r = query(values...);
    while (r.next()) {
    }
    return db_->changes();
  }
  /// Executes. @returns false where a constraint refuses it, or the type of a column
  template <class... T>
  bool try_run(const T&... values) {
    auto r = query(values...);
    return step_unless_constraint();
  }
  /// Is there a row?
  template <class... T>
  bool any(const T&... values) {
    auto r = query(values...);
    return r.next();
  }
  /// The first column of the first row.
  template <class R, class... T>
  std::optional<R> first(const T&... values) {
    auto r = query(values...);
    if (!r.next())
      return std::nullopt;
    return r.template get<R>(0);
  }

  template <class T>
  void bind(int at, const T& value) {
    if constexpr (is_optional<T>) {
      if (value)
        bind(at, *value);
      else
        bind_null(at);
    } else if constexpr (is_id<T>) {
      bind_number(at, value.value);
    } else if constexpr (std::integral<T> || std::same_as<T, core::job_status>) {
      bind_number(at, static_cast<int64_t>(value));
    } else if constexpr (std::floating_point<T>) {
      bind_real(at, value);
    } else if constexpr (std::same_as<T, core::json_text> || std::same_as<T, core::env_object>) {
      bind_text(at, value.text);
    } else if constexpr (std::same_as<T, std::monostate>) {
      bind_null(at);
    } else if constexpr (std::same_as<T, core::cell>) {
      std::visit([&](const auto& v) { bind(at, v); }, value);
    } else {
      bind_text(at, value);
    }
  }
  void bind_null(int at);
  void bind_number(int at, int64_t value);
  void bind_real(int at, double value);
  void bind_text(int at, std::string_view value);

private:
  struct finalizer {
    void operator()(sqlite3_stmt* s) const { sqlite3_finalize(s); }
  };
  bool step();
  bool step_unless_constraint();
  void reset() { sqlite3_reset(raw_.get()); }

  database* db_ = nullptr;
  std::unique_ptr<sqlite3_stmt, finalizer> raw_;
};

} // namespace torc::storage
