#pragma once

#include "core/complaints.hpp"

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

/// A YAML or JSON document as one kind of tree, every node with its place.
namespace torc::config {

struct node {
  enum class kind : uint8_t { null, boolean, integer, real, text, list, map };

  kind is = kind::null;
  core::place at;
  std::string text;        ///< of a scalar, as it was written; escapes and quotes resolved
  std::vector<node> items; ///< of a list; of a map: key, value, key, value, ...
};

/// Bounds that no honest document meets, so that a hostile one ends early.
struct tree_limits {
  size_t depth = 100;
  size_t nodes = 8'000'000;
  size_t copied_nodes = 1'000'000; ///< by YAML's anchors and aliases
};

/// The document, or none after a complaint. Doubled keys are complained about, too, and the last
/// one counts. @pre `text` is valid UTF-8 without control characters
std::optional<node> parse_yaml(std::string_view text, core::complaints& wrong,
                               const tree_limits& limits = {});
/// Strict JSON of RFC 8259, nothing more.
std::optional<node> parse_json(std::string_view text, core::complaints& wrong,
                               const tree_limits& limits = {});

/// Complains about keys that a map has twice.
void check_keys(const node& map, core::complaints& wrong);

/// "a text", "a list": what the node is, for a sentence.
std::string_view describe(const node& n);

/// The node as compact JSON. Keys stay in their order; numbers that JSON cannot write (YAML's 0x1F,
/// .inf) become decimal, or texts.
std::string to_json(const node& n);

} // namespace torc::config
