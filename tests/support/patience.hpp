#pragma once

#include <chrono>

namespace kernd::test {

/// How long tests wait for what must come. Only a failure takes as long.
inline constexpr std::chrono::seconds patience{60};

}  // namespace kernd::test
