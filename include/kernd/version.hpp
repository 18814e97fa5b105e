#pragma once

#include <string_view>

namespace kernd {

/// Of the project: `0.1.0`.
std::string_view version() noexcept;
/// Abbreviated commit that was checked out when the build was configured, or `unknown`.
std::string_view revision() noexcept;

}  // namespace kernd
