#include "config/tree.hpp"

#include <algorithm>

namespace torc::config {

namespace {

using kind = node::kind;

/// Reads one JSON document. The first error ends it.
class json_parser {
public:
  json_parser(std::string_view text, core::complaints& wrong, const tree_limits& limits)
      : text_(text), wrong_(wrong), limits_(limits) {}

  std::optional<node> run() {
    node root;
    skip_blanks();
    if (!value(root, 0))
      return std::nullopt;
    skip_blanks();
    if (at_ < text_.size()) {
      fail("there is more behind the end of the document; remove it");
      return std::nullopt;
    }
    return root;
  }

private:
  core::place here() const { return {line_, static_cast<uint32_t>(at_ - line_start_ + 1)}; }

  bool fail(std::string why) {
    wrong_.add(here(), "this is not valid JSON: " + std::move(why));
    return false;
  }

  char peek() const { return at_ < text_.size() ? text_[at_] : '\0'; }

  void skip_blanks() {
    for (; at_ < text_.size(); ++at_) {
      const char c = text_[at_];
      if (c == '\n') {
        ++line_;
        line_start_ = at_ + 1;
      } else if (c != ' ' && c != '\t' && c != '\r') {
        return;
      }
    }
  }

  bool value(node& n, size_t depth) {
    n.at = here();
    if (++nodes_ > limits_.nodes)
      return fail("it has more than " + std::to_string(limits_.nodes) + " values");
    if (depth > limits_.depth)
      return fail("it is nested more than " + std::to_string(limits_.depth) + " levels deep");
    switch (peek()) {
    case '{':
      return map(n, depth);
    case '[':
      return list(n, depth);
    case '"':
      n.is = kind::text;
      return string(n.text);
    case 't':
      n.is = kind::boolean;
      return word(n, "true");
    case 'f':
      n.is = kind::boolean;
      return word(n, "false");
    case 'n':
      n.is = kind::null;
      return word(n, "null");
    default:
      return number(n);
    }
  }

  bool word(node& n, std::string_view expected) {
    if (text_.substr(at_, expected.size()) != expected)
      return fail("a text needs double quotes; without them there is only true, false and null");
    n.text = expected;
    at_ += expected.size();
    return true;
  }

  bool list(node& n, size_t depth) {
    n.is = kind::list;
    ++at_;
    skip_blanks();
    if (peek() == ']')
      return ++at_, true;
    while (true) {
      if (!value(n.items.emplace_back(), depth + 1))
        return false;
      skip_blanks();
      if (peek() == ']')
        return ++at_, true;
      if (peek() != ',')
        return fail("a comma or ] should be here");
      ++at_;
      skip_blanks();
      if (peek() == ']')
        return fail("the last item of a list has no comma behind it; remove the comma");
    }
  }

  bool map(node& n, size_t depth) {
    n.is = kind::map;
    ++at_;
    skip_blanks();
    if (peek() == '}')
      return ++at_, true;
    while (true) {
      if (peek() != '"')
        return fail(peek() == '}' ? "the last member of a map has no comma behind it; remove the "
                                    "comma"
                                  : "a key in double quotes should be here");
      auto& key = n.items.emplace_back();
      key.is = kind::text;
      key.at = here();
      if (!string(key.text))
        return false;
      skip_blanks();
      if (peek() != ':')
        return fail("a colon should be here");
      ++at_;
      skip_blanks();
      if (!value(n.items.emplace_back(), depth + 1))
        return false;
      skip_blanks();
      if (peek() == '}') {
        check_keys(n, wrong_);
        return ++at_, true;
      }
      if (peek() != ',')
        return fail("a comma or } should be here");
      ++at_;
      skip_blanks();
    }
  }

  bool string(std::string& out) {
    ++at_;
    while (true) {
      const auto end = std::min(text_.find_first_of("\"\\\n\t\r", at_), text_.size());
      out += text_.substr(at_, end - at_);
      at_ = end;
      switch (peek()) {
      case '"':
        ++at_;
        return true;
      case '\\':
        if (!escape(out))
          return false;
        break;
      case '\0':
        return fail("the text is not closed; put a \" at its end");
      default:
        return fail("a text cannot hold a line break or tab as such; write \\n or \\t");
      }
    }
  }

  bool escape(std::string& out) {
    constexpr std::string_view names = "\"\\/bfnrt";
    constexpr std::string_view values = "\"\\/\b\f\n\r\t";
    const char name = at_ + 1 < text_.size() ? text_[at_ + 1] : '\0';
    if (const auto i = names.find(name); i != std::string_view::npos) {
      out += values[i];
      at_ += 2;
      return true;
    }
    if (name != 'u')
      return fail("this escape does not exist; a backslash itself is written \\\\");
    uint32_t code = 0;
    if (!hex4(at_ + 2, code))
      return fail("\\u needs four hexadecimal digits");
    size_t size = 6;
    if (code >= 0xD800 && code < 0xDC00) { // The first half of a surrogate pair.
      uint32_t low = 0;
      if (text_.substr(at_ + 6, 2) != "\\u" || !hex4(at_ + 8, low) || low < 0xDC00 || low > 0xDFFF)
        return fail("half of a surrogate pair; a second \\u must follow");
      code = 0x10000 + ((code - 0xD800) << 10) + (low - 0xDC00);
      size = 12;
    } else if (code >= 0xDC00 && code < 0xE000) {
      return fail("half of a surrogate pair; it has no first half");
    } else if (code == 0) {
      return fail("a text cannot hold the character 0");
    }
    append_utf8(code, out);
    at_ += size;
    return true;
  }

  bool hex4(size_t from, uint32_t& code) const {
    if (from + 4 > text_.size())
      return false;
    for (const char c : text_.substr(from, 4)) {
      const auto lower = static_cast<char>(c | 0x20);
      if (c >= '0' && c <= '9')
        code = code * 16 + static_cast<uint32_t>(c - '0');
      else if (lower >= 'a' && lower <= 'f')
        code = code * 16 + static_cast<uint32_t>(lower - 'a' + 10);
      else
        return false;
    }
    return true;
  }

  static void append_utf8(uint32_t code, std::string& out) {
    const auto byte = [&](uint32_t b) { out += static_cast<char>(b); };
    if (code < 0x80) {
      byte(code);
    } else if (code < 0x800) {
      byte(0xC0 | code >> 6);
      byte(0x80 | (code & 63));
    } else if (code < 0x10000) {
      byte(0xE0 | code >> 12);
      byte(0x80 | (code >> 6 & 63));
      byte(0x80 | (code & 63));
    } else {
      byte(0xF0 | code >> 18);
      byte(0x80 | (code >> 12 & 63));
      byte(0x80 | (code >> 6 & 63));
      byte(0x80 | (code & 63));
    }
  }

  size_t digits(size_t from) const {
    size_t end = from;
    while (end < text_.size() && text_[end] >= '0' && text_[end] <= '9')
      ++end;
    return end - from;
  }

  bool number(node& n) {
    size_t end = at_ + (peek() == '-' ? 1 : 0);
    const auto whole = digits(end);
    if (whole == 0)
      return fail(at_ == text_.size() ? "it ends too early"
                                      : "a value should be here; a text needs double quotes");
    if (whole > 1 && text_[end] == '0')
      return fail("a number cannot start with 0; put it in quotes if it is meant as text");
    end += whole;
    n.is = kind::integer;
    if (end < text_.size() && text_[end] == '.') {
      n.is = kind::real;
      const auto fraction = digits(end + 1);
      if (fraction == 0)
        return fail("digits must follow the decimal point");
      end += 1 + fraction;
    }
    if (end < text_.size() && (text_[end] | 0x20) == 'e') {
      n.is = kind::real;
      ++end;
      if (end < text_.size() && (text_[end] == '+' || text_[end] == '-'))
        ++end;
      const auto exponent = digits(end);
      if (exponent == 0)
        return fail("digits must follow the e of a number");
      end += exponent;
    }
    n.text = text_.substr(at_, end - at_);
    at_ = end;
    return true;
  }

  std::string_view text_;
  core::complaints& wrong_;
  const tree_limits& limits_;
  size_t at_ = 0;
  uint32_t line_ = 1;
  size_t line_start_ = 0;
  size_t nodes_ = 0;
};

} // namespace

std::optional<node> parse_json(std::string_view text, core::complaints& wrong,
                               const tree_limits& limits) {
  return json_parser(text, wrong, limits).run();
}

} // namespace torc::config
