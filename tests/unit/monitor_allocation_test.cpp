// Recording allocates nothing: every `new` of this process is counted per thread.

#include "kernd/monitor.hpp"

#include <gtest/gtest.h>

#include <cstdlib>
#include <new>
#include <string>

namespace {

thread_local std::size_t allocations = 0;

void* counted(std::size_t size, std::size_t alignment) {
  ++allocations;
  const std::size_t rounded = (size + alignment - 1) / alignment * alignment;
  if (void* const memory = std::aligned_alloc(alignment, rounded)) return memory;
  throw std::bad_alloc{};
}

}  // namespace

// The other forms of the standard library call these. Not inlined: the compiler takes the pair of
// `new` and `free` for a mistake.
[[gnu::noinline]] void* operator new(std::size_t size) {
  return counted(size == 0 ? 1 : size, alignof(std::max_align_t));
}
[[gnu::noinline]] void* operator new(std::size_t size, std::align_val_t alignment) {
  return counted(size, static_cast<std::size_t>(alignment));
}
[[gnu::noinline]] void operator delete(void* memory) noexcept {
  std::free(memory);
}
[[gnu::noinline]] void operator delete(void* memory, std::size_t) noexcept {
  std::free(memory);
}
[[gnu::noinline]] void operator delete(void* memory, std::align_val_t) noexcept {
  std::free(memory);
}
[[gnu::noinline]] void operator delete(void* memory, std::size_t, std::align_val_t) noexcept {
  std::free(memory);
}

namespace kernd {
namespace {

using namespace std::chrono_literals;

struct MonitorAllocationTest : ::testing::Test {
  execution_monitor monitor{{"core/a"}, 1};

  template <class F>
  static std::size_t allocations_of(F f) {
    const std::size_t before = allocations;
    for (int i = 0; i < 1000; ++i) f(i);
    return allocations - before;
  }
};

TEST_F(MonitorAllocationTest, TheCountSeesWhatIsAllocated) {
  EXPECT_EQ(allocations_of([](int) { ::operator delete(::operator new(8)); }), 1000u);
}

TEST_F(MonitorAllocationTest, RecordingAllocatesNothing) {
  const auto start = execution_monitor::clock::now();

  EXPECT_EQ(allocations_of([&](int i) { monitor.record(0, 0, start + i * 1us, i * 1ns); }), 0u);
  EXPECT_EQ(monitor.snapshot(0).timing.executions, 1000u);
}

TEST_F(MonitorAllocationTest, AFailureAllocatesNothing) {
  const std::string message(200, 'x');

  EXPECT_EQ(allocations_of([&](int) {
              monitor.fail(0, 0, errc::execution_failed, message);
              monitor.clear(0);
            }),
            0u);
  EXPECT_EQ(monitor.snapshot(0).errors, 1000u);
}

TEST_F(MonitorAllocationTest, AnUnknownTaskAllocatesNothing) {
  const auto start = execution_monitor::clock::now();

  EXPECT_EQ(allocations_of([&](int) { monitor.record(0, 1, start, 1ns); }), 0u);
  EXPECT_EQ(monitor.executor().unknown_tasks, 1000u);
}

}  // namespace
}  // namespace kernd
