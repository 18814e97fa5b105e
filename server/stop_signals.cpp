#include "server/stop_signals.hpp"

#include <pthread.h>
#include <unistd.h>

#include <utility>

namespace kernd {

namespace {

sigset_t watched() {
  sigset_t set;
  sigemptyset(&set);
  for (const int signal : {SIGTERM, SIGINT, SIGHUP}) sigaddset(&set, signal);
  return set;
}

}  // namespace

held_signals::held_signals() {
  const sigset_t set = watched();
  pthread_sigmask(SIG_BLOCK, &set, &before_);
  std::signal(SIGPIPE, SIG_IGN);
}

void held_signals::release() {
  std::signal(SIGPIPE, SIG_DFL);
  pthread_sigmask(SIG_SETMASK, &before_, nullptr);
}

stop_signals::stop_signals(const held_signals&) : thread_{[this] { receive(); }} {}

stop_signals::~stop_signals() {
  ending_.store(true, std::memory_order_relaxed);
  pthread_kill(thread_.native_handle(), SIGHUP);  // wakes it, and no other thread
  thread_.join();
}

void stop_signals::receive() {
  pthread_setname_np(pthread_self(), "kernd-signals");
  const sigset_t set = watched();
  for (;;) {
    int signal = 0;
    if (sigwait(&set, &signal) != 0) continue;
    if (ending_.load(std::memory_order_relaxed)) return;
    {
      const std::lock_guard lock{mutex_};
      if (signal == SIGHUP) {
        reload_ = true;
      } else if (stop_.exchange(true, std::memory_order_relaxed)) {
        _exit(128 + signal);
      }
    }
    changed_.notify_all();
  }
}

void stop_signals::call() {
  {
    const std::lock_guard lock{mutex_};
    call_ = true;
  }
  changed_.notify_all();
}

stop_signals::request stop_signals::wait_until(std::chrono::steady_clock::time_point end) {
  std::unique_lock lock{mutex_};
  changed_.wait_until(lock, end,
                      [this] { return reload_ || call_ || stop_.load(std::memory_order_relaxed); });
  if (stop_.load(std::memory_order_relaxed)) return request::stop;
  if (std::exchange(reload_, false)) return request::reload;
  return std::exchange(call_, false) ? request::call : request::none;
}

}  // namespace kernd
