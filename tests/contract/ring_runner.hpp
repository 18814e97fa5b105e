#pragma once

#include "kernd/ring/ring_kernel.hpp"

#include <cstddef>
#include <cstdint>
#include <cstring>
#include <memory>
#include <new>
#include <optional>
#include <span>
#include <vector>

namespace kernd::test {

/// One actor of a ring kernel without a runtime: a state, its block, and what its handlers give
/// away.
class ring_runner {
 public:
  struct given {
    outbox::route where;
    std::uint32_t type;
    std::vector<std::byte> payload;

    /// Precondition: it is an M.
    template <class M>
    M as() const {
      M m;
      std::memcpy(&m, payload.data(), sizeof m);
      return m;
    }
  };

  explicit ring_runner(const ring_kernel& kernel)
      : ring_runner{kernel, kernel.default_block_bytes} {}
  ring_runner(const ring_kernel& kernel, std::size_t block_bytes)
      : kernel_{kernel},
        bytes_{kernel.state_bytes + block_bytes},
        memory_{static_cast<std::byte*>(::operator new(bytes_, alignment))} {
    std::memset(memory_.get(), 0, bytes_);
    kernel_.start(memory_.get(), {memory_.get() + kernel_.state_bytes, block_bytes});
  }

  /// What the handler gives away, in order.
  const std::vector<given>& handle(std::uint32_t type, const void* payload) {
    given_.clear();
    outbox out{&given_, [](void* kept, const outbox::message& m) {
                 static_cast<std::vector<given>*>(kept)->push_back(
                     {m.where, m.type, {m.payload, m.payload + m.payload_bytes}});
               }};
    kernel_.handle(memory_.get(), type, static_cast<const std::byte*>(payload), out);
    return given_;
  }

  /// The only reply to `m`; empty when there is none or more than one.
  template <class M>
  std::optional<typename M::reply> ask(const M& m) {
    std::optional<typename M::reply> reply;
    int replies = 0;
    for (const given& g : handle(M::type_id, &m)) {
      if (g.where != outbox::route::reply || g.type != M::reply::type_id) continue;
      reply = g.as<typename M::reply>();
      ++replies;
    }
    return replies == 1 ? reply : std::nullopt;
  }

  /// The events of type E that the last message brought.
  template <class E>
  std::vector<E> events() const {
    std::vector<E> result;
    for (const given& g : given_) {
      if (g.where == outbox::route::event && g.type == E::type_id) result.push_back(g.as<E>());
    }
    return result;
  }
  const std::vector<given>& last() const { return given_; }

  /// State and block, as a snapshot has them.
  std::vector<std::byte> snapshot() const { return {memory_.get(), memory_.get() + bytes_}; }
  void restore(const std::vector<std::byte>& taken) {
    std::memcpy(memory_.get(), taken.data(), bytes_);
  }

 private:
  static constexpr std::align_val_t alignment{state_alignment};
  struct release {
    void operator()(std::byte* memory) const { ::operator delete(memory, alignment); }
  };

  ring_kernel kernel_;
  std::size_t bytes_;
  std::unique_ptr<std::byte, release> memory_;
  std::vector<given> given_;
};

}  // namespace kernd::test
