#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <string_view>

namespace kernd::http {

enum class stream_kind : std::uint8_t { events, web_socket };
/// As metrics call them.
inline constexpr std::array<std::string_view, 2> stream_kinds = {"events", "websocket"};

/// Why a stream ended.
enum class stream_end : std::uint8_t {
  done,           ///< The route's handler was done.
  failure,        ///< The handler failed.
  client_left,    ///< The client closed, or its connection broke.
  slow_client,    ///< The client took nothing for `limits.write_timeout`.
  silent_client,  ///< The client did not answer a ping within half of `limits.idle_timeout`.
  misuse,         ///< The client sent what it must not.
  no_memory,      ///< The budget for bodies had no room for a message.
  drain,          ///< The server stops.
};
/// As metrics call them.
inline constexpr std::array<std::string_view, 8> stream_ends = {
    "done",          "failure", "client_left", "slow_client",
    "silent_client", "misuse",  "no_memory",   "drain"};

}  // namespace kernd::http
