#include "cli/frame/command.hpp"
#include "core/complaints.hpp"

#include <optional>

namespace torc::cli {

namespace {

const command* child_of(const command& c, std::string_view name) {
  for (const auto& child : c.children)
    if (child.name == name)
      return &child;
  return nullptr;
}

bool wants_help(const std::string& word) {
  return word == "--help" || word == "-h";
}

/// True when `word` is an option that takes its value from the next word.
bool takes_next_word(const po::options_description& known, const std::string& word) {
  if (word.find('=') != std::string::npos)
    return false;
  const bool is_long = word.starts_with("--");
  if (!is_long && word.size() != 2)
    return false;
  const auto* option = known.find_nothrow(is_long ? word.substr(2) : word, false);
  return option != nullptr && option->semantic()->min_tokens() > 0;
}

std::vector<std::string> long_names(const po::options_description& d) {
  std::vector<std::string> names;
  for (const auto& o : d.options())
    names.push_back("--" + o->long_name());
  return names;
}

/// The global options that the leaf does not name itself, by long or short name.
void add_unhidden(po::options_description& to, const po::options_description& leaf,
                  const po::options_description& global) {
  for (const auto& o : global.options()) {
    const auto shorthand = o->canonical_display_name(po::command_line_style::allow_dash_for_short);
    const bool has_short = shorthand.size() == 2 && shorthand[0] == '-';
    if (leaf.find_nothrow(o->long_name(), false) != nullptr)
      continue;
    if (has_short && leaf.find_nothrow(shorthand, false) != nullptr) {
      // The leaf owns the letter; the word stays.
      const bool has_value = o->semantic()->min_tokens() > 0;
      to.add_options()(o->long_name().c_str(),
                       has_value ? static_cast<const po::value_semantic*>(po::value<std::string>())
                                 : po::bool_switch(),
                       o->description().c_str());
      continue;
    }
    to.add(o);
  }
}

po::parsed_options parse(const std::vector<std::string>& words, const po::options_description& d,
                         const po::positional_options_description& positional) {
  return po::command_line_parser(words)
      .options(d)
      .positional(positional)
      .style(po::command_line_style::default_style & ~po::command_line_style::allow_guessing)
      .run();
}

told usage_error(const program& p, const std::vector<const command*>& path, std::string what,
                 const std::vector<std::string_view>& candidates, std::string_view meant) {
  std::string line = p.root.name;
  for (size_t i = 1; i < path.size(); ++i)
    line += " " + path[i]->name;
  if (const auto near = core::nearest(meant, candidates))
    what += "; did you mean '" + std::string(*near) + "'?";
  return {exit_usage, "error: " + what + "\nSee '" + line + " --help'.\n"};
}

/// Checks the number of words after the command. @returns what is wrong, or ""
std::string wrong_count(const command& leaf, const std::vector<std::string>& given) {
  size_t least = 0;
  size_t most = 0;
  for (const auto& a : leaf.arguments) {
    const bool mandatory =
        a.how_many == argument::count::one || a.how_many == argument::count::some;
    const bool single = a.how_many == argument::count::one || a.how_many == argument::count::maybe;
    if (mandatory && given.size() < ++least)
      return "'" + leaf.name + "' needs <" + a.name + ">: " + a.about;
    most = single ? most + (most < SIZE_MAX ? 1 : 0) : SIZE_MAX;
  }
  if (given.size() > most)
    return "'" + leaf.name + "' does not know what to do with '" + given[most] + "'";
  return {};
}

/// The words, split at the leaf that they lead to.
struct walk {
  std::vector<const command*> path;
  std::vector<std::string> before; ///< global options that stood before the leaf
  std::vector<std::string> behind;
  std::optional<told> answer; ///< instead of a leaf
};

walk find_leaf(const program& p, const std::vector<std::string>& words,
               const po::options_description& global) {
  walk w;
  w.path = {&p.root};
  size_t i = 0;
  const auto enter_default = [&] {
    w.path.push_back(child_of(p.root, p.default_child));
    w.behind.insert(w.behind.begin(), w.before.begin(), w.before.end());
    w.before.clear();
  };
  while (i < words.size() && !w.path.back()->run) {
    const auto& word = words[i];
    if (wants_help(word)) {
      w.answer = told{exit_ok, help_text(p, w.path)};
      return w;
    }
    if (w.path.size() == 1 && (word == "--version" || word == "-V")) {
      w.answer = told{exit_ok, p.root.name + " " + p.version + "\n"};
      return w;
    }
    if (word.starts_with("-") && word.size() > 1) {
      if (!p.default_child.empty() && w.path.size() == 1) {
        enter_default();
        break;
      }
      w.before.push_back(word);
      if (takes_next_word(global, word) && i + 1 < words.size())
        w.before.push_back(words[++i]);
    } else if (const auto* child = child_of(*w.path.back(), word)) {
      w.path.push_back(child);
    } else {
      std::vector<std::string_view> names;
      for (const auto& c : w.path.back()->children)
        names.emplace_back(c.name);
      w.answer = usage_error(p, w.path, "there is no command '" + word + "'", names, word);
      return w;
    }
    ++i;
  }
  if (!w.path.back()->run && w.path.size() == 1 && !p.default_child.empty())
    enter_default();
  w.behind.insert(w.behind.end(), words.begin() + static_cast<std::ptrdiff_t>(i), words.end());
  if (!w.path.back()->run)
    w.answer = told{exit_usage, help_text(p, w.path)};
  return w;
}

} // namespace

std::variant<invocation, told> read_command_line(const program& p,
                                                 const std::vector<std::string>& words) {
  po::options_description global;
  if (p.global_options)
    p.global_options(global);
  auto w = find_leaf(p, words, global);
  if (w.answer)
    return *w.answer;
  const auto& leaf = *w.path.back();
  for (const auto& word : w.behind) {
    if (word == "--")
      break;
    if (wants_help(word))
      return told{exit_ok, help_text(p, w.path)};
  }

  po::options_description own;
  if (leaf.options)
    leaf.options(own);
  po::options_description known;
  add_unhidden(known, own, global);
  known.add(own);
  po::options_description with_words;
  with_words.add(known);
  with_words.add_options()("(words)", po::value<std::vector<std::string>>());
  po::positional_options_description positional;
  positional.add("(words)", -1);
  try {
    invocation found;
    found.leaf = &leaf;
    // What stands behind the leaf is stored first, and wins.
    po::store(parse(w.behind, with_words, positional), found.options);
    po::store(parse(w.before, global, {}), found.options);
    if (found.options.count("(words)") > 0)
      found.arguments = found.options["(words)"].as<std::vector<std::string>>();
    found.global = read_globals(found.options);
    if (auto wrong = wrong_count(leaf, found.arguments); !wrong.empty())
      return usage_error(p, w.path, wrong, {}, "");
    return found;
  } catch (const po::unknown_option& e) {
    auto name = e.get_option_name();
    const auto names = long_names(known);
    return usage_error(p, w.path, "there is no option '" + name + "'", {names.begin(), names.end()},
                       name);
  } catch (const po::error& e) {
    return usage_error(p, w.path, e.what(), {}, "");
  }
}

} // namespace torc::cli
