#pragma once

#include "kernd/arena.hpp"
#include "kernd/codec.hpp"
#include "kernd/error.hpp"
#include "kernd/execute_body.hpp"
#include "kernd/ring/outbox.hpp"

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <optional>
#include <span>
#include <string>
#include <string_view>

namespace kernd {

/// A message type as a receiver knows it.
struct message_choice {
  std::uint32_t type_id;
  const codec* payload;
};

/// What a client sends an actor, decoded:
/// `{"type": 500 | "submit_order", "payload": {…}, "priority"?, "deadline_ms"?, "timeout_ms"?,
/// "source"?}`.
struct message_body {
  std::uint32_t type = 0;
  std::span<const std::byte> payload;  ///< In the arena.
  std::optional<message_priority> priority;
  std::optional<std::chrono::milliseconds> deadline;
  std::optional<std::chrono::milliseconds> timeout;
  std::optional<std::string> source;  ///< Id of the actor that it is said to come from.
};

/// How a body names things.
struct message_form {
  std::string_view type_member = "type";  ///< Or `type_id`, which takes numbers alone.
  bool has_source = false;
  bool has_timeout = true;                ///< `timeout_ms`: somebody waits for a reply.
  std::chrono::milliseconds max_time{0};  ///< Of `deadline_ms` and `timeout_ms`.
  /// Which codec the type has; its error is the answer.
  std::function<result<message_choice>(std::uint32_t)> by_id;
  std::function<result<message_choice>(std::string_view)> by_name;  ///< Empty: none.
};

/// Decodes a whole body; a payload that is absent counts as `{}`. `body` has `text_buffer::padding`
/// readable bytes after its text.
///
/// Errors: `invalid_json`, `invalid_request`, `invalid_input`, with pointers that start at the
/// body's root, and those of `by_id` and `by_name`. Throws `memory_limit_error`, `std::bad_alloc`.
result<message_body> decode_message_body(json_reader& reader, const text_buffer& body,
                                         const message_form& form, arena& memory);

/// `low`, `normal`, `high` or `critical`; empty otherwise.
std::optional<message_priority> priority_named(std::string_view name) noexcept;
std::string_view name_of(message_priority p) noexcept;

}  // namespace kernd
