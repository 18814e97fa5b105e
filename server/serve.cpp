#include "server/serve.hpp"

#include "server/app.hpp"

#include <boost/asio/io_context.hpp>
#include <boost/asio/signal_set.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/system/system_error.hpp>
#include <signal.h>
#include <unistd.h>

#include <cstdio>
#include <exception>

namespace kernd {

namespace {

namespace asio = boost::asio;

/// The main thread's loop: signals and the periodic health check.
class control_loop {
 public:
  explicit control_loop(app& daemon)
      : daemon_{daemon}, signals_{io_, SIGTERM, SIGINT, SIGHUP}, health_timer_{io_} {}

  /// Returns when the daemon shall drain.
  void run() {
    wait_for_signal();
    wait_for_check();
    io_.run();
  }

 private:
  void wait_for_signal() {
    signals_.async_wait([this](const boost::system::error_code& failure, int signal) {
      if (failure) return;
      if (signal == SIGHUP) {
        daemon_.reload();
        wait_for_signal();
      } else {
        io_.stop();
      }
    });
  }

  void wait_for_check() {
    health_timer_.expires_after(daemon_.configuration().health.check_interval);
    health_timer_.async_wait([this](const boost::system::error_code& failure) {
      if (failure) return;
      daemon_.check_health();
      wait_for_check();
    });
  }

  app& daemon_;
  asio::io_context io_{1};
  asio::signal_set signals_;
  asio::steady_timer health_timer_;
};

void handle(int signal, void (*handler)(int)) {
  struct sigaction action {};
  action.sa_handler = handler;
  sigaction(signal, &action, nullptr);
}

/// While the main thread drains nothing else looks at signals, so the handlers do it themselves.
void exit_on_second_signal() {
  for (const int signal : {SIGTERM, SIGINT}) {
    handle(signal, [](int received) { _exit(128 + received); });
  }
  handle(SIGHUP, SIG_IGN);
}

}  // namespace

cli::exit_code serve(loaded_config configuration, config_sources sources) {
  handle(SIGPIPE, SIG_IGN);
  app daemon{std::move(configuration), std::move(sources)};
  {
    // Watches signals before the first request can arrive.
    control_loop control{daemon};
    try {
      daemon.start();
    } catch (const boost::system::system_error& refused) {
      const server_config& server = daemon.configuration().server;
      std::fprintf(stderr, "kernd: cannot listen on %s port %u: %s\n", server.host.c_str(),
                   static_cast<unsigned>(server.port), refused.code().message().c_str());
      return cli::exit_code::address_unavailable;
    }
    std::fputs(daemon.banner().c_str(), stdout);
    std::fflush(stdout);
    control.run();
  }
  exit_on_second_signal();
  if (daemon.drain()) return cli::exit_code::ok;
  _exit(static_cast<int>(cli::exit_code::drain_timed_out));
}

}  // namespace kernd
