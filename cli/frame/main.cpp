#include "cli/frame/main.hpp"

#include "exec/guardian.hpp"

#include <termios.h>
#include <unistd.h>

#include <csignal>
#include <iostream>

namespace torc::cli {

namespace {

/// Reads a line from the terminal without showing it.
std::string ask_password() {
  std::cerr << "Password: " << std::flush;
  termios shown{};
  const bool on_terminal = ::tcgetattr(STDIN_FILENO, &shown) == 0;
  auto hidden = shown;
  hidden.c_lflag &= ~static_cast<tcflag_t>(ECHO);
  if (on_terminal)
    ::tcsetattr(STDIN_FILENO, TCSAFLUSH, &hidden);
  std::string password;
  std::getline(std::cin, password);
  if (on_terminal)
    ::tcsetattr(STDIN_FILENO, TCSAFLUSH, &shown);
  std::cerr << '\n';
  return password;
}

} // namespace

int run_program(const program& p, int argc, char** argv) {
  const std::vector<std::string> words(argv + 1, argv + argc);
  auto read = read_command_line(p, words);
  if (const auto* t = std::get_if<told>(&read)) {
    (t->exit == exit_ok ? std::cout : std::cerr) << t->text;
    return t->exit;
  }
  auto& found = std::get<invocation>(read);
  std::signal(SIGPIPE, SIG_IGN);
  call c{std::move(found.global),
         std::move(found.options),
         std::move(found.arguments),
         std::cout,
         std::cerr,
         std::nullopt};
  if (found.leaf->starts_jobs) {
    // Before the first thread and before memory has grown: it is a fork of this process.
    auto guardian = exec::start_guardian();
    if (!guardian) {
      std::cerr << "error: " << guardian.why().message << '\n';
      return exit_error;
    }
    c.guardian.emplace(std::move(*guardian));
  }
  if (c.global.prompt_password)
    c.global.password = ask_password();
  const int exit = found.leaf->run(c);
  std::cout.flush();
  return exit;
}

} // namespace torc::cli
