#pragma once

#include "kernd/numbers.hpp"

#include <cstddef>
#include <cstdint>
#include <span>

namespace kernd {

/// `rows` × `cols` elements, row-major and contiguous; a view with the lifetime of `array`.
/// On the wire: nested rows, or `{"shape":[rows,cols],"data":[…]}`.
template <number_type T>
struct matrix {
  using value_type = T;

  T* data = nullptr;
  std::uint64_t rows = 0;
  std::uint64_t cols = 0;

  T& operator()(std::size_t r, std::size_t c) const { return data[r * cols + c]; }
  std::span<T> row(std::size_t r) const {
    return {data + r * cols, static_cast<std::size_t>(cols)};
  }
  std::span<T> span() const { return {data, static_cast<std::size_t>(rows * cols)}; }
};

}  // namespace kernd
