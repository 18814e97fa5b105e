#include "kernd/log.hpp"

#include "log_line.hpp"

#include <poll.h>
#include <pthread.h>
#include <signal.h>
#include <spdlog/async_logger.h>
#include <spdlog/details/thread_pool.h>
#include <spdlog/sinks/sink.h>
#include <unistd.h>

#include <algorithm>
#include <atomic>
#include <cerrno>
#include <chrono>
#include <memory>
#include <new>
#include <string>
#include <thread>

namespace kernd {
namespace {

using clock = std::chrono::steady_clock;
using namespace std::chrono_literals;

/// Every slot is touched at the start, so this times about 400 bytes is resident.
constexpr std::size_t queue_slots = 1024;
/// How long an output that takes nothing may hold up a flush, and the end of the process.
constexpr auto patience = 1s;

/// Writes whole lines to a descriptor. Used by the writing thread only, but for the counters and
/// `give_up_at`.
class descriptor_sink final : public spdlog::sinks::sink {
 public:
  explicit descriptor_sink(int descriptor) : descriptor_{descriptor} {}

  void log(const spdlog::details::log_msg& line) override {
    // After a line that broke off, the next one starts on its own.
    const bool written =
        (!torn_ || write_all("\n")) && write_all({line.payload.data(), line.payload.size()});
    if (!written) lost_.fetch_add(1, std::memory_order_relaxed);
    // Release: whoever waits for this count sees what was written.
    taken_.fetch_add(1, std::memory_order_release);
  }
  void flush() override {}
  void set_pattern(const std::string&) override {}
  void set_formatter(std::unique_ptr<spdlog::formatter>) override {}

  /// From `time` on, lines that would have to wait for the output are lost.
  void give_up_at(clock::time_point time) noexcept {
    give_up_at_.store(time.time_since_epoch().count(), std::memory_order_relaxed);
  }
  /// Lines that went through `log`, those lost included.
  std::uint64_t taken() const noexcept { return taken_.load(std::memory_order_acquire); }
  std::uint64_t lost() const noexcept { return lost_.load(std::memory_order_relaxed); }

 private:
  bool write_all(std::string_view text) {
    bool started = false;
    while (!text.empty()) {
      if (!wait_writable()) break;
      // A pipe that is writable takes this much without blocking.
      const auto n = ::write(descriptor_, text.data(), std::min<std::size_t>(text.size(), 4096));
      if (n < 0 && (errno == EINTR || errno == EAGAIN)) continue;
      if (n < 0) break;
      started = true;
      text.remove_prefix(static_cast<std::size_t>(n));
    }
    torn_ = !text.empty() && (torn_ || started);
    return text.empty();
  }

  bool wait_writable() const {
    for (;;) {
      const clock::time_point end{clock::duration{give_up_at_.load(std::memory_order_relaxed)}};
      const bool last = clock::now() >= end;
      pollfd output{descriptor_, POLLOUT, 0};
      // In slices, because `give_up_at` may be called meanwhile. An error shows when writing.
      if (::poll(&output, 1, last ? 0 : 100) != 0) return true;
      if (last) return false;
    }
  }

  const int descriptor_;
  bool torn_ = false;
  std::atomic<std::uint64_t> taken_{0};
  std::atomic<std::uint64_t> lost_{0};
  std::atomic<clock::rep> give_up_at_{clock::duration::max().count()};
};

/// Signals are for the threads that wait for them, and a reader that went away is a lost line, not
/// a SIGPIPE that ends the process.
void prepare_writing_thread() {
  sigset_t all;  // but for a crash of this thread, which shall leave a trace
  sigfillset(&all);
  for (const int crash : {SIGSEGV, SIGBUS, SIGFPE, SIGILL, SIGABRT}) sigdelset(&all, crash);
  pthread_sigmask(SIG_BLOCK, &all, nullptr);
  pthread_setname_np(pthread_self(), "kernd-log");
}

}  // namespace

struct logger::implementation {
  implementation(log_level initial_level, log_format initial_format, int descriptor)
      : level{initial_level},
        format{initial_format},
        sink{std::make_shared<descriptor_sink>(descriptor)},
        pool{
            std::make_shared<spdlog::details::thread_pool>(queue_slots, 1, prepare_writing_thread)},
        queue{std::make_shared<spdlog::async_logger>(
            "", sink, pool, spdlog::async_overflow_policy::overrun_oldest)} {
    queue->set_level(spdlog::level::trace);
  }

  /// Lines that were pushed out of the full queue.
  std::uint64_t overrun() const { return pool->overrun_counter(); }

  std::atomic<log_level> level;
  std::atomic<log_format> format;
  std::atomic<std::uint64_t> queued{0};
  std::atomic<std::uint64_t> refused{0};  ///< There was no memory for them.
  std::shared_ptr<descriptor_sink> sink;
  std::shared_ptr<spdlog::details::thread_pool> pool;
  std::shared_ptr<spdlog::async_logger> queue;
};

logger::logger(log_level level, log_format format, int descriptor)
    : implementation_{std::make_unique<implementation>(level, format, descriptor)} {}

logger::~logger() {
  implementation_->sink->give_up_at(clock::now() + patience);
  // Each queued line holds the queue: join the writing thread, so that this one destroys it.
  implementation_->pool.reset();
}

bool logger::enabled(log_level level) const noexcept {
  return level >= implementation_->level.load(std::memory_order_relaxed);
}

void logger::write(log_level level, std::string_view message,
                   std::initializer_list<log_field> fields) noexcept {
  if (!enabled(level)) return;
  auto& self = *implementation_;
  try {
    const auto now = std::chrono::system_clock::now();
    const std::string line =
        log_line(self.format.load(std::memory_order_relaxed), level, now, message, fields);
    self.queued.fetch_add(1, std::memory_order_relaxed);
    self.queue->log(now, {}, spdlog::level::info, line);
  } catch (const std::bad_alloc&) {  // Often what was to be reported; it must not end the process.
    self.refused.fetch_add(1, std::memory_order_relaxed);
  }
}

void logger::set_level(log_level level) noexcept {
  implementation_->level.store(level, std::memory_order_relaxed);
}

void logger::set_format(log_format format) noexcept {
  implementation_->format.store(format, std::memory_order_relaxed);
}

std::uint64_t logger::dropped() const noexcept {
  const auto& self = *implementation_;
  return self.overrun() + self.sink->lost() + self.refused.load(std::memory_order_relaxed);
}

void logger::flush() noexcept {
  const auto& self = *implementation_;
  const std::uint64_t target = self.queued.load(std::memory_order_relaxed);
  const auto end = clock::now() + patience;
  while (self.sink->taken() + self.overrun() < target && clock::now() < end) {
    std::this_thread::sleep_for(1ms);
  }
}

}  // namespace kernd
