#pragma once

#include <boost/describe/enum.hpp>

#include <cstddef>
#include <cstdint>
#include <span>
#include <type_traits>

namespace kernd {

/// The element types that arrays of numbers can have; the enumerators are the wire names.
enum class dtype : std::uint8_t { f32, f64, i32, i64, u32, u64, u8 };
BOOST_DESCRIBE_ENUM(dtype, f32, f64, i32, i64, u32, u64, u8)

/// The C++ types that have a dtype.
template <class T>
concept number_type =
    std::is_same_v<T, float> || std::is_same_v<T, double> || std::is_same_v<T, std::int32_t> ||
    std::is_same_v<T, std::int64_t> || std::is_same_v<T, std::uint32_t> ||
    std::is_same_v<T, std::uint64_t> || std::is_same_v<T, std::uint8_t>;

template <number_type T>
inline constexpr dtype dtype_of = std::is_same_v<T, float>           ? dtype::f32
                                  : std::is_same_v<T, double>        ? dtype::f64
                                  : std::is_same_v<T, std::int32_t>  ? dtype::i32
                                  : std::is_same_v<T, std::int64_t>  ? dtype::i64
                                  : std::is_same_v<T, std::uint32_t> ? dtype::u32
                                  : std::is_same_v<T, std::uint64_t> ? dtype::u64
                                                                     : dtype::u8;

/// Calls `f` with a value-initialised number of type `d`, and returns what it returns:
/// `visit_dtype(d, [](auto zero) { return sizeof(zero); })`.
template <class F>
constexpr decltype(auto) visit_dtype(dtype d, F&& f) {
  switch (d) {
    case dtype::f64:
      return f(double{});
    case dtype::i32:
      return f(std::int32_t{});
    case dtype::i64:
      return f(std::int64_t{});
    case dtype::u32:
      return f(std::uint32_t{});
    case dtype::u64:
      return f(std::uint64_t{});
    case dtype::u8:
      return f(std::uint8_t{});
    case dtype::f32:
      break;
  }
  return f(float{});
}

/// Bytes of one element.
constexpr std::size_t size_of(dtype d) {
  return visit_dtype(d, [](auto zero) { return sizeof(zero); });
}

/// `size` elements whose type a request chooses: the kernel type has a member `dtype` that names
/// it. A view with the lifetime of `array`.
struct numbers {
  void* data = nullptr;
  std::uint64_t size = 0;
  dtype type = dtype::f32;

  /// Precondition: `type == dtype_of<T>`.
  template <number_type T>
  std::span<T> as() const {
    return {static_cast<T*>(data), static_cast<std::size_t>(size)};
  }
};

}  // namespace kernd
