#include "server/http/event_loop.hpp"

#include "kernd/crash_trace.hpp"

#include <boost/asio/executor_work_guard.hpp>
#include <pthread.h>

#include <ctime>
#include <exception>
#include <string>

namespace kernd::http {
namespace {

constexpr std::chrono::milliseconds beat_interval{500};

}  // namespace

event_loop::event_loop(shared_state& shared, std::size_t index,
                       std::shared_ptr<const settings> initial)
    : shared_{shared},
      counts_{shared.counts.of_loop(index)},
      index_{index},
      settings_{std::move(initial)} {}

event_loop::~event_loop() {
  stop();
}

void event_loop::start() {
  beat();
  thread_ = std::thread{[this] {
    pthread_setname_np(pthread_self(),
                       (shared_.thread_name + "-" + std::to_string(index_)).c_str());
    const crash_stack room;
    const auto work = boost::asio::make_work_guard(io_);
    run();
  }};
}

void event_loop::run() {
  for (bool has_failed = false;;) {
    try {
      if (has_failed) deadlines_.resume();
      has_failed = false;
      io_.run();
      return;
    } catch (const std::exception&) {
      // Out of memory between connections, or in what the system calls for one. Unwinding drops
      // what the operation held; all others go on.
      has_failed = true;
    }
  }
}

void event_loop::stop() {
  io_.stop();
  if (thread_.joinable()) thread_.join();
}

bool event_loop::is_alive(std::chrono::milliseconds limit,
                          std::chrono::steady_clock::time_point now) const noexcept {
  // Relaxed: the time itself is all that is read.
  const std::chrono::steady_clock::duration last{last_beat_.load(std::memory_order_relaxed)};
  return now.time_since_epoch() - last <= limit;
}

std::string_view event_loop::date() {
  return dates_.at(std::time(nullptr));
}

void event_loop::end_idle() {
  for (auto member = members_.begin(); member != members_.end();) (member++)->go_away();
}

void event_loop::beat() {
  last_beat_.store(std::chrono::steady_clock::now().time_since_epoch().count(),
                   std::memory_order_relaxed);
  deadlines_.arm(heartbeat_, beat_interval);
}

}  // namespace kernd::http
