#pragma once

namespace kernd {

/// Cores that this process may use: what `0` means for numbers of threads. Looks at the affinity
/// mask, so that `taskset` and cpusets count. At least 1.
unsigned usable_cores() noexcept;

}  // namespace kernd
