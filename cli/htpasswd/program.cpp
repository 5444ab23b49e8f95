#include "cli/htpasswd/program.hpp"

#include "net/authority.hpp"
#include "net/password_file.hpp"

#include <filesystem>
#include <iostream>
#include <ostream>

namespace torc::cli {

namespace {

using net::password_file;

constexpr size_t shortest_password = 8;

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
  const auto password = password_of(c);
  if (password.size() < shortest_password)
    return fail(c, "a password has at least " + std::to_string(shortest_password) + " characters");
  file->set(user, net::hash_password(password));
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

int hash(call& c) {
  c.out << net::hash_password(password_of(c)) << '\n';
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
       .options = both_options,
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
       .summary = "Print the hash of a password",
       .options = password_option,
       .run = hash},
  };
  return p;
}

} // namespace torc::cli
