#include "server/cli.hpp"
#include "server/cli_refusal.hpp"

#include <nlohmann/json.hpp>

#include <ostream>

namespace kernd::cli {
namespace {

using json = nlohmann::ordered_json;

constexpr auto replace = json::error_handler_t::replace;  // A path need not be UTF-8.

}  // namespace

exit_code report(const config_errors& errors, std::ostream& err) {
  for (const auto& message : errors.messages) err << "kernd: " << message << '\n';
  return exit_code::configuration;
}

exit_code run(const config_show_command& asked, std::ostream& out, std::ostream& err) {
  const auto loaded = load_config(asked.sources);
  if (!loaded) return refuse(loaded.error(), asked.json, out, err);
  if (asked.json) {
    out << to_json(*loaded).dump(2, ' ', false, replace) << '\n';
  } else {
    out << to_toml(*loaded);
  }
  return exit_code::ok;
}

exit_code run(const config_check_command& asked, std::ostream& out, std::ostream& err) {
  const auto loaded = load_config(asked.sources);
  const config_errors wrong = loaded ? config_errors{} : loaded.error();
  if (asked.json) {
    const json document = {{"valid", loaded.has_value()}, {"problems", wrong.messages}};
    out << document.dump(-1, ' ', false, replace) << '\n';
    return loaded ? exit_code::ok : exit_code::configuration;
  }
  if (!loaded) return report(wrong, err);
  out << "OK\n";
  return exit_code::ok;
}

}  // namespace kernd::cli
