#include "storage/backup.hpp"
#include "cli/server/program.hpp"
#include "cli/server/settings.hpp"
#include "net/sha256.hpp"

#include <ostream>

namespace torc::cli {

namespace {

int back_up(call& c) {
  if (!c.has("to")) {
    c.err << "error: say where the copy goes: --to FILE\n";
    return exit_usage;
  }
  const auto database = named_database(c);
  if (!database) {
    c.err << "error: " << database.why().message << '\n';
    return exit_usage;
  }
  const auto& to = c.get<std::string>("to");
  const auto made = storage::back_up(*database, to, net::new_sha256);
  if (!made) {
    c.err << "error: " << made.why().message << '\n';
    return exit_error;
  }
  if (c.get<bool>("hashes"))
    for (const auto& t : made->tables)
      c.out << t.sum << "  " << t.table << " (" << t.rows << " rows)\n";
  c.out << "Copied " << *database << " to " << to << ": " << made->rows() << " rows in "
        << made->tables.size() << " tables, " << made->bytes
        << " bytes; the hashes of all tables agree\n";
  return exit_ok;
}

} // namespace

command backup_command() {
  return {.name = "backup",
          .summary = "Copy the database, also while a server runs",
          .about =
              "The copy is what was committed when it began. It is checked, compared with the\n"
              "database table by table and synced before it gets its name. A server can be\n"
              "started on it as it is: torc-server run -d FILE",
          .options =
              [](po::options_description& to) {
                add_database_option(to);
                to.add_options()("to", po::value<std::string>()->value_name("FILE"),
                                 "the copy; must not exist yet")(
                    "hashes", po::bool_switch(), "print the SHA-256 of each table's rows");
              },
          .run = back_up};
}

} // namespace torc::cli
