#pragma once

#include "kernd/ring/runtime.hpp"
#include "tests/unit/ring/probe_kernel.hpp"

#include <gtest/gtest.h>

#include <atomic>
#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace kernd::test {

/// Told how one call ended.
struct call_probe {
  call_receiver receiver() {
    return {[](void* self, const call_end& e) noexcept { static_cast<call_probe*>(self)->end(e); },
            this};
  }
  void end(const call_end& e) noexcept {
    if (e.why) code = e.why->code;
    if (!e.why) value = from_bytes<pong>(e.payload).value;
    ++times;
    times.notify_all();
  }
  /// Until the call has ended.
  void wait() { times.wait(0); }

  std::optional<errc> code;
  std::uint64_t value = 0;
  std::atomic<int> times{0};
};

/// A runtime with a kernel to launch on it.
class RuntimeFixture : public ::testing::Test {
 protected:
  explicit RuntimeFixture(const ring_config& config = {.pool_threads = 2}) : runtime{config} {}

  actor launch(std::string_view id = "", const launch_options& options = {}) {
    return runtime.launch(kernel, id, options).value();
  }

  template <class M>
  static std::uint64_t send(actor& a, const M& m) {
    return a.send(outgoing(m)).value();
  }
  /// Until it waits at the gate.
  static void send_and_enter(actor& a, gate& g) {
    send(a, hold{g.address()});
    g.entered.wait();
  }
  /// Until the actor has handled what was sent before.
  static void until_quiet(actor& a) { EXPECT_TRUE(ask(a, ping{0})); }

  /// Values of what is emitted next.
  static std::vector<std::uint64_t> receive(actor& a, std::size_t count) {
    std::vector<std::uint64_t> values;
    const auto add = [&](const message_view& m) {
      values.push_back(from_bytes<noted>(m.payload).value);
    };
    while (values.size() < count && a.receive(add, far())) continue;
    return values;
  }

  /// What was accepted is accounted for, and nothing is under way.
  static void expect_balanced(const actor& a) {
    const auto s = a.status();
    const auto& c = s.counters;
    EXPECT_EQ(c.sent, c.processed + c.expired + c.dead_lettered + c.terminated + c.failed +
                          s.input_queue_depth)
        << s.id;
  }

  const ring_kernel kernel = make_ring_kernel<probe>();
  ring_runtime runtime;
};

/// Every case in both modes.
class ActorModeTest : public RuntimeFixture, public ::testing::WithParamInterface<actor_mode> {
 protected:
  using RuntimeFixture::RuntimeFixture;

  actor launch(launch_options options = {}) {
    options.mode = GetParam();
    return RuntimeFixture::launch("", options);
  }
};

inline const auto both_modes = ::testing::Values(actor_mode::persistent, actor_mode::event_driven);
inline std::string name_of_mode(const ::testing::TestParamInfo<actor_mode>& mode) {
  return mode.param == actor_mode::persistent ? "Persistent" : "EventDriven";
}

}  // namespace kernd::test
