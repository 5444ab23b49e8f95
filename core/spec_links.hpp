#pragma once

#include "core/spec_names.hpp"
#include "core/sweep.hpp"

#include <span>
#include <string>
#include <vector>

namespace torc::core {

/// What the lists of a job are resolved with.
struct link_context {
  const compile_pattern& compile;
  uint64_t& tests; ///< of a name against a pattern, so far
  complaints& wrong;
};

/// One list of a job spec (depends_on with its regular expressions, input_files with theirs, ...):
/// compiled once, resolved for every instance. Where no parameter stands in it, all instances share
/// one range of the pool.
class spec_links {
public:
  /// @param verb as in `job "b" depends on "a"`
  spec_links(spec_names& names, std::string_view verb, const text_list& plain,
             const text_list& patterns, const sweep& s);

  /// Appends the list of one instance to the pool, sorted and without repetitions.
  /// @param user the instance's name; none where the list is not a job's
  /// @param more indices to put in, such as those of variables in its command
  index_range resolve(std::string_view user, std::span<const uint32_t> index,
                      const std::vector<uint32_t>& more, std::vector<uint32_t>& pool,
                      const link_context& context);

  /// The entry that makes the instance name `self`. @pre there is one
  const placed_text* culprit(uint32_t self, std::span<const uint32_t> index,
                             const link_context& context);

private:
  struct entry {
    const placed_text* written;
    text_template text;
    bool pattern;
  };

  void collect(const entry& e, std::string_view user, std::span<const uint32_t> index,
               std::vector<uint32_t>& found, const link_context& context);

  spec_names& names_;
  std::string_view verb_;
  const sweep& sweep_;
  std::vector<entry> entries_;
  bool constant_ = true;
  bool shared_known_ = false;
  index_range shared_;
  std::string text_;
  std::vector<uint32_t> found_;
};

} // namespace torc::core
