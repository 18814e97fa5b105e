#pragma once

#include "kernd/describe.hpp"

#include <cstdint>
#include <string_view>

namespace kernd::gpu {

namespace detail {

/// FNV-1a, 64 bits.
class layout_hasher {
 public:
  void add(std::uint64_t number) noexcept {
    for (int shift = 0; shift < 64; shift += 8) add_byte(number >> shift & 0xff);
  }

  void add(std::string_view name) noexcept {
    add(std::uint64_t{name.size()});
    for (const char c : name) add_byte(static_cast<unsigned char>(c));
  }

  void add(const type_info& type) noexcept {
    add(static_cast<std::uint64_t>(type.kind));
    add(static_cast<std::uint64_t>(type.element));
    add(std::uint64_t{type.size_bytes});
    add(std::uint64_t{type.limit});
    add(std::uint64_t{type.data_offset});
    add(std::uint64_t{type.inner != nullptr});
    if (type.inner != nullptr) add(*type.inner);
    add(std::uint64_t{type.members.size()});
    for (const member_info& member : type.members) {
      add(member.name);
      add(std::uint64_t{member.offset});
      add(*member.type);
    }
    add(std::uint64_t{type.enumerators.size()});
    for (const enumerator_info& enumerator : type.enumerators) {
      add(enumerator.name);
      add(static_cast<std::uint64_t>(enumerator.value));
    }
  }

  [[nodiscard]] std::uint64_t value() const noexcept { return value_; }

 private:
  void add_byte(std::uint64_t byte) noexcept { value_ = (value_ ^ byte) * 0x100000001b3; }

  std::uint64_t value_ = 0xcbf29ce484222325;
};

}  // namespace detail

/// Differs when two compilers, or two versions of a header, disagree on what a kernel's input and
/// output look like in memory: names, offsets, sizes and kinds, all the way down.
inline std::uint64_t layout_hash(const type_info& input, const type_info& output) noexcept {
  detail::layout_hasher hash;
  hash.add(input);
  hash.add(output);
  return hash.value();
}

}  // namespace kernd::gpu
