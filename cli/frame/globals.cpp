#include "cli/frame/globals.hpp"

#include <boost/algorithm/string.hpp>
#include <boost/program_options/errors.hpp>

#include <array>
#include <cstdlib>
#include <vector>

namespace torc::cli {

namespace po = boost::program_options;

namespace {

constexpr std::array<const char*, 6> levels = {"trace", "debug", "info", "warn", "error", "off"};

} // namespace

std::optional<std::string> environment(const char* name) {
  const char* v = std::getenv(name);
  if (v == nullptr || *v == '\0')
    return std::nullopt;
  return std::string(v);
}

std::optional<std::string> level_from(const std::string& directive) {
  std::vector<std::string> parts;
  boost::split(parts, directive, boost::is_any_of(","));
  std::optional<std::string> found;
  for (std::string part : parts) {
    boost::trim(part);
    boost::to_lower(part);
    const auto equals = part.rfind('=');
    const bool of_one_module = equals != std::string::npos;
    if (of_one_module)
      part.erase(0, equals + 1);
    if (part == "warning")
      part = "warn";
    for (const char* level : levels)
      if (part == level && (!found || !of_one_module))
        found = part;
  }
  return found;
}

void add_global_options(po::options_description& to) {
  to.add_options()("url", po::value<std::string>()->value_name("URL"),
                   "the server, e.g. http://host:8080/torc-service/v1 [env TORC_API_URL]")(
      "format,f", po::value<std::string>()->value_name("table|json"),
      "how answers are printed")("log-level", po::value<std::string>()->value_name("LEVEL"),
                                 "trace, debug, info, warn, error or off [env RUST_LOG]")(
      "password", po::value<std::string>()->value_name("WORD"),
      "password for a server that asks for one [env TORC_PASSWORD]")(
      "prompt-password", po::bool_switch(), "ask for the password on the terminal")(
      "skip-version-check", po::bool_switch(), "do not compare versions with the server")(
      "tls-ca-cert", po::value<std::string>()->value_name("FILE"),
      "certificate authority to trust for https [env TORC_TLS_CA_CERT]")(
      "tls-insecure", po::bool_switch(),
      "accept any certificate for https [env TORC_TLS_INSECURE]");
}

globals read_globals(const po::variables_map& options) {
  const auto text = [&](const char* option, const char* variable) -> std::optional<std::string> {
    if (options.count(option) > 0)
      return options[option].as<std::string>();
    return environment(variable);
  };
  globals g;
  g.url = text("url", "TORC_API_URL");
  while (g.url && g.url->ends_with('/'))
    g.url->pop_back();
  if (options.count("format") > 0) {
    const auto& format = options["format"].as<std::string>();
    if (format != "table" && format != "json")
      throw po::error("--format knows table and json, not '" + format + "'");
    g.format = format == "json" ? output_format::json : output_format::table;
  }
  if (options.count("log-level") > 0) {
    const auto& wanted = options["log-level"].as<std::string>();
    const auto level = level_from(wanted);
    if (!level)
      throw po::error("--log-level knows trace, debug, info, warn, error and off, not '" + wanted +
                      "'");
    g.log_level = *level;
    g.log_filter = wanted;
  } else if (const auto rust_log = environment("RUST_LOG")) {
    g.log_level = level_from(*rust_log).value_or(g.log_level);
    g.log_filter = *rust_log;
  }
  g.prompt_password = options.count("prompt-password") > 0 && options["prompt-password"].as<bool>();
  g.password = text("password", "TORC_PASSWORD");
  g.tls_ca_cert = text("tls-ca-cert", "TORC_TLS_CA_CERT");
  const auto insecure = environment("TORC_TLS_INSECURE");
  g.tls_insecure = (options.count("tls-insecure") > 0 && options["tls-insecure"].as<bool>()) ||
                   insecure == "1" || insecure == "true";
  return g;
}

} // namespace torc::cli
