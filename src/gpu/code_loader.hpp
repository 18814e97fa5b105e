#pragma once

namespace kernd::gpu {

/// Loads the device code of the `.cu` file that `function`, a `__global__` one, is from, all of it:
/// otherwise CUDA loads each function when it is first launched, for which it may wait until the
/// device is idle. A failure goes to the log: then the first launch still loads.
void load_code_beside(const void* function) noexcept;

}  // namespace kernd::gpu
