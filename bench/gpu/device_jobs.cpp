#include "bench/gpu/device_jobs.hpp"

#include "kernels/catalogue.hpp"

#include <chrono>
#include <cstdint>
#include <stdexcept>
#include <string>

namespace kernd::bench {

namespace {

class reported_time final : public measurement {
 public:
  reported_time(device_job& job, double gpu::job_report::*part) : job_{job}, part_{part} {}
  double run_us() override { return job_.run().*part_; }

 private:
  device_job& job_;
  double gpu::job_report::*part_;
};

class waited_time final : public measurement {
 public:
  explicit waited_time(device_job& job) : job_{job} {}
  double run_us() override {
    using clock = std::chrono::steady_clock;
    const auto start = clock::now();
    job_.run();
    return std::chrono::duration<double, std::micro>(clock::now() - start).count();
  }

 private:
  device_job& job_;
};

}  // namespace

daemon_side::daemon_side() {
  kernels::add_all(kernels).value();
  cuda = gpu::find_cuda(kernels, gpu::silent_host);
}

const kernel_entry& daemon_side::entry(std::string_view id) const {
  const kernel_entry* const found = kernels.find(id, kernel_mode::batch);
  if (found == nullptr) throw std::runtime_error{"there is no kernel " + std::string{id}};
  return *found;
}

gpu::job_report device_job::run() {
  outputs_.reset(memory_bytes);
  void* out = outputs_.allocate_bytes(entry_.kernel.output->size_bytes);
  entry_.kernel.output->construct(out);
  constexpr int priority = 5;
  const std::atomic<bool>* const stops = &never_;
  const auto done = backend_.run(entry_, {&in_, 1}, {&out, 1}, outputs_, priority, {&stops, 1});
  if (done) return done->report;
  const error why = done.error();
  throw std::runtime_error{std::string{entry_.kernel.info.id} + ": " + why.message + " " +
                           why.internal};
}

measured reported(device_job& job, double gpu::job_report::*part) {
  return std::make_unique<reported_time>(job, part);
}

measured waited_for(device_job& job) {
  return std::make_unique<waited_time>(job);
}

array<float> random_reals(arena& memory, std::size_t count, unsigned seed) {
  const auto values = memory.allocate<float>(count);
  std::uint64_t state = seed;
  for (float& value : values) {
    // A linear congruential generator with Knuth's factor, of which the upper half is used.
    state = state * 6364136223846793005U + 1442695040888963407U;
    value = static_cast<float>(static_cast<std::int32_t>(state >> 32)) * 0x1p-31F;
  }
  return values;
}

}  // namespace kernd::bench
