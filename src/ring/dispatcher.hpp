#pragma once

#include "kernd/ring/runtime.hpp"

#include <cstdint>
#include <map>
#include <mutex>
#include <optional>
#include <shared_mutex>
#include <string>
#include <utility>
#include <vector>

namespace kernd {

/// Which actor gets the messages of a type that are sent to nobody in particular, and what became
/// of them. Any thread.
class dispatcher {
 public:
  std::optional<std::string> set(std::uint32_t type, std::string actor_id);
  bool remove(std::uint32_t type);
  std::optional<std::string> find(std::uint32_t type) const;
  std::vector<std::pair<std::uint32_t, std::string>> all() const;

  /// What becomes of one that has just been dispatched.
  void count(std::uint64_t dispatch_metrics::*outcome);
  /// What became of one that was pending.
  void settle(std::uint64_t dispatch_metrics::*outcome);
  dispatch_metrics counted() const;
  void reset();

 private:
  mutable std::shared_mutex routes_mutex_;
  std::map<std::uint32_t, std::string> routes_;  // guarded by it
  mutable std::mutex counters_mutex_;
  dispatch_metrics counters_;  // guarded by it
};

}  // namespace kernd
