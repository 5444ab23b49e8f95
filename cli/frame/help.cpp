#include "cli/frame/command.hpp"

#include <algorithm>
#include <sstream>

namespace torc::cli {

namespace {

struct entry {
  std::string left;
  std::string right;
};

constexpr size_t widest_left = 34;
constexpr size_t line_width = 96;

/// Two columns; a long left side gets a line of its own.
void print_columns(std::ostream& out, const std::vector<entry>& entries) {
  size_t left = 0;
  for (const auto& e : entries)
    left = std::max(left, std::min(e.left.size(), widest_left));
  const std::string indent(left + 4, ' ');
  for (const auto& e : entries) {
    out << "  " << e.left;
    if (e.left.size() > left)
      out << '\n' << indent;
    else
      out << std::string(left - e.left.size() + 2, ' ');
    size_t column = indent.size();
    std::istringstream words(e.right);
    std::string word;
    bool first = true;
    while (words >> word) {
      if (!first && column + 1 + word.size() > line_width) {
        out << '\n' << indent;
        column = indent.size();
        first = true;
      }
      out << (first ? "" : " ") << word;
      column += word.size() + (first ? 0 : 1);
      first = false;
    }
    out << '\n';
  }
}

std::vector<entry> entries_of(const po::options_description& options) {
  std::vector<entry> entries;
  for (const auto& o : options.options()) {
    if (o->description().empty())
      continue; // accepted, but nothing to recommend
    const auto shorthand = o->canonical_display_name(po::command_line_style::allow_dash_for_short);
    std::string left = shorthand.size() == 2 && shorthand[0] == '-' ? shorthand + ", " : "    ";
    left += "--" + o->long_name();
    if (o->semantic()->min_tokens() > 0) {
      auto value = o->semantic()->name(); // "NAME" or "NAME (=default)"
      const auto at_default = value.find(" (=");
      left += " <" + value.substr(0, at_default) + ">";
      entries.push_back({left, o->description()});
      if (at_default != std::string::npos)
        entries.back().right +=
            " [default " + value.substr(at_default + 3, value.size() - at_default - 4) + "]";
      continue;
    }
    entries.push_back({left, o->description()});
  }
  return entries;
}

std::string usage_of(const argument& a) {
  switch (a.how_many) {
  case argument::count::one:
    return " <" + a.name + ">";
  case argument::count::maybe:
    return " [" + a.name + "]";
  case argument::count::many:
    return " [" + a.name + "...]";
  case argument::count::some:
    return " <" + a.name + "...>";
  }
  return {};
}

} // namespace

std::string help_text(const program& p, const std::vector<const command*>& path) {
  const auto& here = *path.back();
  std::string line = p.root.name;
  for (size_t i = 1; i < path.size(); ++i)
    line += " " + path[i]->name;
  std::ostringstream out;
  out << here.summary << ".\n";
  if (!here.about.empty())
    out << '\n' << here.about << '\n';
  out << "\nUsage: " << line;
  if (here.run) {
    out << " [options]";
    for (const auto& a : here.arguments)
      if (!a.about.empty()) // else accepted, but nothing to recommend
        out << usage_of(a);
  } else {
    out << " [options] <command>";
  }
  out << '\n';

  if (!here.children.empty()) {
    out << "\nCommands:\n";
    std::vector<entry> entries;
    for (const auto& c : here.children)
      entries.push_back({c.name, c.summary});
    print_columns(out, entries);
  }
  std::vector<entry> words;
  for (const auto& a : here.arguments)
    if (!a.about.empty())
      words.push_back({"<" + a.name + ">", a.about});
  if (!words.empty()) {
    out << "\nArguments:\n";
    print_columns(out, words);
  }
  if (here.options) {
    po::options_description own;
    here.options(own);
    const auto entries = entries_of(own);
    if (!entries.empty()) {
      out << "\nOptions:\n";
      print_columns(out, entries);
    }
  }
  if (p.global_options) {
    po::options_description global;
    p.global_options(global);
    out << "\nEverywhere:\n";
    auto entries = entries_of(global);
    entries.push_back({"-h, --help", "say this, for any command"});
    if (path.size() == 1)
      entries.push_back({"-V, --version", "say which version this is"});
    print_columns(out, entries);
  }
  return out.str();
}

} // namespace torc::cli
