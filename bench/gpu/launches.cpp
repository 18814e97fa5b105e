#include "bench/gpu/bare.hpp"
#include "bench/gpu/sections.hpp"
#include "kernd/executor.hpp"
#include "kernels/core/axpy.hpp"

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/io_context.hpp>

#include <chrono>
#include <exception>
#include <stdexcept>
#include <string>
#include <utility>

namespace kernd::bench {

namespace {

namespace asio = boost::asio;
using clock = std::chrono::steady_clock;

constexpr double most_overhead_us = 10;

/// One request through an executor with one worker, as a connection hands it over: queued, decoded,
/// run, encoded.
class executor_time final : public measurement {
 public:
  /// `devices` null: on the CPU.
  executor_time(const daemon_side& side, gpu::cuda_backend* devices)
      : entry_{side.entry("core/axpy")},
        is_on_device_{devices != nullptr},
        jobs_{side.kernels, executor_config{.workers = 1}, limits_config{}, devices} {}

  double run_us() override {
    us_ = 0;
    io_.restart();
    asio::co_spawn(io_, once(), [](std::exception_ptr failure) {
      if (failure) std::rethrow_exception(failure);
    });
    io_.run();
    return us_;
  }

 private:
  asio::awaitable<void> once() {
    job_request request{text_buffer{R"({"input":{"alpha":2,"x":[1],"y":[2]}})"}};
    const auto start = clock::now();
    execution_context context{
        .received = start, .deadline = start + std::chrono::minutes{1}, .cancelled = {}};
    auto output = co_await jobs_.run(entry_, std::move(request), std::move(context));
    us_ = std::chrono::duration<double, std::micro>(clock::now() - start).count();
    if (!output) throw std::runtime_error{"core/axpy: " + std::string{output.error().message}};
    if (output->device.has_value() != is_on_device_) {
      throw std::runtime_error{"core/axpy ran on the wrong backend"};
    }
  }

  const kernel_entry& entry_;
  const bool is_on_device_;
  double us_ = 0;
  asio::io_context io_{1};  // outlives the executor
  executor jobs_;
};

row overhead(std::string what, double ours_us, double bare_us, std::string note) {
  return {.what = std::move(what),
          .unit = "µs",
          .ours = ours_us,
          .bare = bare_us,
          .target = "at most bare + 10 µs",
          .reached = ours_us <= bare_us + most_overhead_us,
          .note = std::move(note)};
}

}  // namespace

void measure_launches(const bench_world& world) {
  arena inputs{memory_bytes, world.backend.host_memory()};
  arena outputs{memory_bytes, world.backend.host_memory()};
  const kernels::axpy::input in{
      .alpha = 2, .x = random_reals(inputs, 1, 8), .y = random_reals(inputs, 1, 9)};
  device_job job{world.backend, world.side.entry("core/axpy"), &in, outputs};
  const measured launch = bare_launch(), round_trip = bare_round_trip(), ours = waited_for(job);
  executor_time on_device{world.side, &world.backend}, on_cpu{world.side, nullptr};
  const auto us = medians_us({launch.get(), round_trip.get(), ours.get(), &on_device, &on_cpu},
                             world.sizes.launch_rounds);
  row{.what = "launch and wait", .unit = "µs", .bare = us[0], .note = "a kernel that does nothing"}
      .print();
  overhead("axpy of 1 number: the backend's run", us[2], us[1],
           "bare: two uploads, a launch, a download, a wait")
      .print();
  overhead("axpy of 1 number: through the executor", us[3], us[1],
           "the same bare; with the queue, a worker woken, JSON read and written")
      .print();
  row{.what = "axpy of 1 number: through the executor, on the CPU",
      .unit = "µs",
      .ours = us[4],
      .note = "what of the line above has nothing to do with a device"}
      .print();
}

}  // namespace kernd::bench
