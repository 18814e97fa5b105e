#pragma once

/// Marks a function that host and device code share; nothing to a compiler without CUDA.
#ifdef __CUDACC__
#define KERND_HOST_DEVICE __host__ __device__
#else
#define KERND_HOST_DEVICE
#endif
