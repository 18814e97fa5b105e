#pragma once

#include "kernd/registry.hpp"
#include "kernd/ring/actor.hpp"
#include "kernd/ring/dead_letters.hpp"
#include "kernd/text_buffer.hpp"

#include <nlohmann/json_fwd.hpp>

#include <cstddef>
#include <cstdint>
#include <span>
#include <string_view>

namespace kernd::api {

/// What a client sees of an actor. `ring` is its kernel's entry.
nlohmann::ordered_json actor_document(const actor_status& status, const ring_entry& ring);

/// Appends the members of a message that an actor has emitted, without braces:
/// `"message_id":"1","type":510,"name":"trade","timestamp":"…","payload":{…}`. Error: as
/// `codec::encode`, and `internal_error` for a type that `ring` does not know. Throws
/// `memory_limit_error`.
result<void> append_message(text_buffer& out, const message_header& header,
                            std::span<const std::byte> payload, const ring_entry& ring);

/// A dead letter; its payload is decoded when `ring`, its receiver's kernel, is known.
result<void> append_dead_letter(text_buffer& out, const dead_letter& letter,
                                const ring_entry* ring);

/// `"message_id":"1"`: as text, since readers that hold numbers as doubles would round it.
void append_message_id(text_buffer& out, std::uint64_t id);
/// A number as JSON writes it.
void append_integer(text_buffer& out, std::uint64_t value);
/// A point in time as RFC 3339 writes it, in microseconds and UTC, with quotes.
void append_time(text_buffer& out, std::chrono::sys_time<std::chrono::microseconds> time);

}  // namespace kernd::api
