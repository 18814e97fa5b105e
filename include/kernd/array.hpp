#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string_view>

namespace kernd {

/// `size` elements at `data`, in the arena of the job they belong to; valid until the job ends.
/// A view: copying it copies no elements. Trivially copyable, the same on host and device.
template <class T>
struct array {
  using value_type = T;

  T* data = nullptr;
  std::uint64_t size = 0;

  T& operator[](std::size_t i) const { return data[i]; }
  T* begin() const { return data; }
  T* end() const { return data + size; }
  std::span<T> span() const { return {data, static_cast<std::size_t>(size)}; }
};

/// `size` bytes of valid UTF-8 at `data`, not terminated; lifetime as `array`.
struct text {
  const char* data = nullptr;
  std::uint64_t size = 0;

  std::string_view view() const { return {data, static_cast<std::size_t>(size)}; }
};

}  // namespace kernd
