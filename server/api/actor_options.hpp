#pragma once

#include "kernd/config.hpp"
#include "kernd/error.hpp"
#include "kernd/ring/actor.hpp"

#include <string>
#include <string_view>

namespace kernd::api {

/// The body of a launch: `{"kernel_id", "actor_id"?, "options"?}`.
struct launch_request {
  std::string kernel_id;
  std::string actor_id;  ///< Empty: the runtime's choice.
  launch_options options;
};

/// Reads types and names; what the numbers may be is the runtime's. Errors: `invalid_json`,
/// `invalid_request` with a pointer, `backend_unavailable`.
result<launch_request> read_launch(std::string_view body, const ring_config& defaults);

std::string_view name_of(actor_mode m) noexcept;
std::string_view name_of(overflow_policy p) noexcept;
std::string_view name_of(restart_policy p) noexcept;

}  // namespace kernd::api
