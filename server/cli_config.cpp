#include "server/cli.hpp"

#include <nlohmann/json.hpp>

#include <ostream>

namespace kernd::cli {

exit_code report(const config_errors& errors, std::ostream& err) {
  for (const auto& message : errors.messages) err << "kernd: " << message << '\n';
  return exit_code::configuration;
}

exit_code run(const config_show_command& asked, std::ostream& out, std::ostream& err) {
  const auto loaded = load_config(asked.sources);
  if (!loaded) return report(loaded.error(), err);
  if (asked.json) {
    // A path need not be UTF-8.
    constexpr auto replace = nlohmann::ordered_json::error_handler_t::replace;
    out << to_json(*loaded).dump(2, ' ', false, replace) << '\n';
  } else {
    out << to_toml(*loaded);
  }
  return exit_code::ok;
}

exit_code run(const config_check_command& asked, std::ostream& out, std::ostream& err) {
  const auto loaded = load_config(asked.sources);
  if (!loaded) return report(loaded.error(), err);
  out << "OK\n";
  return exit_code::ok;
}

}  // namespace kernd::cli
