#pragma once

#include "kernd/exposition.hpp"

#include <chrono>
#include <condition_variable>
#include <mutex>
#include <optional>
#include <stop_token>
#include <thread>

namespace kernd {

/// CPU, memory, descriptors, threads and start time of this process, by the Prometheus conventions:
/// a source of `exposition`. Reading them walks `/proc`, which a thread of its own does every
/// `interval`; a scrape shows what it found last. A figure that the system does not tell is left
/// out.
class process_metrics {
 public:
  /// What is shown is at most about this old.
  static constexpr std::chrono::seconds interval{1};

  /// Reads once, then starts the thread. Throws `std::system_error`.
  process_metrics();

  /// Reads now. Any thread but an I/O thread.
  void refresh();

  /// Any thread; does not read.
  void collect(metric_families& out) const;

 private:
  struct figures {
    std::optional<double> cpu_seconds;
    std::optional<double> threads;
    std::optional<double> virtual_bytes;
    std::optional<double> resident_bytes;
    std::optional<double> start_seconds;  ///< Since the epoch.
    std::optional<double> open_descriptors;
    std::optional<double> max_descriptors;
  };

  static figures read();
  void run(const std::stop_token& ending);

  mutable std::mutex mutex_;  // guards figures_
  std::condition_variable_any wake_;
  figures figures_;
  std::jthread thread_;  // last: uses the others
};

}  // namespace kernd
