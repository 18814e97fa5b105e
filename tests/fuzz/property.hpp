#pragma once

#include <cstdlib>
#include <iostream>
#include <string_view>

namespace kernd::fuzz {

/// Ends the process as a finding, in every build type: `what` is the property that does not hold,
/// `seen` what was seen instead.
inline void require(bool holds, std::string_view what, std::string_view seen = {}) {
  if (holds) return;
  std::cerr << "property does not hold: " << what << '\n' << seen << std::endl;
  std::abort();
}

}  // namespace kernd::fuzz
