#include "cli/frame/main.hpp"
#include "cli/server/program.hpp"
#include "cli/server/settings.hpp"

int main(int argc, char** argv) {
  torc::cli::load_environment_file(".env");
  return torc::cli::run_program(torc::cli::server_program(), argc, argv);
}
