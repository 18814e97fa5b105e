#pragma once

#include "kernd/array.hpp"
#include "kernd/bounded.hpp"
#include "kernd/graph.hpp"
#include "kernd/matrix.hpp"
#include "kernd/numbers.hpp"

#include <boost/describe/enumerators.hpp>
#include <boost/describe/members.hpp>
#include <boost/mp11/algorithm.hpp>

#include <cstddef>
#include <cstdint>
#include <cstring>
#include <new>
#include <optional>
#include <string_view>
#include <type_traits>
#include <vector>

namespace kernd {

/// How a kernel type looks in memory and on the wire.
enum class type_kind : std::uint8_t {
  boolean,
  number,  ///< One of the dtypes; `type_info::element` says which.
  text,
  enumeration,  ///< A described enum; its enumerators are the wire names.
  optional,     ///< `std::optional` of `inner`: may be absent, never null.
  array,        ///< Of numbers (`inner` is null) or of `inner`.
  numbers,      ///< Numbers of the type that the sibling member `dtype` names.
  matrix,       ///< Of numbers.
  graph,
  structure,
  bounded_text,   ///< At most `limit` bytes, inline.
  bounded_array,  ///< At most `limit` of `inner`, inline.
};

struct type_info;

/// One member of a described struct.
struct member_info {
  std::string_view name;
  std::size_t offset;  ///< In bytes from the start of the struct.
  const type_info* type;
};

struct enumerator_info {
  std::string_view name;
  std::int64_t value;
};

/// What the codec needs to know of a C++ type at run time; made by `describe<T>()`.
struct type_info {
  type_kind kind;
  dtype element = dtype::f32;
  std::size_t size_bytes = 0;
  const type_info* inner = nullptr;
  std::size_t limit = 0;
  std::size_t data_offset = 0;  ///< Bounded ones: what is before it is their size.
  std::vector<member_info> members;
  std::vector<enumerator_info> enumerators;

  /// Places a value-initialised T at `at`.
  void (*construct)(void* at) = nullptr;
  /// optional: makes it hold a value-initialised T and returns where.
  void* (*emplace)(void* optional) = nullptr;
  /// optional: the value it holds, or null.
  const void* (*value)(const void* optional) = nullptr;
};

/// The description of T: a dtype's number, `bool`, a text, a described enum or struct, or an
/// optional, array or matrix of such. Everything else does not compile.
template <class T>
const type_info& describe();

namespace detail {

template <class T>
inline constexpr bool is_array = false;
template <class T>
inline constexpr bool is_array<array<T>> = true;
template <class T>
inline constexpr bool is_matrix = false;
template <class T>
inline constexpr bool is_matrix<matrix<T>> = true;
template <class T>
inline constexpr bool is_optional = false;
template <class T>
inline constexpr bool is_optional<std::optional<T>> = true;

template <class T>
using public_members = boost::describe::describe_members<T, boost::describe::mod_public>;

/// Bytes of T that its description accounts for; 0 for what is more than its bytes. Equal to
/// `sizeof(T)` when T has no pointers, no padding and no member that is not described.
template <class T>
constexpr std::size_t described_bytes() {
  if constexpr (std::is_same_v<T, bool> || number_type<T> || std::is_enum_v<T> ||
                is_bounded_text<T>) {
    return sizeof(T);
  } else if constexpr (is_bounded_array<T>) {
    return sizeof(typename T::size_type) + T::limit * described_bytes<typename T::value_type>();
  } else if constexpr (boost::describe::has_describe_members<T>::value) {
    std::size_t sum = 0;
    boost::mp11::mp_for_each<public_members<T>>([&sum](auto member) {
      const T* const owner = nullptr;
      sum += described_bytes<std::remove_cvref_t<decltype(owner->*member.pointer)>>();
    });
    return sum;
  } else {
    return 0;
  }
}

template <class T>
void fill_structure(type_info& info) {
  static const T probe{};
  info.kind = type_kind::structure;
  boost::mp11::mp_for_each<public_members<T>>([&info](auto member) {
    const auto& place = probe.*member.pointer;
    const auto offset =
        reinterpret_cast<const char*>(&place) - reinterpret_cast<const char*>(&probe);
    info.members.push_back({member.name, static_cast<std::size_t>(offset),
                            &describe<std::remove_cvref_t<decltype(place)>>()});
  });
}

template <class T>
void fill_bounded(type_info& info) {
  info.limit = T::limit;
  info.data_offset = offsetof(T, data);
  if constexpr (is_bounded_text<T>) {
    info.kind = type_kind::bounded_text;
  } else {
    using element = typename T::value_type;
    static_assert(described_bytes<T>() == sizeof(T), "only what has neither pointers nor padding");
    static_assert(starts_as_zeros<element>, "what is beyond the size is zero");
    info.kind = type_kind::bounded_array;
    info.inner = &describe<element>();
  }
}

template <class T>
type_info make_type_info() {
  type_info info{};
  info.size_bytes = sizeof(T);
  info.construct = [](void* at) { ::new (at) T{}; };
  if constexpr (std::is_same_v<T, bool>) {
    info.kind = type_kind::boolean;
  } else if constexpr (number_type<T>) {
    info.kind = type_kind::number;
    info.element = dtype_of<T>;
  } else if constexpr (std::is_same_v<T, text>) {
    info.kind = type_kind::text;
  } else if constexpr (std::is_enum_v<T>) {
    static_assert(boost::describe::has_describe_enumerators<T>::value, "describe the enum");
    info.kind = type_kind::enumeration;
    boost::mp11::mp_for_each<boost::describe::describe_enumerators<T>>([&info](auto e) {
      info.enumerators.push_back({e.name, static_cast<std::int64_t>(e.value)});
    });
  } else if constexpr (std::is_same_v<T, numbers>) {
    info.kind = type_kind::numbers;
  } else if constexpr (is_matrix<T>) {
    info.kind = type_kind::matrix;
    info.element = dtype_of<typename T::value_type>;
  } else if constexpr (std::is_same_v<T, csr_graph>) {
    info.kind = type_kind::graph;
  } else if constexpr (is_array<T>) {
    info.kind = type_kind::array;
    if constexpr (number_type<typename T::value_type>) {
      info.element = dtype_of<typename T::value_type>;
    } else {
      info.inner = &describe<typename T::value_type>();
    }
  } else if constexpr (is_bounded_text<T> || is_bounded_array<T>) {
    fill_bounded<T>(info);
  } else if constexpr (is_optional<T>) {
    info.kind = type_kind::optional;
    info.inner = &describe<typename T::value_type>();
    info.emplace = [](void* at) -> void* { return &static_cast<T*>(at)->emplace(); };
    info.value = [](const void* at) -> const void* {
      const auto& optional = *static_cast<const T*>(at);
      return optional ? &*optional : nullptr;
    };
  } else {
    static_assert(boost::describe::has_describe_members<T>::value, "describe the struct");
    static_assert(std::is_trivially_destructible_v<T>, "kernel types live in an arena");
    static_assert(boost::mp11::mp_size<public_members<T>>::value <= 64, "at most 64 members");
    fill_structure<T>(info);
  }
  return info;
}

}  // namespace detail

template <class T>
const type_info& describe() {
  static const type_info info = detail::make_type_info<T>();
  return info;
}

}  // namespace kernd
