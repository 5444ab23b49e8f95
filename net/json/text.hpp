#pragma once

#include <cstdint>
#include <string>
#include <string_view>

/// JSON written straight into a string: no tree of values in between.
namespace torc::net::json {

/// A string in quotes, escaped. @pre `s` is UTF-8
void put(std::string& out, std::string_view s);
void put(std::string& out, int64_t n);
/// Always with a point or an exponent, as torc writes its doubles. Not a number and the infinities,
/// which JSON does not have, become null.
void put(std::string& out, double n);
void put(std::string& out, bool b);
inline void put(std::string& out, const char* s) {
  put(out, std::string_view(s));
}

/// Writes one object, comma by comma.
///   object o(out); o.add("id", id); o.key("items"); ...; o.close();
class object {
public:
  explicit object(std::string& out) : out_(out) { out_ += '{'; }
  /// The key alone; the caller writes its value. @pre `name` needs no escapes
  std::string& key(std::string_view name) {
    if (!first_)
      out_ += ',';
    first_ = false;
    out_ += '"';
    out_ += name;
    out_ += "\":";
    return out_;
  }
  template <class T>
  object& add(std::string_view name, const T& value) {
    put(key(name), value);
    return *this;
  }
  void close() { out_ += '}'; }

private:
  std::string& out_;
  bool first_ = true;
};

/// `[1,2,3]`, or each(item) for what is no number.
template <class List, class Each>
void put_list(std::string& out, const List& list, Each each) {
  out += '[';
  bool first = true;
  for (const auto& item : list) {
    if (!first)
      out += ',';
    first = false;
    each(item);
  }
  out += ']';
}
template <class List>
void put_list(std::string& out, const List& list) {
  put_list(out, list, [&](const auto& item) { put(out, item); });
}

} // namespace torc::net::json
