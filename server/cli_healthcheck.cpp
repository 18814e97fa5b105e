#include "server/cli.hpp"
#include "server/cli_address.hpp"
#include "server/http/probe.hpp"

#include <ostream>

namespace kernd::cli {
exit_code run(const healthcheck_command& asked, std::ostream& out, std::ostream& err) {
  auto url = asked.url;
  if (!url) {
    const auto loaded = load_config(asked.sources);
    if (!loaded) {
      report(loaded.error(), err);
      return exit_code::failed;  // Whoever asks wants to know one thing: ready or not.
    }
    const server_config& server = loaded->values.server;
    url = {reachable_host(server), server.port, "/health/ready"};
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
