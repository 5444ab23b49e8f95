#include "config/spec_reader.hpp"
#include "tests/fuzz/target.hpp"

using namespace torc;

/// A workflow spec, as YAML and, where it begins like that, as JSON: read, checked and expanded.
extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  const auto text = test::text_of(data, size);
  // Large ones are for the tests of limits; a fuzzer would only make them slow.
  if (size > 4096)
    return 0;
  for (const auto format : {config::spec_format::yaml, config::spec_format::json}) {
    const auto read = config::read_spec_text(text, "w", format);
    test::must(read.value.has_value() || !read.errors.empty(), "what is not read is complained of");
    if (!read)
      continue;
    // A few characters can make millions of jobs, which is their right and takes seconds.
    size_t ranges = 0;
    for (size_t at = 0; (at = text.find(':', at)) != text.npos; ++at)
      ranges += at > 0 && text[at - 1] >= '0' && text[at - 1] <= '9';
    if (ranges > 0 && text.find("0000") != text.npos)
      continue;
    const auto whole = config::load_spec_text(text, "w", format);
    test::must(whole.value.has_value() || !whole.errors.empty(), "a refusal says why");
  }
  return 0;
}
