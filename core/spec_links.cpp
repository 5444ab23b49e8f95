#include "core/spec_links.hpp"

#include <algorithm>

namespace torc::core {

spec_links::spec_links(spec_names& names, std::string_view verb, const text_list& plain,
                       const text_list& patterns, const sweep& s)
    : names_(names), verb_(verb), sweep_(s) {
  for (const auto* list : {&plain, &patterns})
    for (const auto& written : *list) {
      entries_.push_back({&written, s.compile(written.value), list == &patterns});
      constant_ = constant_ && entries_.back().text.constant();
    }
}

void spec_links::collect(const entry& e, std::string_view user, std::span<const uint32_t> index,
                         std::vector<uint32_t>& found, const link_context& context) {
  text_.clear();
  e.text.render(sweep_.values(), index, text_);
  if (e.pattern) {
    const auto& matched =
        names_.match(text_, e.written->at, context.compile, context.tests, context.wrong);
    found.insert(found.end(), matched.begin(), matched.end());
    return;
  }
  const auto described = [&] {
    return user.empty() ? std::string(verb_) : "job " + quoted(user) + ' ' + std::string(verb_);
  };
  const auto one = names_.resolve(text_, e.written->at, described, context.wrong);
  if (one != no_index)
    found.push_back(one);
}

index_range spec_links::resolve(std::string_view user, std::span<const uint32_t> index,
                                const std::vector<uint32_t>& more, std::vector<uint32_t>& pool,
                                const link_context& context) {
  const bool shareable = constant_ && more.empty();
  if (shareable && shared_known_)
    return shared_;
  found_ = more;
  for (const auto& e : entries_)
    collect(e, user, index, found_, context);
  if (!std::is_sorted(found_.begin(), found_.end()))
    std::sort(found_.begin(), found_.end());
  found_.erase(std::unique(found_.begin(), found_.end()), found_.end());
  const index_range range{static_cast<uint32_t>(pool.size()), static_cast<uint32_t>(found_.size())};
  pool.insert(pool.end(), found_.begin(), found_.end());
  if (shareable) {
    shared_known_ = true;
    shared_ = range;
  }
  return range;
}

const placed_text* spec_links::culprit(uint32_t self, std::span<const uint32_t> index,
                                       const link_context& context) {
  for (const auto& e : entries_) {
    std::vector<uint32_t> found;
    collect(e, names_(self), index, found, context);
    if (std::find(found.begin(), found.end(), self) != found.end())
      return e.written;
  }
  return nullptr;
}

} // namespace torc::core
