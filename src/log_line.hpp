#pragma once

#include "kernd/log.hpp"

#include <chrono>
#include <cstddef>
#include <span>
#include <string>
#include <string_view>

namespace kernd {

/// A message or value longer than this is cut, and ends in `…`.
inline constexpr std::size_t max_log_value_bytes = 2048;

/// One line, newline included. Whatever bytes the message and the fields hold, a JSON line is one
/// valid JSON object, and no line holds a control character.
std::string log_line(log_format format, log_level level, std::chrono::system_clock::time_point time,
                     std::string_view message, std::span<const log_field> fields);

}  // namespace kernd
