#pragma once

#include "kernd/ring/ring_kernel.hpp"

#include <boost/describe/class.hpp>

#include <cstddef>
#include <cstdint>
#include <cstring>
#include <span>
#include <string_view>

namespace kernd::test {

/// Adds what it is sent to a total, which is in the state, and counts in its block.
struct totalling {
  struct total {
    static constexpr std::uint32_t type_id = 9002;
    static constexpr std::string_view message_name = "total";
    using reply = void;
    std::int64_t sum = 0;
    std::uint64_t count = 0;
  };
  struct add {
    static constexpr std::uint32_t type_id = 9001;
    static constexpr std::string_view message_name = "add";
    using reply = total;
    std::int64_t value = 1;
  };
  struct emptied {
    static constexpr std::uint32_t type_id = 9004;
    static constexpr std::string_view message_name = "emptied";
    using reply = void;
    std::int64_t sum = 0;
  };
  struct empty {
    static constexpr std::uint32_t type_id = 9003;
    static constexpr std::string_view message_name = "empty";
    using reply = void;
    bool quietly = false;
  };
  using messages = type_list<add, empty>;
  using events = type_list<emptied>;

  struct state {
    std::int64_t sum;
    std::uint64_t block_offset;  ///< Of the block, from here.
  };
  static constexpr std::size_t default_block_bytes = sizeof(std::uint64_t);

  static kernel_info info() {
    return {.id = "core/test-totalling",
            .version = "1.0.0",
            .mode = kernel_mode::ring,
            .description = "Adds up.",
            .example = {.input = R"({"value":3})", .output = R"({"sum":3,"count":1})"},
            .fields = {field<&add::value>{.doc = "What is added."},
                       field<&total::sum>{.doc = "All that was added."},
                       field<&total::count>{.doc = "How often."},
                       field<&empty::quietly>{.doc = "Whether to emit nothing."},
                       field<&emptied::sum>{.doc = "What was there."}}};
  }
  static void start(state& s, std::span<std::byte> block) {
    s.block_offset = static_cast<std::uint64_t>(block.data() - reinterpret_cast<std::byte*>(&s));
  }
  static void handle(state& s, const add& m, outbox& out) {
    auto* const counter = reinterpret_cast<std::byte*>(&s) + s.block_offset;
    total answer;
    std::memcpy(&answer.count, counter, sizeof answer.count);
    ++answer.count;
    std::memcpy(counter, &answer.count, sizeof answer.count);
    answer.sum = s.sum += m.value;
    out.reply(answer);
  }
  static void handle(state& s, const empty& m, outbox& out) {
    if (!m.quietly) out.emit(emptied{s.sum});
    s.sum = 0;
  }
};
BOOST_DESCRIBE_STRUCT(totalling::add, (), (value))
BOOST_DESCRIBE_STRUCT(totalling::total, (), (sum, count))
BOOST_DESCRIBE_STRUCT(totalling::empty, (), (quietly))
BOOST_DESCRIBE_STRUCT(totalling::emptied, (), (sum))

}  // namespace kernd::test
