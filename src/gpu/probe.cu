#include "kernd/gpu/blas.hpp"
#include "kernd/gpu/transforms.hpp"
#include "src/gpu/device.hpp"

#include <array>
#include <cstddef>
#include <string>

namespace kernd::gpu {

namespace {

constexpr unsigned probe_size = 256;

__device__ __host__ unsigned probe_value(unsigned i) {
  return i * 2654435761U + 12345U;
}

__global__ void probe(unsigned* into) {
  into[threadIdx.x] = probe_value(threadIdx.x);
}

/// Of a job that needs nothing of the daemon.
constexpr job_terms probe_terms{
    .owner = nullptr,
    .allocate = [](void*, std::size_t) noexcept -> void* { return nullptr; },
    .reserve = [](void*, std::size_t) noexcept { return true; },
    .is_stopped = [](void*) noexcept { return false; },
    .priority = 5};

template <class T, std::size_t N>
array<T> view(std::array<T, N>& values) {
  return {values.data(), N};
}

void expect(bool is_right, const char* what) {
  if (is_right) return;
  throw cuda_error{std::string{"the device computes wrong numbers: "} + what, false};
}

/// What is queued for the device, and the answers it shall write.
struct probe_job {
  std::array<unsigned, probe_size> values{};
  std::array<float, 4> product{};
  std::array<double2, 2> spectrum{};

  void queue(context& job) {
    std::array<float, 4> matrix{1, 2, 3, 4};
    std::array<double2, 2> impulse{double2{1, 0}, double2{0, 0}};

    auto written = job.device<unsigned>(probe_size);
    probe<<<1, probe_size, 0, job.stream().get()>>>(written.data());
    check(cudaGetLastError(), "probe");
    job.download(written, view(values));

    const auto factor = job.upload(view(matrix));
    auto squared = job.device<float>(matrix.size());
    const blas::operand operand{factor.data(), 2, false};
    job.blas().multiply(job, 2, 2, 2, 1, operand, operand, 0, squared.data());
    job.download(squared, view(product));

    const auto signal = job.upload(view(impulse));
    job.transforms().run(job, impulse.size(), 1, false, signal.data());
    job.download(signal, view(spectrum));
    job.synchronize();  // the inputs end here
  }

  void check_answers() const {
    for (unsigned i = 0; i < probe_size; ++i) expect(values[i] == probe_value(i), "a kernel's");
    expect(product == std::array<float, 4>{7, 10, 15, 22}, "cuBLAS's");
    for (const double2 line : spectrum) expect(line.x == 1 && line.y == 0, "cuFFT's");
  }
};

}  // namespace

const void* probe_code() noexcept {
  return reinterpret_cast<const void*>(&probe);
}

void probe_device(int device) {
  context job{device};
  job.begin(probe_terms);
  probe_job answers;
  answers.queue(job);
  job.finish();
  job.end();
  answers.check_answers();
}

}  // namespace kernd::gpu
