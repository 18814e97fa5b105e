#pragma once

#include <span>
#include <string>
#include <string_view>

namespace kernd {

/// The candidate closest to `name` without regard to case, when it is close enough to be a slip of
/// the fingers: a third of its letters changed, missing, doubled or swapped. Empty when none is.
std::string_view closest_name(std::string_view name, std::span<const std::string_view> candidates);

/// "; did you mean `x`?" for the end of a message, or nothing.
std::string did_you_mean(std::string_view name, std::span<const std::string_view> candidates);

}  // namespace kernd
