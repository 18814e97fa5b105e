#pragma once

#include "kernd/error.hpp"

#include <cstddef>
#include <optional>
#include <string_view>

namespace kernd {

/// Why `text` is not JSON (RFC 8259, in valid UTF-8, nested at most `max_depth` deep), with the
/// offset of the first byte that cannot stand where it stands; nothing when it is. Numbers of any
/// size are JSON.
std::optional<error> find_syntax_error(std::string_view text, std::size_t max_depth);

}  // namespace kernd
