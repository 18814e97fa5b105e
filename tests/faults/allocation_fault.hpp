#pragma once

#include <cstdint>

namespace kernd::test {

/// Makes allocations of the threads whose name begins with `threads` fail: `new` in all its forms,
/// `realloc` and `posix_memalign`, as far as this program itself calls them. One fault at a time,
/// in a program of its own: it replaces `new` and is linked with `--wrap`.
class allocation_fault {
 public:
  enum class extent { once, from_then_on };

  /// From now on; `first` is how many still succeed. `threads` is a literal.
  allocation_fault(const char* threads, std::int64_t first, extent which = extent::once);
  ~allocation_fault() { lift(); }
  allocation_fault(const allocation_fault&) = delete;
  allocation_fault& operator=(const allocation_fault&) = delete;

  /// Whether any has failed so far.
  bool struck() const noexcept;
  /// Nothing fails any more.
  void lift() const noexcept;
};

}  // namespace kernd::test
