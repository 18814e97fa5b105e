#include "tests/faults/allocation_fault.hpp"

#include <pthread.h>

#include <algorithm>
#include <array>
#include <atomic>
#include <cerrno>
#include <cstddef>
#include <cstdlib>
#include <cstring>
#include <limits>
#include <new>

namespace {

constexpr std::int64_t never = std::numeric_limits<std::int64_t>::max();

// What `new` looks at. The other threads of the program go on allocating while a test changes it.
std::atomic<std::int64_t> left{never};
std::atomic<bool> goes_on{false};
std::atomic<bool> has_struck{false};
std::atomic<const char*> struck_threads{""};

bool fails() noexcept {
  if (left.load(std::memory_order_acquire) == never) return false;
  std::array<char, 16> name{};
  pthread_getname_np(pthread_self(), name.data(), name.size());
  const char* const threads = struck_threads.load(std::memory_order_relaxed);
  if (std::strncmp(name.data(), threads, std::strlen(threads)) != 0) return false;
  const auto before = left.fetch_sub(1, std::memory_order_relaxed);
  const bool is_struck = before == 0 || (before < 0 && goes_on.load(std::memory_order_relaxed));
  if (is_struck) has_struck.store(true, std::memory_order_relaxed);
  return is_struck;
}

void* allocate(std::size_t size, std::size_t alignment) noexcept {
  if (fails()) return nullptr;
  if (alignment <= alignof(std::max_align_t)) return std::malloc(std::max<std::size_t>(size, 1));
  return std::aligned_alloc(alignment, (size + alignment - 1) / alignment * alignment);
}

void* allocate_or_throw(std::size_t size, std::size_t alignment) {
  if (void* const memory = allocate(size, alignment)) return memory;
  throw std::bad_alloc{};
}

}  // namespace

// Not inlined: the compiler takes the pair of `new` and `free` for a mistake.
#define KERND_TEST_NEW [[gnu::noinline]] void*
#define KERND_TEST_DELETE [[gnu::noinline]] void

KERND_TEST_NEW operator new(std::size_t size) {
  return allocate_or_throw(size, 1);
}
KERND_TEST_NEW operator new[](std::size_t size) {
  return allocate_or_throw(size, 1);
}
KERND_TEST_NEW operator new(std::size_t size, std::align_val_t alignment) {
  return allocate_or_throw(size, static_cast<std::size_t>(alignment));
}
KERND_TEST_NEW operator new[](std::size_t size, std::align_val_t alignment) {
  return allocate_or_throw(size, static_cast<std::size_t>(alignment));
}
KERND_TEST_NEW operator new(std::size_t size, const std::nothrow_t&) noexcept {
  return allocate(size, 1);
}
KERND_TEST_NEW operator new[](std::size_t size, const std::nothrow_t&) noexcept {
  return allocate(size, 1);
}
KERND_TEST_NEW operator new(std::size_t size, std::align_val_t alignment,
                            const std::nothrow_t&) noexcept {
  return allocate(size, static_cast<std::size_t>(alignment));
}
KERND_TEST_NEW operator new[](std::size_t size, std::align_val_t alignment,
                              const std::nothrow_t&) noexcept {
  return allocate(size, static_cast<std::size_t>(alignment));
}
KERND_TEST_DELETE operator delete(void* memory) noexcept {
  std::free(memory);
}
KERND_TEST_DELETE operator delete[](void* memory) noexcept {
  std::free(memory);
}
KERND_TEST_DELETE operator delete(void* memory, std::size_t) noexcept {
  std::free(memory);
}
KERND_TEST_DELETE operator delete[](void* memory, std::size_t) noexcept {
  std::free(memory);
}
KERND_TEST_DELETE operator delete(void* memory, std::align_val_t) noexcept {
  std::free(memory);
}
KERND_TEST_DELETE operator delete[](void* memory, std::align_val_t) noexcept {
  std::free(memory);
}
KERND_TEST_DELETE operator delete(void* memory, std::size_t, std::align_val_t) noexcept {
  std::free(memory);
}
KERND_TEST_DELETE operator delete[](void* memory, std::size_t, std::align_val_t) noexcept {
  std::free(memory);
}

#undef KERND_TEST_NEW
#undef KERND_TEST_DELETE

// The linker puts these in the place of what they are named after.
extern "C" {
void* __real_realloc(void* memory, std::size_t size);
void* __wrap_realloc(void* memory, std::size_t size) {
  return fails() ? nullptr : __real_realloc(memory, size);
}
int __real_posix_memalign(void** memory, std::size_t alignment, std::size_t size);
int __wrap_posix_memalign(void** memory, std::size_t alignment, std::size_t size) {
  return fails() ? ENOMEM : __real_posix_memalign(memory, alignment, size);
}
}

namespace kernd::test {

allocation_fault::allocation_fault(const char* threads, std::int64_t first, extent which) {
  struck_threads.store(threads, std::memory_order_relaxed);
  has_struck.store(false, std::memory_order_relaxed);
  goes_on.store(which == extent::from_then_on, std::memory_order_relaxed);
  left.store(first, std::memory_order_release);
}

void allocation_fault::lift() const noexcept {
  left.store(never, std::memory_order_release);
}

bool allocation_fault::struck() const noexcept {
  return has_struck.load(std::memory_order_relaxed);
}

}  // namespace kernd::test
