#include "gpu/close_outputs.hpp"

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <cstring>
#include <sstream>
#include <vector>

namespace kernd::gpu::test {

namespace {

std::vector<double> as_doubles(const void* data, std::size_t count, dtype type) {
  return visit_dtype(type, [&](auto zero) {
    const auto* const first = static_cast<const decltype(zero)*>(data);
    return std::vector<double>(first, first + count);
  });
}

std::string difference(const void* found, const void* expected, std::size_t count, dtype type,
                       double tolerance) {
  if (count == 0 || std::memcmp(found, expected, count * size_of(type)) == 0) return {};
  const auto a = as_doubles(found, count, type), b = as_doubles(expected, count, type);
  double largest = 0;
  for (const double value : b) largest = std::max(largest, std::fabs(value));
  for (std::size_t i = 0; i < count; ++i) {
    const bool is_close = tolerance > 0 ? std::fabs(a[i] - b[i]) <= tolerance * largest
                                        : std::memcmp(&a[i], &b[i], sizeof(double)) == 0;
    if (is_close) continue;
    std::ostringstream text;
    text.precision(17);
    text << "[" << i << "] of " << count << ": " << a[i] << ", expected " << b[i] << ", largest is "
         << largest;
    return text.str();
  }
  return {};
}

std::string difference_of_structs(const type_info& type, const void* found, const void* expected,
                                  double tolerance) {
  for (const member_info& member : type.members) {
    const auto at = [&](const void* start) {
      return static_cast<const std::byte*>(start) + member.offset;
    };
    const auto text = test::difference(*member.type, at(found), at(expected), tolerance);
    if (!text.empty()) return std::string{member.name} + " " + text;
  }
  return {};
}

std::string difference_of_sizes(std::size_t found, std::size_t expected) {
  return std::to_string(found) + " elements, expected " + std::to_string(expected);
}

}  // namespace

std::string difference(const type_info& type, const void* found, const void* expected,
                       double tolerance) {
  switch (type.kind) {
    case type_kind::structure:
      return difference_of_structs(type, found, expected, tolerance);
    case type_kind::boolean:
      return *static_cast<const bool*>(found) == *static_cast<const bool*>(expected) ? ""
                                                                                     : "differs";
    case type_kind::number:
      return difference(found, expected, 1, type.element, tolerance);
    case type_kind::optional: {
      const void *const a = type.value(found), *const b = type.value(expected);
      if ((a == nullptr) != (b == nullptr)) return a == nullptr ? "is absent" : "is there";
      return a == nullptr ? std::string{} : difference(*type.inner, a, b, tolerance);
    }
    case type_kind::array: {
      const auto &a = *static_cast<const array<std::byte>*>(found),
                 &b = *static_cast<const array<std::byte>*>(expected);
      if (a.size != b.size) return difference_of_sizes(a.size, b.size);
      if (type.inner != nullptr) return "is of a kind that is not compared";
      return difference(a.data, b.data, a.size, type.element, tolerance);
    }
    case type_kind::numbers: {
      const auto &a = *static_cast<const numbers*>(found),
                 &b = *static_cast<const numbers*>(expected);
      if (a.size != b.size) return difference_of_sizes(a.size, b.size);
      if (a.type != b.type) return "is of another type";
      return difference(a.data, b.data, a.size, a.type, tolerance);
    }
    case type_kind::matrix: {
      const auto &a = *static_cast<const matrix<float>*>(found),
                 &b = *static_cast<const matrix<float>*>(expected);
      if (a.rows != b.rows || a.cols != b.cols) return "is of another shape";
      return difference(a.data, b.data, a.rows * a.cols, type.element, tolerance);
    }
    default:
      return "is of a kind that is not compared";
  }
}

}  // namespace kernd::gpu::test
