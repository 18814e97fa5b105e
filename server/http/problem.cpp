#include "server/http/problem.hpp"

#include <array>
#include <cassert>
#include <string>

namespace kernd::http {
namespace {

constexpr std::array<problem_kind, problem_count> kinds = {{
    {errc::bad_request, 400, "BAD_REQUEST", "Bad request"},
    {errc::invalid_json, 400, "INVALID_JSON", "Invalid JSON"},
    {errc::invalid_request, 400, "INVALID_REQUEST", "Invalid request"},
    {errc::invalid_input, 400, "INVALID_INPUT", "Invalid input"},
    {errc::permission_denied, 403, "PERMISSION_DENIED", "Permission denied"},
    {errc::not_found, 404, "NOT_FOUND", "Not found"},
    {errc::kernel_not_found, 404, "KERNEL_NOT_FOUND", "Kernel not found"},
    {errc::actor_not_found, 404, "ACTOR_NOT_FOUND", "Actor not found"},
    {errc::unknown_message_type, 404, "UNKNOWN_MESSAGE_TYPE", "Unknown message type"},
    {errc::method_not_allowed, 405, "METHOD_NOT_ALLOWED", "Method not allowed"},
    {errc::request_timeout, 408, "REQUEST_TIMEOUT", "Request timeout"},
    {errc::invalid_state_transition, 409, "INVALID_STATE_TRANSITION", "Invalid state transition"},
    {errc::actor_not_active, 409, "ACTOR_NOT_ACTIVE", "Actor not active"},
    {errc::already_exists, 409, "ALREADY_EXISTS", "Already exists"},
    {errc::reload_disabled, 409, "RELOAD_DISABLED", "Reload disabled"},
    {errc::configuration_invalid, 409, "CONFIGURATION_INVALID", "Configuration invalid"},
    {errc::restart_required, 409, "RESTART_REQUIRED", "Restart required"},
    {errc::actor_terminated, 410, "ACTOR_TERMINATED", "Actor terminated"},
    {errc::body_too_large, 413, "BODY_TOO_LARGE", "Body too large"},
    {errc::message_too_large, 413, "MESSAGE_TOO_LARGE", "Message too large"},
    {errc::memory_limit_exceeded, 413, "MEMORY_LIMIT_EXCEEDED", "Memory limit exceeded"},
    {errc::uri_too_long, 414, "URI_TOO_LONG", "URI too long"},
    {errc::unsupported_media_type, 415, "UNSUPPORTED_MEDIA_TYPE", "Unsupported media type"},
    {errc::expectation_failed, 417, "EXPECTATION_FAILED", "Expectation failed"},
    {errc::ring_kernel_rest_unsupported, 422, "RING_KERNEL_REST_UNSUPPORTED",
     "Ring kernel not executable over REST"},
    {errc::upgrade_required, 426, "UPGRADE_REQUIRED", "Upgrade required"},
    {errc::headers_too_large, 431, "HEADERS_TOO_LARGE", "Headers too large"},
    {errc::queue_full, 429, "QUEUE_FULL", "Queue full"},
    {errc::cancelled, 499, "CLIENT_CLOSED_REQUEST", "Client closed request"},
    {errc::execution_failed, 500, "EXECUTION_FAILED", "Execution failed"},
    {errc::non_finite_output, 500, "NON_FINITE_OUTPUT", "Non-finite output"},
    {errc::device_error, 500, "DEVICE_ERROR", "Device error"},
    {errc::internal_error, 500, "INTERNAL_ERROR", "Internal error"},
    {errc::unsupported_transfer_encoding, 501, "UNSUPPORTED_TRANSFER_ENCODING",
     "Unsupported transfer encoding"},
    {errc::service_unavailable, 503, "SERVICE_UNAVAILABLE", "Service unavailable"},
    {errc::backend_unavailable, 503, "BACKEND_UNAVAILABLE", "Backend unavailable"},
    {errc::connection_limit, 503, "CONNECTION_LIMIT", "Connection limit reached"},
    {errc::memory_exhausted, 503, "MEMORY_EXHAUSTED", "Memory exhausted"},
    {errc::execution_timeout, 504, "EXECUTION_TIMEOUT", "Execution timeout"},
    {errc::http_version_not_supported, 505, "HTTP_VERSION_NOT_SUPPORTED",
     "HTTP version not supported"},
    {errc::max_hops_exceeded, 508, "MAX_HOPS_EXCEEDED", "Maximum hops exceeded"},
}};

constexpr bool rows_match_their_errc() {
  for (std::size_t i = 0; i < kinds.size(); ++i) {
    if (static_cast<std::size_t>(kinds[i].value) != i) return false;
  }
  return kinds.back().value == errc::max_hops_exceeded;
}
static_assert(rows_match_their_errc());

}  // namespace

std::span<const problem_kind, problem_count> problem_kinds() noexcept {
  return kinds;
}

const problem_kind& describe(errc value) {
  const auto row = static_cast<std::size_t>(value);
  assert(row < kinds.size());
  return kinds[row];
}

text_buffer problem_body(const error& e, std::string_view request_id) {
  const problem_kind& kind = describe(e.code);
  // Written by hand: a document needs memory even to be destroyed, and ends the process without.
  text_buffer body;
  const auto member = [&body](std::string_view before, std::string_view value) {
    body.append(before);
    append_quoted(body, value);
  };
  member(R"({"title":)", kind.title);
  body.append(R"(,"status":)");
  body.append(std::to_string(kind.status));
  member(R"(,"code":)", kind.code);
  member(R"(,"message":)", e.message);
  if (!request_id.empty()) member(R"(,"request_id":)", request_id);
  if (e.invalid) {
    member(R"(,"details":{"pointer":)", e.invalid->pointer);
    member(R"(,"expected":)", e.invalid->expected);
    member(R"(,"actual":)", e.invalid->found);
    body.push_back('}');
  }
  body.push_back('}');
  return body;
}

response problem(const error& e, std::string_view request_id) {
  const problem_kind& kind = describe(e.code);
  response answer;
  answer.status = kind.status;
  answer.body[0] = problem_body(e, request_id);
  answer.content_type = "application/problem+json";
  answer.code = kind.code;
  answer.internal = e.internal;
  if (kind.status == 429 || kind.status == 503) answer.headers.emplace_back("Retry-After", "1");
  return answer;
}

}  // namespace kernd::http
