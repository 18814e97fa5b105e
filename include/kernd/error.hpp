#pragma once

#include <boost/system/result.hpp>

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

namespace kernd {

/// What went wrong, for programs. Each has exactly one HTTP status and one wire name
/// (`server/http/problem.cpp`).
enum class errc : std::uint8_t {
  bad_request,        ///< Framing or target of the HTTP request.
  invalid_json,       ///< The body is not JSON; the message holds the byte offset.
  invalid_request,    ///< JSON of the wrong shape around the kernel's input.
  invalid_input,      ///< A value inside the kernel's input; `error::invalid` says where.
  permission_denied,  ///< Not from here, or not from a browser.
  not_found,          ///< No such path.
  kernel_not_found,
  actor_not_found,
  unknown_message_type,  ///< No route for it.
  method_not_allowed,
  request_timeout,           ///< The client did not send its request in time.
  invalid_state_transition,  ///< The message names the states.
  actor_not_active,          ///< It would not answer.
  already_exists,
  reload_disabled,
  configuration_invalid,  ///< What the daemon was told to read again; the message holds all of it.
  restart_required,       ///< The message names the keys.
  actor_terminated,
  body_too_large,
  message_too_large,      ///< The payload of an actor's message.
  memory_limit_exceeded,  ///< One job wanted more than `limits.job_memory_bytes`.
  uri_too_long,
  unsupported_media_type,
  expectation_failed,
  ring_kernel_rest_unsupported,  ///< `ring.execute_over_rest` is off.
  upgrade_required,              ///< There are only WebSockets, of version 13.
  headers_too_large,
  queue_full,
  cancelled,          ///< The client went away; nobody reads the answer.
  execution_failed,   ///< The kernel threw or returned an error of its own.
  non_finite_output,  ///< The kernel produced NaN or an infinity.
  device_error,       ///< A device failed while it ran the job.
  internal_error,
  unsupported_transfer_encoding,
  service_unavailable,  ///< Starting or draining.
  backend_unavailable,
  connection_limit,
  memory_exhausted,   ///< The process is out of memory, or of its budget for bodies.
  execution_timeout,  ///< The deadline passed.
  http_version_not_supported,
  max_hops_exceeded,  ///< A message was forwarded too often.
};

/// Where a value was refused. `pointer` is an RFC 6901 JSON pointer into the request body.
struct invalid_value {
  std::string pointer;
  std::string expected;
  std::string found;
};

/// `message` is for people: it names the thing and the limit, and never holds internal detail.
struct error {
  errc code;
  std::string message;
  std::optional<invalid_value> invalid = std::nullopt;
  std::string internal = {};  ///< What only the log may know, such as the text of an exception.
};

/// Called by `result<T>::value()` when it holds an error. Throws `std::runtime_error`.
[[noreturn]] void throw_exception_from_error(const error& e, const boost::source_location& where);

/// `code` with the message `/x/17: number expected, found "abc"` and those three as its parts.
error refuse_value(errc code, std::string pointer, std::string expected, std::string found);

/// The error of a kernel's `validate`; `pointer` is relative to its input: `/y`.
inline error invalid_input(std::string pointer, std::string expected, std::string found) {
  return refuse_value(errc::invalid_input, std::move(pointer), std::move(expected),
                      std::move(found));
}

/// Puts `/name` before the pointer of `e`, when it has one. A `~` or `/` in it is escaped as RFC
/// 6901 says. For code that descends into documents and returns errors on the way up.
error within(std::string_view name, error e);
error within(std::size_t index, error e);

/// A value, or why there is none.
template <class T = void>
using result = boost::system::result<T, error>;

}  // namespace kernd
