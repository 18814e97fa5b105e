#pragma once

#include "kernd/error.hpp"
#include "kernd/ring/actor.hpp"

#include <string_view>

namespace kernd {

/// Whether an actor of `kernel` can be launched so. The error names option and limit.
result<void> check_launch(const ring_kernel& kernel, const launch_options& options);
/// Whether it may be an actor's id.
result<void> check_actor_id(std::string_view id);

}  // namespace kernd
