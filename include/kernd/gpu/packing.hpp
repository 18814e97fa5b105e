#pragma once

#include "kernd/array.hpp"
#include "kernd/gpu/context.hpp"

#include <cstddef>
#include <cstring>
#include <vector>

namespace kernd::gpu {

/// Many short arrays that go to the device as one.
class packing {
 public:
  /// The elements are read by `upload`, which first sets all `place`s, on the host, to where they
  /// will be on the device: so what is added may hold the places of others.
  template <class T>
  void add(array<T> from, const T*& place) {
    static_assert(alignof(T) <= alignment && sizeof place == sizeof(std::byte*));
    const std::size_t offset = (bytes_ + alignment - 1) / alignment * alignment;
    parts_.push_back({from.data, from.size * sizeof(T), offset, &place});
    bytes_ = offset + from.size * sizeof(T);
  }

  /// One copy on the device of all that was added.
  [[nodiscard]] device_buffer<std::byte> upload(context& job) const {
    auto copy = job.device<std::byte>(bytes_);
    for (const part& p : parts_) {
      const std::byte* const at = copy.data() + p.offset;
      std::memcpy(p.place, &at, sizeof at);
    }
    const array<std::byte> packed = job.allocate<std::byte>(bytes_);
    for (const part& p : parts_) {
      if (p.bytes > 0) std::memcpy(packed.data + p.offset, p.data, p.bytes);
    }
    job.upload(packed, copy);
    return copy;
  }

 private:
  static constexpr std::size_t alignment = 16;

  struct part {
    const void* data;
    std::size_t bytes;
    std::size_t offset;
    void* place;  // a pointer to the elements
  };

  std::vector<part> parts_;
  std::size_t bytes_ = 0;
};

}  // namespace kernd::gpu
