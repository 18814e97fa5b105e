#pragma once

#include "kernd/ring/actor.hpp"
#include "kernd/ring/ring_kernel.hpp"

#include <boost/describe/class.hpp>

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <latch>
#include <span>
#include <stdexcept>

namespace kernd::test {

/// Where a handler waits until the test lets it go on.
struct gate {
  std::latch entered{1};
  std::latch open{1};

  std::uint64_t address() { return reinterpret_cast<std::uintptr_t>(this); }
};

struct pong {
  static constexpr std::uint32_t type_id = 102;
  static constexpr std::string_view message_name = "pong";
  using reply = void;
  std::uint64_t value;
  std::uint64_t handled;  ///< By this actor since its state was made, this one included.
};
BOOST_DESCRIBE_STRUCT(pong, (), (value, handled))

struct noted {
  static constexpr std::uint32_t type_id = 104;
  static constexpr std::string_view message_name = "noted";
  using reply = void;
  std::uint64_t value;
};
BOOST_DESCRIBE_STRUCT(noted, (), (value))

/// Answered with its value.
struct ping {
  static constexpr std::uint32_t type_id = 101;
  static constexpr std::string_view message_name = "ping";
  using reply = pong;
  std::uint64_t value;
};
BOOST_DESCRIBE_STRUCT(ping, (), (value))

/// Emitted again as `noted`.
struct note {
  static constexpr std::uint32_t type_id = 103;
  static constexpr std::string_view message_name = "note";
  using reply = void;
  std::uint64_t value;
};
BOOST_DESCRIBE_STRUCT(note, (), (value))

/// Waits at a gate, then is answered.
struct hold {
  static constexpr std::uint32_t type_id = 105;
  static constexpr std::string_view message_name = "hold";
  using reply = pong;
  std::uint64_t gate;
};
BOOST_DESCRIBE_STRUCT(hold, (), (gate))

enum class trick : std::uint32_t { say_nothing, fail, reply_twice, reply_wrongly, emit_wrongly };
/// Handled as a handler should not. Declares a reply.
struct play {
  static constexpr std::uint32_t type_id = 106;
  static constexpr std::string_view message_name = "play";
  using reply = pong;
  std::uint64_t what;
};
BOOST_DESCRIBE_STRUCT(play, (), (what))

/// `count` notes: emitted when `to` is 0, sent to that actor otherwise, dispatched when it is
/// `everybody`.
struct burst {
  static constexpr std::uint32_t type_id = 107;
  static constexpr std::string_view message_name = "burst";
  static constexpr std::uint64_t everybody = ~0ull;
  using reply = void;
  std::uint64_t to;
  std::uint64_t count;
};
BOOST_DESCRIBE_STRUCT(burst, (), (to, count))

/// Passed on, with the duty to answer: to `to`, and from there to `then` unless that is 0; as a
/// ping in the end.
struct pass {
  static constexpr std::uint32_t type_id = 108;
  static constexpr std::string_view message_name = "pass";
  using reply = pong;
  std::uint64_t value;
  std::uint64_t to;
  std::uint64_t then;
};
BOOST_DESCRIBE_STRUCT(pass, (), (value, to, then))

/// Passed on to `to`, without end.
struct loop {
  static constexpr std::uint32_t type_id = 110;
  static constexpr std::string_view message_name = "loop";
  using reply = pong;
  std::uint64_t to;
};
BOOST_DESCRIBE_STRUCT(loop, (), (to))

/// Counted, and nothing else.
struct drop {
  static constexpr std::uint32_t type_id = 111;
  static constexpr std::string_view message_name = "drop";
  using reply = void;
  std::uint64_t value;
};
BOOST_DESCRIBE_STRUCT(drop, (), (value))

/// `count` drops to that actor.
struct flood {
  static constexpr std::uint32_t type_id = 112;
  static constexpr std::string_view message_name = "flood";
  using reply = void;
  std::uint64_t to;
  std::uint64_t count;
};
BOOST_DESCRIBE_STRUCT(flood, (), (to, count))

/// Does what its messages say.
struct probe {
  struct state {
    std::uint64_t handled;
  };
  using messages = type_list<ping, note, hold, play, burst, pass, loop, drop, flood>;
  using events = type_list<noted>;
  static constexpr std::size_t default_block_bytes = 0;

  static kernel_info info() {
    kernel_info i{};
    i.id = "test/probe";
    i.version = "1.0.0";
    i.mode = kernel_mode::ring;
    i.description = "Does what its messages say.";
    return i;
  }
  static void start(state& s, std::span<std::byte>) { s.handled = 0; }

  static void handle(state& s, const ping& m, outbox& out) {
    out.reply(pong{m.value, ++s.handled});
  }
  static void handle(state& s, const note& m, outbox& out) {
    ++s.handled;
    out.emit(noted{m.value});
  }
  static void handle(state& s, const hold& m, outbox& out) {
    auto& g = *reinterpret_cast<gate*>(static_cast<std::uintptr_t>(m.gate));
    g.entered.count_down();
    g.open.wait();
    out.reply(pong{m.gate, ++s.handled});
  }
  static void handle(state& s, const play& m, outbox& out) {
    ++s.handled;
    switch (static_cast<trick>(m.what)) {
      case trick::say_nothing:
        return;
      case trick::fail:
        throw std::runtime_error{"as told"};
      case trick::reply_twice:
        out.reply(pong{1, s.handled});
        return out.reply(pong{2, s.handled});
      case trick::reply_wrongly:
        return out.reply(noted{1});
      case trick::emit_wrongly:
        return out.emit(ping{1});
    }
  }
  static void handle(state& s, const burst& m, outbox& out) {
    ++s.handled;
    for (std::uint64_t i = 0; i < m.count; ++i) {
      if (m.to == 0) {
        out.emit(noted{i});
      } else if (m.to == burst::everybody) {
        out.dispatch(note{i});
      } else {
        out.send(static_cast<actor_number>(m.to), note{i});
      }
    }
  }
  static void handle(state& s, const pass& m, outbox& out) {
    ++s.handled;
    const auto to = static_cast<actor_number>(m.to);
    if (m.then == 0) return out.forward(to, ping{m.value});
    out.forward(to, pass{m.value, m.then, 0});
  }
  static void handle(state& s, const loop& m, outbox& out) {
    ++s.handled;
    out.forward(static_cast<actor_number>(m.to), m);
  }
  static void handle(state& s, const drop&, outbox&) { ++s.handled; }
  static void handle(state& s, const flood& m, outbox& out) {
    ++s.handled;
    for (std::uint64_t i = 0; i < m.count; ++i) out.send(static_cast<actor_number>(m.to), drop{i});
  }
};

template <class M>
std::span<const std::byte> bytes_of(const M& m) {
  return {reinterpret_cast<const std::byte*>(&m), sizeof m};
}

/// Refers to `m`.
template <class M>
outgoing_message outgoing(const M& m) {
  return {.type = M::type_id, .payload = bytes_of(m)};
}
template <class M>
outgoing_message outgoing(const M& m, message_priority priority) {
  return {.type = M::type_id, .payload = bytes_of(m), .priority = priority};
}

template <class M>
M from_bytes(std::span<const std::byte> bytes) {
  M m{};
  if (bytes.size() == sizeof m) std::memcpy(&m, bytes.data(), sizeof m);
  return m;
}

/// Calls and waits.
template <class M>
result<pong> ask(actor& a, const M& m,
                 std::chrono::nanoseconds timeout = std::chrono::seconds{60}) {
  pong reply{};
  const auto answered =
      a.call(outgoing(m), {reinterpret_cast<std::byte*>(&reply), sizeof reply}, timeout);
  if (!answered) return answered.error();
  return reply;
}

/// Never reached, unless something hangs.
inline std::chrono::steady_clock::time_point far() {
  return std::chrono::steady_clock::now() + std::chrono::seconds{120};
}

}  // namespace kernd::test
