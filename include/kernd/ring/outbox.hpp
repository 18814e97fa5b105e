#pragma once

#include "kernd/host_device.hpp"

#include <cstddef>
#include <cstdint>
#include <type_traits>

namespace kernd {

/// Of the runtime, for as long as the actor lives; 0: none. Bits 0 to 19: its place; the rest: how
/// often that was taken, so that the number of an actor that is gone is nobody's.
using actor_number = std::uint32_t;

/// Higher first; equal ones in order.
enum class message_priority : std::uint8_t { low, normal, high, critical };

/// What a handler gives away while it handles one message. Valid until the handler returns.
class outbox {
 public:
  /// Where a message goes.
  enum class route : std::uint8_t {
    reply,    ///< To who called; to the actor's output when nobody waits.
    event,    ///< To the actor's output.
    actor,    ///< To another actor, as a message of its own.
    type,     ///< Likewise, to the actor that the dispatcher has for its type.
    forward,  ///< To another actor, with the call that the handled message belongs to.
  };
  /// A message as a handler makes it. `payload` is copied before the writer returns.
  struct message {
    route where;
    message_priority priority;
    actor_number destination;  ///< For `actor` and `forward`.
    std::uint32_t type;
    std::uint32_t payload_bytes;
    const std::byte* payload;
  };
  using writer = void (*)(void* actor, const message& m);

  KERND_HOST_DEVICE outbox(void* actor, writer write) noexcept : actor_{actor}, write_{write} {}
  outbox(const outbox&) = delete;
  outbox& operator=(const outbox&) = delete;

  /// The answer to the handled message; at most one.
  template <class M>
  KERND_HOST_DEVICE void reply(const M& m) {
    put(route::reply, 0, m, message_priority::normal);
  }
  /// For whoever listens to the actor.
  template <class M>
  KERND_HOST_DEVICE void emit(const M& m) {
    put(route::event, 0, m, message_priority::normal);
  }
  template <class M>
  KERND_HOST_DEVICE void send(actor_number to, const M& m,
                              message_priority priority = message_priority::normal) {
    put(route::actor, to, m, priority);
  }
  template <class M>
  KERND_HOST_DEVICE void dispatch(const M& m,
                                  message_priority priority = message_priority::normal) {
    put(route::type, 0, m, priority);
  }
  /// Passes the duty to answer on: the receiver's reply answers the call.
  template <class M>
  KERND_HOST_DEVICE void forward(actor_number to, const M& m,
                                 message_priority priority = message_priority::normal) {
    put(route::forward, to, m, priority);
  }

 private:
  template <class M>
  KERND_HOST_DEVICE void put(route where, actor_number to, const M& m, message_priority priority) {
    static_assert(std::is_trivially_copyable_v<M>);
    write_(actor_,
           {where, priority, to, M::type_id, sizeof m, reinterpret_cast<const std::byte*>(&m)});
  }

  void* actor_;
  writer write_;
};

}  // namespace kernd
