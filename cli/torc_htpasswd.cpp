#include "cli/frame/main.hpp"
#include "cli/htpasswd/program.hpp"

int main(int argc, char** argv) {
  return torc::cli::run_program(torc::cli::htpasswd_program(), argc, argv);
}
