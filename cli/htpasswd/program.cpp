#include "cli/htpasswd/program.hpp"

#include "net/authority.hpp"
#include "net/password_file.hpp"

#include <zxcvbn.h>

#include <array>
#include <filesystem>
#include <iostream>
#include <ostream>

namespace torc::cli {

namespace {

using net::password_file;

constexpr size_t shortest_password = 8;
/// zxcvbn's scale: a score of 1, 2, 3 and 4 begins at so many guesses, as powers of ten.
constexpr std::array score_begins{3, 6, 8, 10};
constexpr int lowest_score = 3;
constexpr int64_t usual_cost = 12, lowest_cost = 4, highest_cost = 31;

int fail(call& c, const std::string& why) {
  c.err << "error: " << why << '\n';
  return exit_error;
}

/// Of the option, or else the first line of standard input.
std::string password_of(call& c) {
  if (const auto given = c.maybe<std::string>("password")) {
    c.err << "warning: --password shows in the list of processes; leave it out to be asked\n";
    return *given;
  }
  std::string line;
  std::getline(std::cin, line);
  return line;
}

int score_of(const std::string& password, const std::string& user) {
  constexpr double bits_of_ten = 3.321928094887362;
  const char* known[] = {user.c_str(), "torc", nullptr};
  const auto bits = ZxcvbnMatch(password.c_str(), known, nullptr);
  int score = 0;
  for (const auto power : score_begins)
    score += bits >= power * bits_of_ten ? 1 : 0;
  return score;
}

core::result<core::nothing> judge(const std::string& password, const std::string& user) {
  if (password.size() < shortest_password)
    return core::refuse(core::refusal::unprocessable, "the password is too short; it needs " +
                                                          std::to_string(shortest_password) +
                                                          " characters or more");
  if (const auto score = score_of(password, user); score < lowest_score)
    return core::refuse(core::refusal::unprocessable,
                        "the password is too weak (score " + std::to_string(score) + " of 4, " +
                            std::to_string(lowest_score) +
                            " are needed); take several words, or what a password manager offers");
  return core::nothing{};
}

core::result<int64_t> cost_of(const call& c) {
  const auto cost = c.get<int64_t>("cost");
  if (cost < lowest_cost || cost > highest_cost)
    return core::refuse(core::refusal::malformed, "--cost must lie between 4 and 31");
  return cost;
}

core::result<password_file> open(const std::string& path, bool may_be_new) {
  if (may_be_new && !std::filesystem::exists(path))
    return password_file{};
  return password_file::read(path);
}

int save(call& c, const password_file& file, const std::string& told) {
  const auto& path = c.get<std::string>("file");
  if (const auto written = net::write_private(path, file.text()); !written)
    return fail(c, written.why().message);
  c.out << told << '\n';
  return exit_ok;
}

int add(call& c) {
  auto file = open(c.get<std::string>("file"), true);
  if (!file)
    return fail(c, file.why().message);
  const auto& user = c.arguments.front();
  if (user.empty() || user.find_first_of(":\n\r#") != std::string::npos)
    return fail(c, "a user name is not empty and has no ':', '#' or line break");
  const auto cost = cost_of(c);
  if (!cost)
    return fail(c, cost.why().message);
  const auto password = password_of(c);
  if (const auto good = judge(password, user); !good)
    return fail(c, good.why().message);
  file->set(user, net::hash_password(password, static_cast<unsigned long>(*cost)));
  return save(c, *file, "Added user '" + user + "'");
}

int remove(call& c) {
  auto file = open(c.get<std::string>("file"), false);
  if (!file)
    return fail(c, file.why().message);
  const auto& user = c.arguments.front();
  if (!file->remove(user))
    return fail(c, "there is no user '" + user + "'");
  return save(c, *file, "Removed user '" + user + "'");
}

int list(call& c) {
  const auto file = open(c.get<std::string>("file"), false);
  if (!file)
    return fail(c, file.why().message);
  for (const auto& user : file->names())
    c.out << user << '\n';
  return exit_ok;
}

int verify(call& c) {
  const auto file = open(c.get<std::string>("file"), false);
  if (!file)
    return fail(c, file.why().message);
  if (!file->verify(c.arguments.front(), password_of(c)))
    return fail(c, "the password is wrong, or there is no such user");
  c.out << "The password is right\n";
  return exit_ok;
}

/// The line that whoever runs the server adds to its file.
int hash(call& c) {
  const auto cost = cost_of(c);
  if (!cost)
    return fail(c, cost.why().message);
  const auto user = !c.arguments.empty()  ? c.arguments.front()
                    : environment("USER") ? *environment("USER")
                                          : environment("USERNAME").value_or("");
  if (user.empty())
    return fail(c, "name a user: could not read from $USER or $USERNAME");
  const auto password = password_of(c);
  if (const auto good = judge(password, user); !good)
    return fail(c, good.why().message);
  c.err << "Hashing password at cost " << *cost << " ...\n";
  c.out << user << ':' << net::hash_password(password, static_cast<unsigned long>(*cost)) << '\n'
        << std::flush;
  c.err << "Send the line above to whoever runs the server; the password stays with you.\n";
  return exit_ok;
}

void file_option(po::options_description& to) {
  to.add_options()("file,f", po::value<std::string>()->required()->value_name("FILE"),
                   "the password file");
}

void password_option(po::options_description& to) {
  to.add_options()("password,p", po::value<std::string>()->value_name("PASSWORD"),
                   "the password; else a line of standard input");
}

void both_options(po::options_description& to) {
  file_option(to);
  password_option(to);
}

void hash_options(po::options_description& to) {
  password_option(to);
  to.add_options()("cost,c", po::value<int64_t>()->default_value(usual_cost)->value_name("4..31"),
                   "how long a check takes; one more doubles it");
}

void add_options(po::options_description& to) {
  file_option(to);
  hash_options(to);
}

} // namespace

program htpasswd_program() {
  const argument user{.name = "user", .about = "the user's name"};
  program p;
  p.version = TORC_VERSION;
  p.global_options = [](po::options_description&) {};
  p.root.name = "torc-htpasswd";
  p.root.summary = "Edits the password file of torc-server";
  p.root.children = {
      {.name = "add",
       .summary = "Add a user, or give one a new password",
       .arguments = {user},
       .options = add_options,
       .run = add},
      {.name = "remove",
       .summary = "Remove a user",
       .arguments = {user},
       .options = file_option,
       .run = remove},
      {.name = "list", .summary = "List the users", .options = file_option, .run = list},
      {.name = "verify",
       .summary = "Check a password",
       .arguments = {user},
       .options = both_options,
       .run = verify},
      {.name = "hash",
       .summary = "Print the line that a password file has for a user",
       .arguments = {{.name = "user",
                      .about = "the user's name; else $USER",
                      .how_many = argument::count::maybe}},
       .options = hash_options,
       .run = hash},
  };
  return p;
}

} // namespace torc::cli
