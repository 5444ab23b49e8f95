#include "cli/commands/tree.hpp"
#include "cli/frame/main.hpp"

int main(int argc, char** argv) {
  return torc::cli::run_program(torc::cli::torc_program(), argc, argv);
}
