#include "core/sweep.hpp"

#include <algorithm>

namespace torc::core {

std::vector<parameter> read_parameters(const std::vector<parameter_spec>& specs,
                                       complaints& wrong) {
  std::vector<parameter> read;
  for (const auto& spec : specs) {
    if (spec.name.value.empty() || spec.name.value.find_first_of("{}:") != std::string::npos) {
      wrong.add(spec.name.at, "parameter name " + quoted(spec.name.value) +
                                  " is empty or has a brace or colon in it; rename it");
      continue;
    }
    auto values = parameter_values::parse(spec);
    if (!values)
      wrong.add(spec.text.at, "parameter " + quoted(spec.name.value) + ": " + values.why().message);
    else
      read.push_back(
          {spec.name.value, std::make_shared<parameter_values>(std::move(values).value())});
  }
  return read;
}

std::optional<sweep> sweep::make(const sweep_spec& spec, const std::vector<parameter>& shared,
                                 bool shared_known, place owner, complaints& wrong) {
  sweep made;
  bool good = !spec.unreadable;
  const auto find = [](auto& list, std::string_view name) {
    return std::find_if(list.begin(), list.end(), [&](const auto& p) { return p.name == name; });
  };
  for (const auto& used : spec.use_parameters) {
    const auto found = find(shared, used.value);
    if (found != shared.end()) {
      if (find(made.parameters_, used.value) == made.parameters_.end())
        made.parameters_.push_back(*found);
      continue;
    }
    good = false;
    if (!shared_known)
      continue;
    std::vector<std::string_view> known;
    known.reserve(shared.size());
    for (const auto& p : shared)
      known.push_back(p.name);
    wrong.add(used.at, "use_parameters names " + quoted(used.value) +
                           ", which is not among the workflow's parameters" +
                           did_you_mean(used.value, known));
  }
  auto own = read_parameters(spec.parameters, wrong);
  good = good && own.size() == spec.parameters.size();
  for (auto& p : own) {
    const auto found = find(made.parameters_, p.name);
    if (found != made.parameters_.end())
      *found = std::move(p);
    else
      made.parameters_.push_back(std::move(p));
  }
  if (spec.parameter_mode) {
    made.zip_ = spec.parameter_mode->value == "zip";
    if (!made.zip_ && spec.parameter_mode->value != "product") {
      wrong.add(spec.parameter_mode->at, "parameter_mode is " + quoted(spec.parameter_mode->value) +
                                             "; it can be \"product\" or \"zip\"");
      return std::nullopt;
    }
  }
  for (const auto& p : made.parameters_) {
    made.names_.push_back(p.name);
    made.values_.push_back(p.values.get());
  }
  if (!good || !made.count(spec, owner, wrong))
    return std::nullopt;
  return made;
}

bool sweep::count(const sweep_spec& spec, place owner, complaints& wrong) {
  uint64_t total = 1;
  const auto& at = spec.parameter_mode ? spec.parameter_mode->at : owner;
  for (const auto& p : parameters_) {
    const auto& first = parameters_.front();
    if (!zip_)
      total *= p.values->size(); // Both factors are at most max_instances: no overflow.
    else if (p.values->size() != first.values->size()) {
      wrong.add(at, "parameter_mode zip needs as many values of every parameter, but " +
                        quoted(first.name) + " has " + std::to_string(first.values->size()) +
                        " and " + quoted(p.name) + " has " + std::to_string(p.values->size()));
      return false;
    } else
      total = p.values->size();
    if (total > max_instances) {
      wrong.add(at, "the parameters make more than " + std::to_string(max_instances) +
                        " combinations; use fewer values, or several workflows");
      return false;
    }
  }
  size_ = static_cast<uint32_t>(total);
  return true;
}

void sweep::select(uint32_t combination, std::vector<uint32_t>& index) const {
  index.resize(values_.size());
  if (zip_) {
    std::fill(index.begin(), index.end(), combination);
    return;
  }
  for (size_t i = values_.size(); i-- > 0;) {
    index[i] = combination % values_[i]->size();
    combination /= values_[i]->size();
  }
}

} // namespace torc::core
