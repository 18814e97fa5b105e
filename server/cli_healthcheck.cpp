#include "kernd/config_keys.hpp"
#include "server/cli.hpp"
#include "server/cli_address.hpp"
#include "server/http/client.hpp"

#include <boost/system/result.hpp>
#include <nlohmann/json.hpp>

#include <cstddef>
#include <cstdint>
#include <optional>
#include <ostream>
#include <string>
#include <vector>

namespace kernd::cli {

namespace {

using http_url = healthcheck_command::http_url;

/// What answered, or why nothing did.
struct probe_answer {
  std::optional<unsigned> status;
  std::vector<std::string> problems = {};

  [[nodiscard]] bool ok() const { return status == 200u; }
};

/// That of the probes, where there is one, answers when the other one is saturated; but who names a
/// port means it.
std::uint16_t port_of_probes(const loaded_config& loaded) {
  const server_config& server = loaded.values.server;
  const auto index = find_config_key("server.port") - config_keys().data();
  const auto& origin = loaded.origins[static_cast<std::size_t>(index)];
  return server.probe_port == 0 || origin.layer == config_layer::flag ? server.port
                                                                      : server.probe_port;
}

boost::system::result<http_url, config_errors> url_of(const healthcheck_command& asked) {
  if (asked.url) return *asked.url;
  const auto loaded = load_config(asked.sources);
  if (!loaded) return loaded.error();
  const server_config& server = loaded->values.server;
  const std::uint16_t port = port_of_probes(*loaded);
  if (port != 0) return http_url{reachable_host(server), port, "/health/ready"};
  return config_errors{{"server.port is 0, so the port is not known; give --port or --url"}};
}

probe_answer ask(const healthcheck_command& asked) {
  const auto url = url_of(asked);
  if (!url) return {std::nullopt, config_errors{url.error()}.messages};
  const auto status = http::http_get_status({url->host, url->port}, url->target, asked.timeout);
  if (!status) return {std::nullopt, {error{status.error()}.message}};
  return {*status};
}

void print_json(const probe_answer& found, std::ostream& out) {
  using json = nlohmann::ordered_json;
  json document = {{"ok", found.ok()}, {"status", nullptr}, {"problems", found.problems}};
  if (found.status) document["status"] = *found.status;
  out << document.dump(-1, ' ', false, json::error_handler_t::replace) << '\n';
}

}  // namespace

exit_code run(const healthcheck_command& asked, std::ostream& out, std::ostream& err) {
  const probe_answer found = ask(asked);
  if (asked.json) {
    print_json(found, out);
  } else {
    if (found.status) out << "status " << *found.status << '\n';
    for (const auto& problem : found.problems) err << "kernd: " << problem << '\n';
  }
  // Also of a wrong configuration: whoever asks wants to know one thing, ready or not.
  return found.ok() ? exit_code::ok : exit_code::failed;
}

}  // namespace kernd::cli
