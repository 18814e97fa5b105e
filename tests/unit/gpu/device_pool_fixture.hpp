#pragma once

#include "src/gpu/device_pool.hpp"
#include "unit/gpu/fake_cuda.hpp"

#include <gtest/gtest.h>

#include <array>
#include <atomic>
#include <chrono>
#include <optional>
#include <thread>
#include <vector>

namespace kernd::gpu::test {

struct DevicePoolTest : ::testing::Test {
  void start(std::size_t devices = 1) {
    const std::vector<chosen_device> chosen = {{0, "0000:0a:00.0"}, {1, "0000:0b:00.0"}};
    host.emplace(pinned_pool::piece_bytes);
    pool.emplace(cuda.module(), std::span{chosen}.first(devices), options, *host, nullptr);
  }

  device_pool::lease acquire() { return pool->acquire({&stop, 1}).value(); }
  errc refusal() { return pool->acquire({&stop, 1}).error().code; }
  device_status status(std::size_t index = 0) const { return pool->status().at(index); }
  void await(device_state state, std::size_t index = 0) const {
    while (status(index).state != state) std::this_thread::yield();
  }
  void fail_a_run() { acquire().ended(run_status::device_failed, {}); }
  /// Until the keeper has seen what is the case now.
  void await_keeper() { cuda.await_calls("memory", cuda.calls("memory") + 2); }
  /// A lease of that one of two devices, which has one to give.
  device_pool::lease acquire_on(int ordinal) {
    std::vector<device_pool::lease> others;
    for (;;) {
      auto one = acquire();
      if (one.ordinal() == ordinal) return one;
      others.push_back(std::move(one));
    }
  }

  std::atomic<bool> go_on{false};
  const std::atomic<bool>* const stop = &go_on;
  fake_cuda cuda;
  pool_options options{.streams = 2,
                       .pool_bytes = 1000,
                       .memory_limit_bytes = 0,
                       .look_interval = std::chrono::milliseconds{1}};
  std::optional<pinned_pool> host;
  std::optional<device_pool> pool;
};

}  // namespace kernd::gpu::test
