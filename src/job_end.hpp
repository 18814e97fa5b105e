#pragma once

#include "kernd/error.hpp"
#include "kernd/job.hpp"

#include <chrono>
#include <type_traits>
#include <utility>
#include <variant>

namespace kernd {

/// The error of a job that has no result `allowed` after its first byte.
error timeout_error(std::chrono::nanoseconds allowed);
error cancelled_error();

/// How a job ended on its worker. Not a result: to look at the error of one is to copy it, which
/// fails when memory is out, and that must not happen to a job that has just failed for that
/// reason.
using job_end = std::variant<job_output, error>;
static_assert(std::is_nothrow_move_constructible_v<job_end>);
static_assert(std::is_nothrow_move_assignable_v<job_end>);

inline result<job_output> to_result(job_end&& end) noexcept {
  if (auto* const failure = std::get_if<error>(&end)) return std::move(*failure);
  return std::move(*std::get_if<job_output>(&end));
}

}  // namespace kernd
