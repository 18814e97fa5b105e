#pragma once

#include "kernd/config_loader.hpp"
#include "kernd/error.hpp"
#include "kernd/exposition.hpp"

#include <atomic>
#include <chrono>
#include <cstdint>
#include <memory>
#include <mutex>
#include <string_view>
#include <vector>

namespace kernd {

/// What a reload did.
struct reload_report {
  std::uint64_t revision;                 ///< Of the configuration that is in force now.
  std::vector<std::string_view> changed;  ///< Keys; empty when every value is as it was.
};

/// The configuration in force, and where it is read from again. One thread reloads; any thread
/// reads.
class live_config {
 public:
  /// A configuration as one load gave it. Immutable.
  struct state {
    loaded_config loaded;
    std::uint64_t revision;  ///< 1 at the start, one more with each successful reload.
    std::chrono::system_clock::time_point loaded_at;
  };

  /// `sources` are kept for reloads.
  live_config(loaded_config initial, config_sources sources);

  [[nodiscard]] std::shared_ptr<const state> current() const;
  /// For the thread that reloads alone; valid until it does so.
  [[nodiscard]] const config& values() const noexcept { return current_->loaded.values; }

  /// Reads the sources again; blocks on the file. All of it is in force afterwards or, with an
  /// error, nothing has changed. Errors: `reload_disabled`; `configuration_invalid` with all that
  /// is wrong; `restart_required` with the keys that differ and cannot be reloaded.
  result<reload_report> reload();

  /// `kernd_config_revision`, and how the last attempt went.
  void collect(metric_families& out) const;

 private:
  result<reload_report> load_again();

  const config_sources sources_;
  mutable std::mutex mutex_;  // guards writing current_, and reading it on other threads
  std::shared_ptr<const state> current_;
  std::atomic<bool> last_succeeded_{true};  // relaxed: a statistic
};

}  // namespace kernd
