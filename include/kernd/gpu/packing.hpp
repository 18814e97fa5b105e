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
  /// The offset in bytes, a multiple of 16, that the elements will have. They are read by `upload`.
  template <class T>
  std::size_t add(const T* data, std::size_t count) {
    const std::size_t offset = (bytes_ + 15) / 16 * 16;
    parts_.push_back({data, count * sizeof(T), offset});
    bytes_ = offset + count * sizeof(T);
    return offset;
  }

  /// One copy on the device of all that was added.
  [[nodiscard]] device_buffer<std::byte> upload(context& job) const {
    const array<std::byte> packed = job.allocate<std::byte>(bytes_);
    for (const part& p : parts_) {
      if (p.bytes > 0) std::memcpy(packed.data + p.offset, p.data, p.bytes);
    }
    return job.upload(packed);
  }

 private:
  struct part {
    const void* data;
    std::size_t bytes;
    std::size_t offset;
  };

  std::vector<part> parts_;
  std::size_t bytes_ = 0;
};

}  // namespace kernd::gpu
