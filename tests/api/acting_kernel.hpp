#pragma once

#include "kernd/ring/ring_kernel.hpp"
#include "tests/unit/test_kernels.hpp"

#include <boost/describe/class.hpp>

#include <cstddef>
#include <cstdint>
#include <span>
#include <stdexcept>
#include <string_view>

namespace kernd::test {

/// Does what its messages say.
struct acting {
  struct answer {
    static constexpr std::uint32_t type_id = 9102;
    static constexpr std::string_view message_name = "answer";
    using reply = void;
    std::int64_t value = 0;
    std::uint64_t count = 0;
  };
  /// Answered with its value.
  struct ask {
    static constexpr std::uint32_t type_id = 9101;
    static constexpr std::string_view message_name = "ask";
    using reply = answer;
    std::int64_t value = 0;
  };
  struct told {
    static constexpr std::uint32_t type_id = 9104;
    static constexpr std::string_view message_name = "told";
    using reply = void;
    std::int64_t value = 0;
  };
  /// Emitted again as `told`.
  struct tell {
    static constexpr std::uint32_t type_id = 9103;
    static constexpr std::string_view message_name = "tell";
    using reply = void;
    std::int64_t value = 0;
  };
  /// Its handler throws.
  struct trip {
    static constexpr std::uint32_t type_id = 9105;
    static constexpr std::string_view message_name = "trip";
    using reply = answer;
    std::int64_t value = 0;
  };
  /// Waits at a gate, then is answered with its tag.
  struct hold {
    static constexpr std::uint32_t type_id = 9106;
    static constexpr std::string_view message_name = "hold";
    using reply = answer;
    std::uint64_t gate = 0;
    std::int64_t tag = 0;
  };
  /// Passed on to actor number `to`, as an `ask`.
  struct pass {
    static constexpr std::uint32_t type_id = 9107;
    static constexpr std::string_view message_name = "pass";
    using reply = answer;
    std::uint64_t to = 0;
    std::int64_t value = 0;
  };
  /// Passed on to actor number `to`, as it is.
  struct turn {
    static constexpr std::uint32_t type_id = 9108;
    static constexpr std::string_view message_name = "turn";
    using reply = answer;
    std::uint64_t to = 0;
  };
  using messages = type_list<ask, tell, trip, hold, pass, turn>;
  using events = type_list<told>;

  struct state {
    std::uint64_t count;
  };
  static constexpr std::size_t default_block_bytes = 0;

  static kernel_info info() {
    return {.id = "core/test-acting",
            .version = "1.0.0",
            .mode = kernel_mode::ring,
            .description = "Does what its messages say.",
            .example = {.input = R"({"value":3})", .output = R"({"value":3,"count":1})"},
            .fields = {
                field<&ask::value>{.doc = "What is answered.", .required = true},
                field<&answer::value>{.doc = "What was asked."},
                field<&answer::count>{.doc = "How often it was asked."},
                field<&tell::value>{.doc = "What is told."},
                field<&told::value>{.doc = "What is told."}, field<&trip::value>{.doc = "Nothing."},
                field<&hold::gate>{.doc = "The gate's address."},
                field<&hold::tag>{.doc = "Who comes."}, field<&pass::to>{.doc = "To whom."},
                field<&pass::value>{.doc = "What is asked."}, field<&turn::to>{.doc = "To whom."}}};
  }
  static void start(state& s, std::span<std::byte>) { s.count = 0; }

  static void handle(state& s, const ask& m, outbox& out) { out.reply(answer{m.value, ++s.count}); }
  static void handle(state&, const tell& m, outbox& out) { out.emit(told{m.value}); }
  static void handle(state&, const trip&, outbox&) { throw std::runtime_error{"tripped"}; }
  static void handle(state& s, const hold& m, outbox& out) {
    reinterpret_cast<test::gate*>(m.gate)->enter(m.tag);
    out.reply(answer{m.tag, ++s.count});
  }
  static void handle(state&, const pass& m, outbox& out) {
    out.forward(static_cast<actor_number>(m.to), ask{m.value});
  }
  static void handle(state&, const turn& m, outbox& out) {
    out.forward(static_cast<actor_number>(m.to), m);
  }
};
BOOST_DESCRIBE_STRUCT(acting::ask, (), (value))
BOOST_DESCRIBE_STRUCT(acting::answer, (), (value, count))
BOOST_DESCRIBE_STRUCT(acting::tell, (), (value))
BOOST_DESCRIBE_STRUCT(acting::told, (), (value))
BOOST_DESCRIBE_STRUCT(acting::trip, (), (value))
BOOST_DESCRIBE_STRUCT(acting::hold, (), (gate, tag))
BOOST_DESCRIBE_STRUCT(acting::pass, (), (to, value))
BOOST_DESCRIBE_STRUCT(acting::turn, (), (to))

}  // namespace kernd::test
