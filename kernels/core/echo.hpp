#pragma once

#include "kernd/bounded.hpp"
#include "kernd/monotonic_ns.hpp"
#include "kernd/ring/ring_kernel.hpp"

#include <boost/describe/class.hpp>

#include <cstddef>
#include <cstdint>
#include <span>
#include <string_view>

namespace kernd::kernels {

/// Gives back what it is sent: what a message costs, whether any is lost and whether they keep
/// their order.
struct echo {
  struct echoed {
    static constexpr std::uint32_t type_id = 2;
    static constexpr std::string_view message_name = "echoed";
    using reply = void;

    std::uint64_t value = 0;
    std::uint64_t count = 0;
    std::uint64_t processed_ns = 0;
    bounded_text<52> text;
  };
  struct request {
    static constexpr std::uint32_t type_id = 1;
    static constexpr std::string_view message_name = "echo";
    using reply = echoed;

    std::uint64_t value = 0;
    bounded_text<52> text;
  };
  using messages = type_list<request>;
  using events = type_list<>;

  struct state {
    std::uint64_t count;
    std::uint64_t newest_ns;
  };
  static constexpr std::size_t default_block_bytes = 0;

  static kernel_info info();
  static void start(state&, std::span<std::byte>) {}
  KERND_HOST_DEVICE static void handle(state& s, const request& m, outbox& out) {
    const std::uint64_t now = monotonic_ns();
    s.newest_ns = now > s.newest_ns ? now : s.newest_ns + 1;
    echoed answer;
    answer.value = m.value;
    answer.count = ++s.count;
    answer.processed_ns = s.newest_ns;
    answer.text = m.text;
    out.reply(answer);
  }
};
BOOST_DESCRIBE_STRUCT(echo::request, (), (value, text))
BOOST_DESCRIBE_STRUCT(echo::echoed, (), (value, count, processed_ns, text))

}  // namespace kernd::kernels
