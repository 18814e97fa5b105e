#pragma once

#include "kernd/error.hpp"
#include "server/http/response.hpp"

#include <cstddef>
#include <span>
#include <string_view>

namespace kernd::http {

/// What clients see of an `errc`.
struct problem_kind {
  errc value;
  unsigned status;
  std::string_view code;   ///< `KERNEL_NOT_FOUND`
  std::string_view title;  ///< `Kernel not found`
};

/// How many there are.
inline constexpr std::size_t problem_count = 41;

/// The one table, in the order of `errc`: every one has exactly one row.
std::span<const problem_kind, problem_count> problem_kinds() noexcept;
const problem_kind& describe(errc value);

/// `e` as a problem document (RFC 9457): title, status, code, message, request_id unless it is
/// empty and, for an invalid value, `details` {pointer, expected, actual}.
text_buffer problem_body(const error& e, std::string_view request_id);

/// That as the answer to a request, which has an id. 429 and 503 get `Retry-After`.
response problem(const error& e, std::string_view request_id);

}  // namespace kernd::http
