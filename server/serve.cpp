#include "server/serve.hpp"

#include "server/app.hpp"

#include <boost/system/system_error.hpp>
#include <unistd.h>

#include <chrono>
#include <cstdio>
#include <utility>

namespace kernd {

namespace {

/// The main thread's work while others serve: reloads and periodic health checks. Returns when the
/// daemon shall drain.
void control(app& daemon, stop_signals& signals) {
  using clock = std::chrono::steady_clock;
  const auto next_check = [&] {
    return clock::now() + daemon.configuration().health.check_interval;
  };
  for (auto check_at = next_check();;) {
    switch (signals.wait_until(check_at)) {
      case stop_signals::request::stop:
        return;
      case stop_signals::request::reload:
        daemon.reload();
        break;
      case stop_signals::request::none:
        daemon.check_health();
        check_at = next_check();
        break;
    }
  }
}

}  // namespace

cli::exit_code serve(loaded_config configuration, config_sources sources, stop_signals& signals) {
  app daemon{std::move(configuration), std::move(sources)};
  bool is_running = false;
  try {
    is_running = daemon.start(signals.stop_requested());
  } catch (const boost::system::system_error& refused) {
    const server_config& server = daemon.configuration().server;
    std::fprintf(stderr, "kernd: cannot listen on %s port %u: %s\n", server.host.c_str(),
                 static_cast<unsigned>(server.port), refused.code().message().c_str());
    return cli::exit_code::address_unavailable;
  }
  if (is_running) {
    std::fputs(daemon.banner().c_str(), stdout);
    std::fflush(stdout);
    control(daemon, signals);
  }
  if (daemon.drain()) return cli::exit_code::ok;
  _exit(static_cast<int>(cli::exit_code::drain_timed_out));
}

}  // namespace kernd
