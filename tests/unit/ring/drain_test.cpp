// A runtime that takes nothing new from outside, and goes on with what it has.

#include "tests/unit/ring/actor_fixture.hpp"

#include <gtest/gtest.h>

#include <cstdint>
#include <vector>

namespace kernd {
namespace {

using namespace test;

struct DrainTest : ActorModeTest {};
INSTANTIATE_TEST_SUITE_P(, DrainTest, both_modes, name_of_mode);

TEST_P(DrainTest, LaunchesNothing) {
  runtime.drain();

  EXPECT_EQ(runtime.launch(kernel, "a", {.mode = GetParam()}).error().code,
            errc::service_unavailable);
  EXPECT_EQ(runtime.metrics().total_launched, 0u);
}

TEST_P(DrainTest, RefusesMessagesFromOutside) {
  auto a = launch();
  until_quiet(a);
  runtime.set_route(note::type_id, a.id());

  runtime.drain();

  EXPECT_EQ(a.send(outgoing(note{1})).error().code, errc::service_unavailable);
  EXPECT_EQ(a.try_send(outgoing(note{1})).error().code, errc::service_unavailable);
  EXPECT_EQ(ask(a, ping{1}).error().code, errc::service_unavailable);
  EXPECT_EQ(runtime.dispatch(outgoing(note{1})).error().code, errc::service_unavailable);
  EXPECT_EQ(a.state(), actor_state::active);
  EXPECT_EQ(runtime.metrics().calls_waiting, 0u);
}

TEST_P(DrainTest, KeepsADeadLetterThatIsReplayed) {
  auto a = launch({.input_queue_capacity = 2,
                   .auto_activate = false,
                   .overflow = overflow_policy::dead_letter});
  for (int i = 0; i < 3; ++i) send(a, note{1});
  ASSERT_EQ(runtime.dead_letters().size(), 1u);
  const auto letter = runtime.dead_letters().list(0, 1).front().id;

  runtime.drain();

  EXPECT_EQ(runtime.replay(letter).error().code, errc::service_unavailable);
  EXPECT_EQ(runtime.dead_letters().size(), 1u);
}

TEST_P(DrainTest, LetsActorsHandleAndSendOnWhatTheyHave) {
  auto a = launch();
  auto b = launch();
  gate g;
  send_and_enter(a, g);
  call_probe call;
  a.begin_call(outgoing(pass{7, b.number(), 0}), call.receiver()).value();
  send(a, burst{b.number(), 3});

  runtime.drain();
  g.open.count_down();

  call.wait();
  EXPECT_EQ(call.value, 7u);
  EXPECT_EQ(receive(b, 3), (std::vector<std::uint64_t>{0, 1, 2}));
}

}  // namespace
}  // namespace kernd
