#pragma once

#include "tests/support/random_words.hpp"

#include <string>
#include <string_view>
#include <vector>

namespace kernd::test {

/// Inputs of a shipped kernel, as JSON, that each of its `parallel_for` loops cuts into many
/// ranges. None when nobody has written them yet.
std::vector<std::string> large_inputs(std::string_view kernel, random_words& words);

}  // namespace kernd::test
