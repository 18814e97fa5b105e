#pragma once

#include "kernd/kernel.hpp"
#include "kernd/text_buffer.hpp"

#include <boost/describe/class.hpp>
#include <boost/describe/enum.hpp>

#include <condition_variable>
#include <cstdint>
#include <limits>
#include <mutex>
#include <new>
#include <stdexcept>
#include <string>
#include <vector>

namespace kernd::test {

/// Where `gated` kernels wait; outlives them. Safe from any thread.
class gate {
 public:
  /// Lets everybody pass, now and later.
  void open() {
    const std::lock_guard lock{mutex_};
    open_ = true;
    changed_.notify_all();
  }

  void enter(std::int64_t tag) {
    std::unique_lock lock{mutex_};
    entered_.push_back(tag);
    changed_.notify_all();
    changed_.wait(lock, [this] { return open_; });
  }

  /// Blocks until `count` kernels have entered.
  void wait_entered(std::size_t count) {
    std::unique_lock lock{mutex_};
    changed_.wait(lock, [&] { return entered_.size() >= count; });
  }

  /// The tags of those that entered, in order.
  std::vector<std::int64_t> entered() const {
    const std::lock_guard lock{mutex_};
    return entered_;
  }

  void set_saw_stop() {
    const std::lock_guard lock{mutex_};
    saw_stop_ = true;
  }
  bool saw_stop() const {
    const std::lock_guard lock{mutex_};
    return saw_stop_;
  }

 private:
  mutable std::mutex mutex_;
  std::condition_variable changed_;
  std::vector<std::int64_t> entered_;
  bool open_ = false;
  bool saw_stop_ = false;
};

/// Waits at a gate, whose address is part of its input.
struct gated {
  struct input {
    std::uint64_t gate = 0;
    std::int64_t tag = 0;
  };
  struct output {
    std::int64_t tag = 0;
  };

  static kernel_info info() {
    return {.id = "core/test-gated",
            .version = "1.0.0",
            .description = "Waits at a gate.",
            .fields = {field<&input::gate>{.doc = "Its address."},
                       field<&input::tag>{.doc = "Who comes."},
                       field<&output::tag>{.doc = "Who came."}}};
  }
  static result<void> validate(const input&) { return {}; }
  static result<output> run(const input& in, cpu_context& context) {
    auto& where = *reinterpret_cast<test::gate*>(in.gate);
    where.enter(in.tag);
    if (context.stop_requested()) where.set_saw_stop();
    return output{in.tag};
  }
};
BOOST_DESCRIBE_STRUCT(gated::input, (), (gate, tag))
BOOST_DESCRIBE_STRUCT(gated::output, (), (tag))

/// Four small jobs of it are computed together. Waits at a gate, when there is one, then goes wrong
/// when it is told to.
struct joining {
  struct input {
    std::uint64_t gate = 0;
    std::int64_t tag = 0;
    bool fails = false;
  };
  struct output {
    std::int64_t tag = 0;
  };

  static kernel_info info() {
    return {.id = "core/test-joining",
            .version = "1.0.0",
            .description = "Is computed together with others.",
            .max_batch_size = 4,
            .fields = {field<&input::gate>{.doc = "Its address."},
                       field<&input::tag>{.doc = "Who comes.", .max = 1000},
                       field<&input::fails>{.doc = "Whether it throws."},
                       field<&output::tag>{.doc = "Who came."}}};
  }
  static result<void> validate(const input&) { return {}; }
  static result<output> run(const input& in, cpu_context&) {
    if (in.gate != 0) reinterpret_cast<test::gate*>(in.gate)->enter(in.tag);
    if (in.fails) throw std::runtime_error("told to");
    return output{in.tag};
  }
};
BOOST_DESCRIBE_STRUCT(joining::input, (), (gate, tag, fails))
BOOST_DESCRIBE_STRUCT(joining::output, (), (tag))

/// Adds two numbers; refuses negative ones across fields.
struct adding {
  struct input {
    double a = 1;
    double b = 2;
  };
  struct output {
    double sum = 0;
  };

  static kernel_info info() {
    return {.id = "core/test-adding",
            .version = "1.2.3",
            .description = "Adds.",
            .fields = {field<&input::a>{.doc = "One."}, field<&input::b>{.doc = "The other."},
                       field<&output::sum>{.doc = "Both."}}};
  }
  static result<void> validate(const input& in) {
    if (in.a + in.b >= 0) return {};
    return invalid_input("/b", "a sum of at least 0", std::to_string(in.a + in.b));
  }
  static result<output> run(const input& in, cpu_context&) { return output{in.a + in.b}; }
};
BOOST_DESCRIBE_STRUCT(adding::input, (), (a, b))
BOOST_DESCRIBE_STRUCT(adding::output, (), (sum))

/// Goes wrong in the way that its input names.
struct failing {
  enum class way : std::uint8_t { exception, number, bad_alloc, error, not_finite, memory };
  struct input {
    way how = way::exception;
  };
  struct output {
    double value = 0;
  };

  static kernel_info info() {
    return {.id = "core/test-failing",
            .version = "1.0.0",
            .description = "Fails.",
            .fields = {field<&input::how>{.doc = "In which way."},
                       field<&output::value>{.doc = "Never there."}}};
  }
  static result<void> validate(const input&) { return {}; }
  static result<output> run(const input& in, cpu_context& context) {
    switch (in.how) {
      case way::exception:
        throw std::runtime_error("the secret reason");
      case way::number:
        throw 7;
      case way::bad_alloc:
        throw std::bad_alloc();
      case way::error:
        return error{errc::execution_failed, "no convergence after 3 steps"};
      case way::not_finite:
        return output{std::numeric_limits<double>::quiet_NaN()};
      case way::memory:
        break;
    }
    return output{static_cast<double>(context.allocate<double>(std::size_t{1} << 40).size)};
  }
};
BOOST_DESCRIBE_ENUM(failing::way, exception, number, bad_alloc, error, not_finite, memory)
BOOST_DESCRIBE_STRUCT(failing::input, (), (how))
BOOST_DESCRIBE_STRUCT(failing::output, (), (value))

inline text_buffer body_of(const std::string& input, const std::string& metadata = "{}") {
  return text_buffer{R"({"input":)" + input + R"(,"metadata":)" + metadata + "}"};
}

inline text_buffer gated_body(const gate& where, std::int64_t tag = 0,
                              const std::string& metadata = "{}") {
  const auto address = std::to_string(reinterpret_cast<std::uintptr_t>(&where));
  return body_of(R"({"gate":)" + address + R"(,"tag":)" + std::to_string(tag) + "}", metadata);
}

}  // namespace kernd::test
