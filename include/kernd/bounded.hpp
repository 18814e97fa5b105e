#pragma once

#include "kernd/host_device.hpp"

#include <array>
#include <bit>
#include <cstddef>
#include <cstdint>
#include <string_view>
#include <type_traits>

namespace kernd {

/// Up to N elements inside the struct that holds them: no pointer, so its bytes are its value. What
/// is beyond `size` is zero. The same on host and device.
template <class T, std::size_t N>
struct bounded_array {
  using value_type = T;
  /// As wide as an element is aligned, so that nothing lies between the two.
  using size_type = std::conditional_t<(alignof(T) > 4), std::uint64_t, std::uint32_t>;
  static constexpr std::size_t limit = N;

  size_type size = 0;
  T data[N] = {};

  KERND_HOST_DEVICE T& operator[](std::size_t i) { return data[i]; }
  KERND_HOST_DEVICE const T& operator[](std::size_t i) const { return data[i]; }
  KERND_HOST_DEVICE T* begin() { return data; }
  KERND_HOST_DEVICE T* end() { return data + size; }
  KERND_HOST_DEVICE const T* begin() const { return data; }
  KERND_HOST_DEVICE const T* end() const { return data + size; }

  /// False, and nothing changed, when there is no room.
  KERND_HOST_DEVICE bool push_back(const T& value) {
    if (size == N) return false;
    data[size++] = value;
    return true;
  }
};

/// Up to N bytes of valid UTF-8 inside the struct that holds them; as `bounded_array`.
template <std::size_t N>
struct bounded_text {
  static_assert(N % 4 == 0, "N + 4 bytes are what it takes, so that nothing lies behind it");
  static constexpr std::size_t limit = N;

  std::uint32_t size = 0;
  char data[N] = {};

  bounded_text() = default;
  /// A literal, which must fit.
  template <std::size_t M>
  KERND_HOST_DEVICE constexpr bounded_text(const char (&literal)[M]) noexcept : size{M - 1} {
    static_assert(M - 1 <= N, "the text is longer than what holds it");
    for (std::size_t i = 0; i < M - 1; ++i) data[i] = literal[i];
  }

  std::string_view view() const { return {data, size}; }
};

namespace detail {

template <class T>
inline constexpr bool is_bounded_array = false;
template <class T, std::size_t N>
inline constexpr bool is_bounded_array<bounded_array<T, N>> = true;
template <class T>
inline constexpr bool is_bounded_text = false;
template <std::size_t N>
inline constexpr bool is_bounded_text<bounded_text<N>> = true;

/// Whether a value-initialised T is zero in every byte. Does not compile when T has padding.
template <class T>
inline constexpr bool starts_as_zeros = std::bit_cast<std::array<unsigned char, sizeof(T)>>(
                                            T{}) == std::array<unsigned char, sizeof(T)>{};

}  // namespace detail

}  // namespace kernd
