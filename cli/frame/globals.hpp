#pragma once

#include <boost/program_options/options_description.hpp>
#include <boost/program_options/variables_map.hpp>

#include <optional>
#include <string>

namespace torc::cli {

inline constexpr const char* default_url = "http://localhost:8080/torc-service/v1";

enum class output_format { table, json };

/// What `torc`'s global options and their environment variables came to.
struct globals {
  std::optional<std::string> url; ///< none: neither --url nor TORC_API_URL; see `url_or_default`
  output_format format = output_format::table;
  std::string log_level = "info";
  std::string log_filter = "info"; ///< what it was said as; may have levels for single targets
  std::optional<std::string> password;
  bool prompt_password = false; ///< main() asks for it, and sets `password`
  std::optional<std::string> tls_ca_cert;
  bool tls_insecure = false;

  bool json() const { return format == output_format::json; }
  std::string url_or_default() const { return url.value_or(default_url); }
};

/// Declares torc's global options.
void add_global_options(boost::program_options::options_description& to);

/// Reads them, the environment where an option is missing.
/// @throws boost::program_options::validation_error for a format or level that does not exist
globals read_globals(const boost::program_options::variables_map& options);

/// The value of an environment variable that is set and not empty.
std::optional<std::string> environment(const char* name);

/// "debug" from "debug", "torc=debug,info" or "DEBUG"; nothing from what names no level.
std::optional<std::string> level_from(const std::string& directive);

} // namespace torc::cli
