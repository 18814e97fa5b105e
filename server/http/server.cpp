#include "server/http/server.hpp"

#include "kernd/cores.hpp"
#include "server/http/event_loop.hpp"
#include "server/http/listener.hpp"

#include <boost/asio/post.hpp>
#include <boost/system/system_error.hpp>

#include <algorithm>
#include <future>
#include <optional>
#include <thread>
#include <utility>
#include <vector>

namespace kernd::http {
namespace {

std::size_t loop_count(unsigned configured) {
  return configured != 0 ? configured : usable_cores();
}

}  // namespace

struct server::implementation {
  implementation(const router& routes, const server_config& options, const limits_config& limits,
                 body_budget& bodies, access_log* log, server_names names)
      : host{options.host},
        wanted_port{options.port},
        shared{routes,
               std::move(names.thread),
               {routes, loop_count(options.io_threads), std::move(names.metrics)},
               log,
               bodies,
               {},
               {},
               {}} {
    const auto initial = std::make_shared<const settings>(options, limits);
    for (std::size_t i = 0; i < loop_count(options.io_threads); ++i) {
      loops.push_back(std::make_unique<event_loop>(shared, i, initial));
    }
  }

  ~implementation() { stop(); }

  void stop() {
    for (const auto& loop : loops) loop->stop();
  }

  const std::string host;
  const std::uint16_t wanted_port;
  shared_state shared;
  std::vector<std::unique_ptr<event_loop>> loops;
  std::optional<listener> entrance;
  std::uint16_t bound_port = 0;
  bool is_running = false;
};

server::server(const router& routes, const server_config& options, const limits_config& limits,
               body_budget& bodies, access_log* log, server_names names)
    : implementation_{std::make_unique<implementation>(routes, options, limits, bodies, log,
                                                       std::move(names))} {}

server::~server() = default;

void server::start() {
  implementation& all = *implementation_;
  try {
    all.entrance.emplace(all.loops, all.host, all.wanted_port);
  } catch (const boost::system::system_error& refused) {
    throw listen_error{"cannot listen on " + all.host + " port " + std::to_string(all.wanted_port) +
                       ": " + refused.code().message()};
  }
  all.bound_port = all.entrance->port();
  all.entrance->accept();
  for (const auto& loop : all.loops) loop->start();
  all.is_running = true;
}

std::uint16_t server::port() const noexcept {
  return implementation_->bound_port;
}

void server::reconfigure(const server_config& options, const limits_config& limits) {
  const auto fresh = std::make_shared<const settings>(options, limits);
  for (const auto& loop : implementation_->loops) {
    boost::asio::post(loop->io(), [&target = *loop, fresh] { target.use(fresh); });
  }
}

void server::drain() {
  // Relaxed: nothing else is read because of it.
  implementation_->shared.draining.store(true, std::memory_order_relaxed);
}

void server::close_listener() {
  if (!implementation_->is_running) return;
  // Relaxed: the posts below order it before what they run.
  implementation_->shared.ends_idle.store(true, std::memory_order_relaxed);
  const auto closed = std::make_shared<std::promise<void>>();
  boost::asio::post(implementation_->loops.front()->io(), [this, closed] {
    implementation_->entrance->close();
    closed->set_value();
  });
  closed->get_future().wait_for(std::chrono::seconds{1});  // a stuck loop must not hold a drain
  for (const auto& loop : implementation_->loops) {
    boost::asio::post(loop->io(), [&target = *loop] { target.end_idle(); });
  }
}

bool server::wait_closed(std::chrono::milliseconds timeout) {
  return implementation_->shared.census.wait_finished(timeout);
}

void server::stop() {
  implementation_->stop();
}

bool server::loops_alive(std::chrono::milliseconds limit,
                         std::chrono::steady_clock::time_point now) const {
  const auto& loops = implementation_->loops;
  return std::all_of(loops.begin(), loops.end(),
                     [&](const auto& loop) { return loop->is_alive(limit, now); });
}

const metrics& server::http_metrics() const noexcept {
  return implementation_->shared.counts;
}

}  // namespace kernd::http
