#include "core/spec_variables.hpp"

namespace torc::core {

void variable_uses::clear() {
  for (auto* list : {&input_files, &output_files, &input_user_data, &output_user_data})
    list->clear();
}

const std::string* spec_variables::value(std::string_view variable, place at, variable_uses& uses,
                                         complaints& wrong) const {
  struct prefix {
    std::string_view text;
    std::vector<uint32_t>& uses;
    bool file;
  };
  const prefix prefixes[] = {{"files.input.", uses.input_files, true},
                             {"files.output.", uses.output_files, true},
                             {"user_data.input.", uses.input_user_data, false},
                             {"user_data.output.", uses.output_user_data, false}};
  for (const auto& p : prefixes) {
    if (!variable.starts_with(p.text))
      continue;
    const auto name = variable.substr(p.text.size());
    const auto described = [&] { return "${" + std::string(variable) + "} names"; };
    const auto index = (p.file ? files_ : data_).resolve(name, at, described, wrong);
    if (index == no_index)
      return nullptr;
    if (!p.file && !data_rows_[index].data) {
      wrong.add(at, "${" + std::string(variable) + "} cannot be replaced, as user data " +
                        quoted(name) + " has no data; give it data, or list it in " +
                        (p.text == "user_data.input." ? "input_user_data" : "output_user_data") +
                        " and let the command fetch it");
      return nullptr;
    }
    p.uses.push_back(index);
    return p.file ? &file_rows_[index].path : &data_rows_[index].data->text;
  }
  return nullptr;
}

void spec_variables::substitute(std::string& text, place at, variable_uses& uses,
                                complaints& wrong) const {
  auto open = text.find("${");
  if (open == std::string::npos)
    return;
  std::string out;
  size_t done = 0;
  for (; open != std::string::npos; open = text.find("${", open)) {
    const auto close = text.find('}', open);
    if (close == std::string::npos)
      break;
    // The innermost one counts in "${a ${files.input.x}}".
    open = text.rfind("${", close);
    const auto variable = std::string_view(text).substr(open + 2, close - open - 2);
    if (const auto* found = value(variable, at, uses, wrong)) {
      out.append(text, done, open - done);
      out += *found;
      done = close + 1;
    }
    open = close + 1;
  }
  if (done > 0)
    text = out.append(text, done);
}

} // namespace torc::core
