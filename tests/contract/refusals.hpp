#pragma once

#include "kernd/kernel.hpp"

#include <string>
#include <vector>

namespace kernd::test {

/// A member's value, as JSON, that the rules of its field or its type forbid.
struct forbidden {
  std::string member;
  std::string value;
  std::string pointer;     ///< From the input on: `/spot/1`.
  std::string dtype = {};  ///< What the input's `dtype` must be for it; empty: whatever it is.
};

/// For every member of the kernel's input: values just beyond each bound that its field declares,
/// beyond its type, of no enumerator, of too few elements, of no shape and of no graph.
std::vector<forbidden> forbidden_values(const kernel& kernel);

/// Values on the bounds themselves, which are allowed: `pointer` is that of the member.
std::vector<forbidden> extreme_values(const kernel& kernel);

}  // namespace kernd::test
