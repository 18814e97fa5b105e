// Preloaded into a process, counts its allocations in the file that KERND_ALLOCATIONS names: one
// 64-bit count, of malloc, calloc, realloc and aligned allocations together.

#include <fcntl.h>
#include <sys/mman.h>
#include <unistd.h>

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <cstdlib>

// What glibc calls its own; the names are part of its interface for replacements.
extern "C" {
void* __libc_malloc(std::size_t bytes);
void* __libc_calloc(std::size_t count, std::size_t bytes);
void* __libc_realloc(void* old, std::size_t bytes);
void* __libc_memalign(std::size_t alignment, std::size_t bytes);
}

namespace {

std::atomic<std::uint64_t>* shared = nullptr;

[[gnu::constructor]] void open_count() {
  const char* const name = std::getenv("KERND_ALLOCATIONS");
  if (name == nullptr) return;
  const int file = open(name, O_RDWR | O_CREAT, 0600);
  if (file < 0 || ftruncate(file, sizeof *shared) != 0) return;
  void* const at = mmap(nullptr, sizeof *shared, PROT_READ | PROT_WRITE, MAP_SHARED, file, 0);
  close(file);
  if (at != MAP_FAILED) shared = static_cast<std::atomic<std::uint64_t>*>(at);
}

void count() {
  if (shared != nullptr) shared->fetch_add(1, std::memory_order_relaxed);
}

}  // namespace

extern "C" {

void* malloc(std::size_t bytes) noexcept {
  count();
  return __libc_malloc(bytes);
}

void* calloc(std::size_t number, std::size_t bytes) noexcept {
  count();
  return __libc_calloc(number, bytes);
}

void* realloc(void* old, std::size_t bytes) noexcept {
  count();
  return __libc_realloc(old, bytes);
}

int posix_memalign(void** result, std::size_t alignment, std::size_t bytes) noexcept {
  count();
  *result = __libc_memalign(alignment, bytes);
  return *result == nullptr ? 12 : 0;  // ENOMEM
}

void* aligned_alloc(std::size_t alignment, std::size_t bytes) noexcept {
  count();
  return __libc_memalign(alignment, bytes);
}
}
