#pragma once

#include <string>
#include <string_view>

namespace kernd::fuzz {

/// How long each repetition becomes: longer than what the codec calls a long array, than every
/// buffer of a connection, and than any stack of nested things should be.
inline constexpr std::size_t repeated_bytes = 70'000;

/// `text` with what stands between two backticks repeated as often as it fits `repeated_bytes`, so
/// that short inputs, which are what a fuzzer is good at, make long texts. Only the first three
/// pairs of backticks count; what is empty or has no second backtick stays as it is.
std::string with_repeats(std::string_view text);

}  // namespace kernd::fuzz
