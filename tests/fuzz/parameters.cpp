#include "core/parameters.hpp"
#include "core/resources.hpp"
#include "core/time.hpp"
#include "tests/fuzz/target.hpp"

#include <algorithm>

using namespace torc;

/// The first line is a parameter's values, the second a text that uses it as {p}. The first line is
/// read as an amount of memory, as a time and as a duration, too.
extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  const auto text = test::text_of(data, size);
  const auto mark = std::min(text.find('\n'), text.size());
  const auto values = text.substr(0, mark);
  static_cast<void>(core::parse_memory(std::string(values)));
  static_cast<void>(core::parse_duration(std::string(values)));
  core::parameter_spec p;
  p.name.value = "p";
  p.text.value = values;
  const auto read = core::parameter_values::parse(p);
  if (!read)
    return 0;
  test::must(read->size() <= core::max_instances, "a parameter has no more values than it may");
  constexpr std::string_view names[] = {"p"};
  const core::text_template use(text.substr(std::min(mark + 1, text.size())), names);
  const core::parameter_values* const all[] = {&*read};
  for (const uint32_t index : {0u, read->size() / 2, read->size() - 1}) {
    if (index >= read->size())
      continue;
    std::string out;
    read->append(index, core::value_format::parse(values), out);
    use.render(all, std::span(&index, 1), out);
  }
  return 0;
}
