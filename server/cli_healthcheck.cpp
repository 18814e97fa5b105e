#include "kernd/config_keys.hpp"
#include "server/cli.hpp"
#include "server/cli_address.hpp"
#include "server/http/probe.hpp"

#include <cstddef>
#include <cstdint>
#include <ostream>

namespace kernd::cli {

namespace {

/// That of the probes, where there is one, answers when the other one is saturated; but who names a
/// port means it.
std::uint16_t port_of_probes(const loaded_config& loaded) {
  const server_config& server = loaded.values.server;
  const auto index = find_config_key("server.port") - config_keys().data();
  const auto& origin = loaded.origins[static_cast<std::size_t>(index)];
  return server.probe_port == 0 || origin.layer == config_layer::flag ? server.port
                                                                      : server.probe_port;
}

}  // namespace

exit_code run(const healthcheck_command& asked, std::ostream& out, std::ostream& err) {
  auto url = asked.url;
  if (!url) {
    const auto loaded = load_config(asked.sources);
    if (!loaded) {
      report(loaded.error(), err);
      return exit_code::failed;  // Whoever asks wants to know one thing: ready or not.
    }
    const server_config& server = loaded->values.server;
    url = {reachable_host(server), port_of_probes(*loaded), "/health/ready"};
  }
  if (url->port == 0) {
    err << "kernd: server.port is 0, so the port is not known; give --port or --url\n";
    return exit_code::failed;
  }
  const auto status = http::http_get_status(url->host, url->port, url->target, asked.timeout);
  if (!status) {
    err << "kernd: " << status.error().message << '\n';
    return exit_code::failed;
  }
  out << "status " << *status << '\n';
  return *status == 200 ? exit_code::ok : exit_code::failed;
}

}  // namespace kernd::cli
