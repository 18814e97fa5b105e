#pragma once

#include "kernd/config.hpp"

#include <boost/assert/source_location.hpp>
#include <boost/system/result.hpp>
#include <nlohmann/json_fwd.hpp>

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace kernd {

/// Where a value can come from; a later one wins over an earlier one.
enum class config_layer : std::uint8_t { defaults, preset, file, environment, flag };

struct config_origin {
  config_layer layer = config_layer::defaults;
  std::string where;  ///< The preset's name, `PATH:LINE`, or the variable's name.
};

/// `default`, `preset production`, `file kernd.toml:12`, `environment KERND_SERVER__PORT`, `flag`.
std::string to_string(const config_origin& origin);

/// Everything a configuration is made from. A daemon keeps it, to load again on reload.
struct config_sources {
  struct flag {
    std::string key;
    std::string value;
  };

  std::optional<std::string> preset = {};
  std::optional<std::string> file = {};  ///< A path.
  std::vector<std::string> environment =
      {};                        ///< `NAME=VALUE`; names that are not ours are skipped.
  std::vector<flag> flags = {};  ///< A later one wins.
};

struct loaded_config {
  config values;
  std::vector<config_origin> origins;  ///< One per row of `config_keys()`, in its order.
};

/// All that is wrong with a configuration, one complete message each: place, value, what is
/// expected, and what may have been meant.
struct config_errors {
  std::vector<std::string> messages;
};
/// Called by `value()` of a result that holds errors. Throws `std::runtime_error`.
[[noreturn]] void throw_exception_from_error(const config_errors& errors,
                                             const boost::source_location& where);

/// Merges default < preset < file < environment < flag. Reads the file; blocks.
boost::system::result<loaded_config, config_errors> load_config(const config_sources& sources);

/// What differs between two configurations, as key names.
struct config_changes {
  std::vector<std::string_view> reloadable;
  std::vector<std::string_view> need_restart;  ///< When not empty, `next` is refused as a whole.
};
config_changes compare(const config& running, const config& next);

/// A TOML document of every key, its origin as a comment behind it.
std::string to_toml(const loaded_config& loaded);
/// `{"server": {"port": {"value": 8080, "origin": "default"}, …}, …}`
nlohmann::ordered_json to_json(const loaded_config& loaded);

}  // namespace kernd
