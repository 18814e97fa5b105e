#pragma once

#include "kernd/config.hpp"
#include "kernd/error.hpp"
#include "kernd/ring/actor.hpp"

#include <chrono>
#include <string_view>

namespace kernd {

/// Whether an actor of `kernel` can be launched so. The error names option and limit, and
/// has the option's place in the body of a launch: `/options/grid_size`.
result<void> check_launch(const ring_kernel& kernel, const launch_options& options);
/// What the state and the queues of such an actor take. Precondition: `check_launch`.
std::size_t launch_bytes(const ring_kernel& kernel, const launch_options& options);
/// Whether it may be an actor's id.
result<void> check_actor_id(std::string_view id);
/// How long to look for what another thread will do before sleeping: not at all on a single core,
/// where that thread needs the core to do it.
std::chrono::microseconds spin_time(const ring_config& config, unsigned cores);

}  // namespace kernd
