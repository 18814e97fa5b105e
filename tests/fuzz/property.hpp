#pragma once

#include <cstdio>
#include <cstdlib>
#include <string>
#include <string_view>

namespace kernd::fuzz {

/// Ends the process as a finding, in every build type: `what` is the property that does not hold,
/// `seen` what was seen instead.
inline void require(bool holds, std::string_view what, std::string_view seen = {}) {
  if (holds) return;
  std::fprintf(stderr, "property does not hold: %.*s\n%.*s\n", static_cast<int>(what.size()),
               what.data(), static_cast<int>(seen.size()), seen.data());
  std::abort();
}

}  // namespace kernd::fuzz
