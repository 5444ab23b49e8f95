#include "config/tree.hpp"

#include <yaml-cpp/eventhandler.h>
#include <yaml-cpp/exceptions.h>
#include <yaml-cpp/mark.h>
#include <yaml-cpp/parser.h>

#include <algorithm>
#include <istream>
#include <streambuf>
#include <unordered_map>

namespace torc::config {

namespace {

using kind = node::kind;

/// Thrown through yaml-cpp to end the parse after a complaint; caught in parse_yaml.
struct abandoned {};

core::place to_place(const YAML::Mark& mark) {
  return {static_cast<uint32_t>(mark.line + 1), static_cast<uint32_t>(mark.column + 1)};
}

bool all_of(std::string_view text, std::string_view allowed) {
  return !text.empty() && text.find_first_not_of(allowed) == std::string_view::npos;
}

bool is_integer(std::string_view text) {
  if (text.starts_with('-') || text.starts_with('+'))
    text.remove_prefix(1);
  if (text.starts_with("0x"))
    return all_of(text.substr(2), "0123456789abcdefABCDEF");
  if (text.starts_with("0o"))
    return all_of(text.substr(2), "01234567");
  return all_of(text, "0123456789");
}

bool is_real(std::string_view text) {
  if (text.starts_with('-') || text.starts_with('+'))
    text.remove_prefix(1);
  if (text == ".inf" || text == ".Inf" || text == ".INF" || text == ".nan" || text == ".NaN" ||
      text == ".NAN")
    return true;
  const auto e = text.find_first_of("eE");
  const auto mantissa = text.substr(0, e);
  if (e != std::string_view::npos) {
    auto exponent = text.substr(e + 1);
    if (exponent.starts_with('-') || exponent.starts_with('+'))
      exponent.remove_prefix(1);
    if (!all_of(exponent, "0123456789"))
      return false;
  }
  return all_of(mantissa, "0123456789.") && mantissa != "." &&
         std::count(mantissa.begin(), mantissa.end(), '.') <= 1;
}

/// What a scalar without quotes is, by YAML 1.2's core schema.
kind plain_kind(std::string_view text) {
  if (text.empty() || text == "~" || text == "null" || text == "Null" || text == "NULL")
    return kind::null;
  if (text == "true" || text == "True" || text == "TRUE" || text == "false" || text == "False" ||
      text == "FALSE")
    return kind::boolean;
  if (is_integer(text))
    return kind::integer;
  return is_real(text) ? kind::real : kind::text;
}

/// Builds the tree from yaml-cpp's events, within the limits.
class tree_builder : public YAML::EventHandler {
public:
  tree_builder(core::complaints& wrong, const tree_limits& limits)
      : wrong_(wrong), limits_(limits) {}

  node take() && { return std::move(root_); }

  void OnDocumentStart(const YAML::Mark&) override {}
  void OnDocumentEnd() override {}
  void OnNull(const YAML::Mark& mark, YAML::anchor_t anchor) override {
    node n;
    n.at = to_place(mark);
    add(std::move(n), anchor);
  }

  void OnAlias(const YAML::Mark& mark, YAML::anchor_t anchor) override {
    const auto found = anchored_.find(anchor);
    if (found == anchored_.end())
      stop(to_place(mark), "this alias lies inside of what it stands for");
    node copied = copy(found->second);
    copied.at = to_place(mark);
    add(std::move(copied), 0);
  }

  void OnScalar(const YAML::Mark& mark, const std::string& tag, YAML::anchor_t anchor,
                const std::string& value) override {
    node n;
    n.at = to_place(mark);
    n.text = value;
    n.is = tag == "!" || tag == "tag:yaml.org,2002:str" ? kind::text : plain_kind(value);
    if (value.find('\0') != std::string::npos)
      stop(n.at, "a text cannot hold the character 0");
    check_tag(n.at, tag);
    add(std::move(n), anchor);
  }

  void OnSequenceStart(const YAML::Mark& mark, const std::string& tag, YAML::anchor_t anchor,
                       YAML::EmitterStyle::value) override {
    open(mark, tag, anchor, kind::list);
  }
  void OnMapStart(const YAML::Mark& mark, const std::string& tag, YAML::anchor_t anchor,
                  YAML::EmitterStyle::value) override {
    open(mark, tag, anchor, kind::map);
  }
  void OnSequenceEnd() override { close(); }
  void OnMapEnd() override {
    check_keys(open_.back().first, wrong_);
    close();
  }

private:
  [[noreturn]] void stop(core::place at, std::string why) {
    wrong_.add(at, std::move(why));
    throw abandoned{};
  }

  void check_tag(core::place at, const std::string& tag) {
    constexpr std::string_view standard = "tag:yaml.org,2002:";
    if (!tag.empty() && tag != "?" && tag != "!" && !tag.starts_with(standard))
      stop(at, "the tag " + core::quoted(tag) + " is not known; remove it");
  }

  void open(const YAML::Mark& mark, const std::string& tag, YAML::anchor_t anchor, kind is) {
    const auto at = to_place(mark);
    check_tag(at, tag);
    if (open_.size() >= limits_.depth)
      stop(at, "this is nested more than " + std::to_string(limits_.depth) + " levels deep");
    auto& [n, anchor_of] = open_.emplace_back();
    n.is = is;
    n.at = at;
    anchor_of = anchor;
  }

  void close() {
    auto [n, anchor] = std::move(open_.back());
    open_.pop_back();
    add(std::move(n), anchor);
  }

  void add(node n, YAML::anchor_t anchor) {
    if (++nodes_ > limits_.nodes)
      stop(n.at, "the file has more than " + std::to_string(limits_.nodes) + " values");
    if (anchor != 0)
      anchored_[anchor] = copy(n);
    if (open_.empty()) {
      root_ = std::move(n);
      return;
    }
    auto& parent = open_.back().first;
    if (parent.is == kind::map && parent.items.size() % 2 == 0 &&
        (n.is == kind::list || n.is == kind::map))
      stop(n.at, "a key must be a text, but is " + std::string(describe(n)));
    parent.items.push_back(std::move(n));
  }

  /// Aliases multiply: nine lines of nine aliases each stand for a billion nodes.
  node copy(const node& n) {
    if (++copied_ > limits_.copied_nodes)
      stop(n.at, "anchors and aliases copy more than " + std::to_string(limits_.copied_nodes) +
                     " values; write out what is needed, or use parameters");
    node c;
    c.is = n.is;
    c.at = n.at;
    c.text = n.text;
    c.items.reserve(n.items.size());
    for (const auto& item : n.items)
      c.items.push_back(copy(item));
    return c;
  }

  core::complaints& wrong_;
  const tree_limits& limits_;
  node root_;
  std::vector<std::pair<node, YAML::anchor_t>> open_;
  std::unordered_map<YAML::anchor_t, node> anchored_;
  size_t nodes_ = 0;
  size_t copied_ = 0;
};

/// Only notices whether there is anything.
class second_document : public YAML::EventHandler {
public:
  std::optional<core::place> found;
  void OnDocumentStart(const YAML::Mark& mark) override { note(mark); }
  void OnDocumentEnd() override {}
  void OnNull(const YAML::Mark& mark, YAML::anchor_t) override { note(mark); }
  void OnAlias(const YAML::Mark& mark, YAML::anchor_t) override { note(mark); }
  void OnScalar(const YAML::Mark& mark, const std::string&, YAML::anchor_t,
                const std::string&) override {
    note(mark);
  }
  void OnSequenceStart(const YAML::Mark& mark, const std::string&, YAML::anchor_t,
                       YAML::EmitterStyle::value) override {
    note(mark);
  }
  void OnSequenceEnd() override {}
  void OnMapStart(const YAML::Mark& mark, const std::string&, YAML::anchor_t,
                  YAML::EmitterStyle::value) override {
    note(mark);
  }
  void OnMapEnd() override {}

private:
  void note(const YAML::Mark& mark) {
    found = to_place(mark);
    throw abandoned{};
  }
};

/// The text as a stream, without a copy.
struct text_buffer : std::streambuf {
  explicit text_buffer(std::string_view text) {
    const auto first = const_cast<char*>(text.data()); // Only read, but streambuf wants char*.
    setg(first, first, first + text.size());
  }
};

void read_documents(YAML::Parser& parser, tree_builder& builder, core::complaints& wrong) {
  parser.HandleNextDocument(builder);
  second_document more;
  try {
    parser.HandleNextDocument(more);
  } catch (const abandoned&) {
    wrong.add(*more.found, "a second document starts here; a spec is one document");
  }
}

} // namespace

std::optional<node> parse_yaml(std::string_view text, core::complaints& wrong,
                               const tree_limits& limits) {
  tree_builder builder(wrong, limits);
  try {
    text_buffer buffer(text);
    std::istream stream(&buffer);
    YAML::Parser parser(stream);
    read_documents(parser, builder, wrong);
  } catch (const abandoned&) {
    return std::nullopt;
  } catch (const YAML::Exception& e) {
    wrong.add(to_place(e.mark), "this is not valid YAML: " + e.msg);
    return std::nullopt;
  }
  return std::move(builder).take();
}

} // namespace torc::config
