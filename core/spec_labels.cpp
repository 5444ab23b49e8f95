#include "core/spec_labels.hpp"

#include <string>

namespace torc::core {

namespace {

std::string rendered(const text_template& t, const sweep& s, std::span<const uint32_t> index) {
  std::string text;
  t.render(s.values(), index, text);
  return text;
}

template <class T>
uint32_t kept(std::vector<T>& all, T one) {
  if (all.empty() || all.back() != one)
    all.push_back(std::move(one));
  return static_cast<uint32_t>(all.size() - 1);
}

} // namespace

spec_labels::spec_labels(const job_spec& spec, const sweep& s) : spec_(spec) {
  for (const auto& label : spec.labels)
    labels_.push_back(s.compile(label.value));
  for (const auto& [name, value] : spec.env)
    values_.push_back(s.compile(value.value));
}

uint32_t spec_labels::labels(const sweep& s, std::span<const uint32_t> index,
                             std::vector<label_set>& all, complaints& wrong) const {
  std::vector<std::string> names;
  for (size_t i = 0; i < labels_.size(); ++i) {
    names.push_back(rendered(labels_[i], s, index));
    if (const auto one = make_labels({names.back()}); !one) {
      wrong.add(spec_.labels[i].at, one.why().message);
      return no_index;
    }
  }
  auto made = make_labels(std::move(names));
  if (made)
    return kept(all, std::move(*made));
  wrong.add(spec_.labels.front().at, made.why().message);
  return no_index;
}

void spec_labels::resolve(const sweep& s, std::span<const uint32_t> index, expanded_job& job,
                          expanded_workflow& out, complaints& wrong) const {
  if (!labels_.empty())
    job.labels = labels(s, index, out.label_sets, wrong);
  if (values_.empty())
    return;
  std::vector<std::pair<std::string, std::string>> env;
  for (size_t i = 0; i < values_.size(); ++i)
    env.emplace_back(spec_.env[i].first.value, rendered(values_[i], s, index));
  job.env = kept(out.environments, to_env(std::move(env)));
}

} // namespace torc::core
