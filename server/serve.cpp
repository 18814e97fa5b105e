#include "server/serve.hpp"

#include "server/app.hpp"

#include <unistd.h>

#include <cstdio>
#include <utility>

namespace kernd {

namespace {

/// The main thread's work while others serve. Returns when the daemon shall end.
void control(app& daemon, stop_signals& signals) {
  for (;;) {
    switch (signals.wait_until(daemon.next_duty())) {
      case stop_signals::request::stop:
        return;
      case stop_signals::request::reload:
        static_cast<void>(daemon.reload());  // the log says what became of it
        break;
      case stop_signals::request::call:
        daemon.serve_desk();
        break;
      case stop_signals::request::none:
        daemon.do_duties();
        break;
    }
  }
}

}  // namespace

cli::exit_code serve(loaded_config configuration, config_sources sources, stop_signals& signals) {
  app daemon{std::move(configuration), std::move(sources), [&signals] { signals.call(); }};
  bool is_running = false;
  try {
    is_running = daemon.start(signals.stop_requested());
  } catch (const http::listen_error& refused) {
    std::fprintf(stderr, "kernd: %s\n", refused.what());
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
