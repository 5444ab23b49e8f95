#include "core/labels.hpp"

#include <algorithm>
#include <iterator>

namespace torc::core {

namespace {

/// Of UTF-8: all bytes but those that go on.
size_t letters_of(const std::string& text) {
  return static_cast<size_t>(std::count_if(text.begin(), text.end(), [](char c) {
    return (static_cast<unsigned char>(c) & 0xc0) != 0x80;
  }));
}

bool is_label(const std::string& name) {
  return !name.empty() && letters_of(name) <= label_set::longest && name.front() != ' ' &&
         name.back() != ' ' && std::none_of(name.begin(), name.end(), [](char c) {
           return c == ',' || static_cast<unsigned char>(c) < ' ' || c == 0x7f;
         });
}

std::vector<std::string> parts_of(std::string_view text) {
  std::vector<std::string> parts;
  for (size_t at = 0; at < text.size();) {
    const auto end = std::min(text.find(',', at), text.size());
    if (end > at)
      parts.emplace_back(text.substr(at, end - at));
    at = end + 1;
  }
  return parts;
}

/// As much of it as a message may show.
std::string shown(const std::string& name) {
  auto end = std::min(name.size(), label_set::longest);
  while (end < name.size() && (static_cast<unsigned char>(name[end]) & 0xc0) == 0x80)
    --end;
  return name.substr(0, end);
}

} // namespace

result<label_set> make_labels(std::vector<std::string> names) {
  for (const auto& name : names)
    if (!is_label(name))
      return refuse(refusal::unprocessable, "\"" + shown(name) + "\" is no label; one has 1 to " +
                                                std::to_string(label_set::longest) +
                                                " letters, no comma, and no space at its ends");
  std::sort(names.begin(), names.end());
  names.erase(std::unique(names.begin(), names.end()), names.end());
  if (names.size() > label_set::most)
    return refuse(refusal::unprocessable,
                  "more than " + std::to_string(label_set::most) + " labels");
  return label_set{std::move(names)};
}

result<label_set> split_labels(std::string_view text) {
  return make_labels(parts_of(text));
}

std::string joined(const label_set& all) {
  std::string text;
  for (const auto& name : all.names)
    text += (text.empty() ? "" : ",") + name;
  return text;
}

label_set labels_of(std::string_view text) {
  return {parts_of(text)};
}

bool serves(const label_set& runner, const label_set& job) {
  if (job.empty() || runner.empty())
    return job.empty() && runner.empty();
  return std::includes(runner.names.begin(), runner.names.end(), job.names.begin(),
                       job.names.end());
}

std::vector<std::string> missing_labels(const label_set& runner, const label_set& job) {
  std::vector<std::string> missing;
  std::set_difference(job.names.begin(), job.names.end(), runner.names.begin(), runner.names.end(),
                      std::back_inserter(missing));
  return missing;
}

} // namespace torc::core
