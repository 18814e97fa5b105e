#pragma once

#include "kernd/describe.hpp"
#include "kernd/kernel.hpp"
#include "kernd/ring/outbox.hpp"

#include <boost/mp11/algorithm.hpp>
#include <boost/mp11/list.hpp>

#include <concepts>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <new>
#include <optional>
#include <span>
#include <string_view>
#include <type_traits>
#include <vector>

namespace kernd {

/// The messages of a ring kernel.
template <class... M>
using type_list = boost::mp11::mp_list<M...>;

/// What travels between actors: a described struct without pointers and without padding, since its
/// bytes are what is sent (numbers, booleans, enums, `bounded_text`, `bounded_array` and structs of
/// those), and with
///
///     static constexpr std::uint32_t type_id = 500;               // not 0
///     static constexpr std::string_view message_name = "submit_order";
///     using reply = submitted;                                    // or void
template <class M>
concept ring_message = std::is_trivially_copyable_v<M> && requires {
  { M::type_id } -> std::convertible_to<std::uint32_t>;
  { M::message_name } -> std::convertible_to<std::string_view>;
  typename M::reply;
};

/// One message type, erased.
struct message_type {
  std::uint32_t type_id;
  std::string_view name;
  const type_info* type;  ///< `size_bytes` of it are the payload.
  std::uint32_t reply;    ///< `type_id` of the answer; 0: none is given.
};

/// A ring kernel with its types erased.
struct ring_kernel {
  kernel_info info;  ///< `mode` is ring.
  std::vector<message_type>
      handled;  ///< What may be sent to it; the first is what `execute` sends.
  std::vector<message_type> emitted;  ///< Replies and events.
  std::size_t state_bytes;            ///< Of the state struct, rounded up to `block_offset`.
  std::size_t default_block_bytes;    ///< Of the block behind it unless the launch says otherwise.

  /// Makes the state of a new actor. `block`: zeros, directly behind the state for as long as the
  /// actor lives, so that the state may keep offsets into it.
  void (*start)(void* state, std::span<std::byte> block);
  /// Handles `payload`, of exactly the size of `type`, which is one of `handled`. May throw.
  void (*handle)(void* state, std::uint32_t type, const std::byte* payload, outbox& out);
  /// Starts a state, handles the first of `handled` at `in` and puts its reply to `out`: what the
  /// example shows. Null when that message is not answered. May throw.
  result<void> (*run_once)(const void* in, void* out, cpu_context& context) = nullptr;
};

/// Actor states and their blocks start at multiples of this.
inline constexpr std::size_t state_alignment = 64;

/// What a ring kernel's author writes: a state, which is trivially copyable; message structs;
/// `info()`; `start`; and one static `handle(state&, const M&, outbox&)` per message.
template <class K>
concept actor_kernel =
    std::is_trivially_copyable_v<typename K::state> &&
    alignof(typename K::state) <= state_alignment&& requires(typename K::state& state,
                                                             std::span<std::byte> block) {
  typename K::messages;  // type_list of what it handles
  typename K::events;    // type_list of what it emits beside its replies
  { K::info() } -> std::same_as<kernel_info>;
  { K::start(state, block) } -> std::same_as<void>;
  { K::default_block_bytes } -> std::convertible_to<std::size_t>;
};

namespace detail {

template <ring_message M>
message_type make_message_type() {
  static_assert(M::type_id != 0);
  static_assert(detail::described_bytes<M>() == sizeof(M),
                "a message has no pointers, no padding and no member that is not described");
  std::uint32_t reply = 0;
  if constexpr (!std::is_void_v<typename M::reply>) reply = M::reply::type_id;
  return {M::type_id, M::message_name, &describe<M>(), reply};
}

template <class M>
using reply_of = typename M::reply;

template <class K>
void handle_message(void* state, std::uint32_t type, const std::byte* payload, outbox& out) {
  boost::mp11::mp_for_each<
      boost::mp11::mp_transform<boost::mp11::mp_identity, typename K::messages>>(
      [&](auto identity) {
        using M = typename decltype(identity)::type;
        if (type == M::type_id) {
          K::handle(*static_cast<typename K::state*>(state),
                    *std::launder(reinterpret_cast<const M*>(payload)), out);
        }
      });
}

template <class Reply>
void keep_reply(void* kept, const outbox::message& m) {
  if (m.where != outbox::route::reply || m.type != Reply::type_id) return;
  static_cast<std::optional<Reply>*>(kept)->emplace();
  std::memcpy(&**static_cast<std::optional<Reply>*>(kept), m.payload, sizeof(Reply));
}

template <class K>
result<void> run_once(const void* in, void* out, cpu_context& context) {
  using first = boost::mp11::mp_front<typename K::messages>;
  using reply = typename first::reply;
  void* const state = context.allocate<typename K::state>(1).data;
  const auto block = context.allocate<std::byte>(K::default_block_bytes).span();
  if (!block.empty()) std::memset(block.data(), 0, block.size());
  K::start(*::new (state) typename K::state{}, block);
  std::optional<reply> kept;
  outbox box{&kept, &keep_reply<reply>};
  K::handle(*static_cast<typename K::state*>(state), *static_cast<const first*>(in), box);
  if (!kept) return error{errc::execution_failed, "the message was not answered"};
  std::memcpy(out, &*kept, sizeof(reply));
  return {};
}

}  // namespace detail

/// The ring kernel that K describes.
template <actor_kernel K>
ring_kernel make_ring_kernel() {
  using replies = boost::mp11::mp_unique<boost::mp11::mp_remove<
      boost::mp11::mp_transform<detail::reply_of, typename K::messages>, void>>;
  ring_kernel made{.info = K::info(),
                   .handled = {},
                   .emitted = {},
                   .state_bytes = (sizeof(typename K::state) + state_alignment - 1) /
                                  state_alignment * state_alignment,
                   .default_block_bytes = K::default_block_bytes,
                   .start =
                       [](void* state, std::span<std::byte> block) {
                         K::start(*::new (state) typename K::state{}, block);
                       },
                   .handle = &detail::handle_message<K>,
                   .run_once = nullptr};
  using first = boost::mp11::mp_front<typename K::messages>;
  if constexpr (!std::is_void_v<typename first::reply>) made.run_once = &detail::run_once<K>;
  const auto list = [](std::vector<message_type>& into) {
    return [&into](auto identity) {
      into.push_back(detail::make_message_type<typename decltype(identity)::type>());
    };
  };
  using boost::mp11::mp_identity, boost::mp11::mp_transform, boost::mp11::mp_for_each;
  mp_for_each<mp_transform<mp_identity, typename K::messages>>(list(made.handled));
  mp_for_each<mp_transform<mp_identity, boost::mp11::mp_append<replies, typename K::events>>>(
      list(made.emitted));
  return made;
}

}  // namespace kernd
