#pragma once

#include "kernd/body_budget.hpp"
#include "kernd/cores.hpp"
#include "kernd/ring/clock.hpp"
#include "kernd/ring/dead_letters.hpp"
#include "kernd/ring/runtime.hpp"
#include "src/ring/actor_directory.hpp"
#include "src/ring/call_latency.hpp"
#include "src/ring/call_table.hpp"
#include "src/ring/dispatcher.hpp"
#include "src/ring/launch_rules.hpp"
#include "src/ring/message_ids.hpp"
#include "src/ring/turn_pool.hpp"
#include "src/ring/wall_clock.hpp"

#include <atomic>
#include <chrono>
#include <cstdint>
#include <map>
#include <span>
#include <string>
#include <string_view>

namespace kernd {

/// What the actors of one runtime share. Lives as long as the last of them.
struct ring_services {
  explicit ring_services(const ring_config& config, logger* log_of_failures = nullptr)
      : options{config},
        log{log_of_failures},
        spin{spin_time(config, usable_cores())},
        calls{config.call_table},
        dead_letters{config.dead_letters},
        memory{config.memory_bytes},
        pool{config.pool_threads} {}

  /// A message that could not be delivered: the call that waits for it ends with `why`; one that
  /// nobody waits for goes to the dead letters.
  void undeliverable(const message_header& header, std::span<const std::byte> payload,
                     dead_letter_reason reason, std::string_view actor_id, const error& why);
  void bury(const message_header& header, std::span<const std::byte> payload,
            dead_letter_reason reason, std::string_view actor_id);

  const ring_config options;
  logger* const log;  // may be null
  const std::chrono::microseconds spin;
  derived_wall_clock<> wall;
  hybrid_clock<> clock;
  message_ids ids;
  call_table calls;
  dead_letter_queue dead_letters;
  body_budget memory;  // of all actors
  actor_directory actors;
  dispatcher routes;
  std::map<const ring_kernel*, call_latency> latencies;  // guarded by the runtime's mutex
  std::atomic<std::uint64_t> late_replies{0};
  /// Whether actors are launched and messages taken from outside. What actors send each other is
  /// always taken.
  std::atomic<bool> admits{true};
  turn_pool pool;  // last: its threads use the others
};

}  // namespace kernd
