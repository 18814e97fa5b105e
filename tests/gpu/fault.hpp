#pragma once

namespace kernd::gpu::test {

/// Has a kernel write where no memory is, so that nothing runs on the device any more in this
/// process. False: the device did not answer so.
bool fault_on(int device);

}  // namespace kernd::gpu::test
