#include "server/api/actor_metrics.hpp"

#include "tests/api/actor_api_test.hpp"

#include <string>

namespace kernd::test {
namespace {

struct ActorMetricsTest : ActorApiTest {
  static std::string of_kernel(const std::string& name, const std::string& labels = {}) {
    return "kernd_ring_" + name + "{kernel=\"core/test-acting\"" + labels + "}";
  }
  double outcome(const std::string& name) {
    return sample(of_kernel("messages_total", ",outcome=\"" + name + "\""));
  }
};

TEST_F(ActorMetricsTest, CountsWhatClientsSaw) {
  start();
  launch("a", R"({"input_queue_capacity":2})");
  EXPECT_EQ(call("a", ask_body(1)).status, 200);
  EXPECT_EQ(send("a", tell_body(1)).status, 202);
  wait_until("a", "/counters/processed", 2);
  ask(post(path("a", "/deactivate"), ""));
  int taken = 0;
  while (send("a", tell_body(1)).status == 202) ++taken;
  EXPECT_EQ(sample(of_kernel("queue_messages", ",queue=\"input\"")), taken);
  remove("a");

  EXPECT_EQ(sample(of_kernel("messages_sent_total")), 2 + taken);
  EXPECT_EQ(outcome("processed"), 2);
  EXPECT_EQ(outcome("refused"), 1);
  EXPECT_EQ(outcome("dead_lettered"), taken);
  EXPECT_EQ(sample("kernd_ring_dead_letters_total"), taken);
  EXPECT_EQ(sample(of_kernel("output_total", ",kind=\"reply\"")), 1);
  EXPECT_EQ(sample(of_kernel("output_total", ",kind=\"event\"")), 1);
}

TEST_F(ActorMetricsTest, CountsCallsByHowLongTheyTook) {
  start();
  launch("a");
  const auto calls = [this] { return sample(of_kernel("call_duration_seconds_count")); };
  const auto up_to = [this](const std::string& bound) {
    return sample(of_kernel("call_duration_seconds_bucket", ",le=\"" + bound + "\""));
  };
  EXPECT_EQ(calls(), 0);
  EXPECT_EQ(up_to("1e-06"), 0);

  EXPECT_EQ(call("a", ask_body(1)).status, 200);
  EXPECT_EQ(send("a", tell_body(1)).status, 202);

  EXPECT_EQ(calls(), 1);
  EXPECT_EQ(up_to("60"), 1);
  EXPECT_GT(sample(of_kernel("call_duration_seconds_sum")), 0);
}

TEST_F(ActorMetricsTest, CountsCallsThatNobodyAnswered) {
  start();
  launch("a");
  EXPECT_EQ(call("a", message("trip")).status, 500);
  launch_held("b");
  EXPECT_EQ(call("b", ask_body(1, R"(,"timeout_ms":20)")).status, 504);

  EXPECT_EQ(sample(of_kernel("call_duration_seconds_count")), 2);
  EXPECT_GE(sample(of_kernel("call_duration_seconds_sum")), 0.02);
  where.open();
}

TEST_F(ActorMetricsTest, CallsStayCountedWhenTheirActorIsGone) {
  start();
  launch("a");
  call("a", ask_body(1));
  remove("a");

  EXPECT_EQ(sample(of_kernel("call_duration_seconds_count")), 1);
}

TEST_F(ActorMetricsTest, CountsExecutionsOnActorsAsCalls) {
  start();

  EXPECT_EQ(ask(execute("core/test-acting", R"({"input":{"value":3}})")).status, 200);

  EXPECT_EQ(sample(of_kernel("call_duration_seconds_count")), 1);
}

TEST_F(ActorMetricsTest, CountsActors) {
  start();
  launch("a", R"({"input_queue_capacity":4,"output_queue_capacity":8})");
  launch("b", R"({"input_queue_capacity":4,"output_queue_capacity":8})");
  call("b", message("trip"));

  EXPECT_EQ(sample(of_kernel("actors")), 2);
  EXPECT_EQ(sample(of_kernel("actors_failed")), 1);
  EXPECT_EQ(sample(of_kernel("queue_capacity_messages", ",queue=\"input\"")), 8);
  EXPECT_EQ(sample(of_kernel("queue_capacity_messages", ",queue=\"output\"")), 16);
  EXPECT_GT(sample("kernd_ring_memory_bytes"), 0);
  remove("a");
  remove("b");
  EXPECT_EQ(sample(of_kernel("actors")), 0);
  EXPECT_EQ(sample(of_kernel("actors_failed")), 0);
  EXPECT_EQ(outcome("failed"), 1);
  EXPECT_EQ(sample("kernd_ring_actors_launched_total"), 2);
}

TEST_F(ActorMetricsTest, ShowsRingStatsOfTheRuntime) {
  start();
  launch("a");
  launch("idle", R"({"auto_activate":false})");
  call("a", ask_body(1));
  wait_until("a", "/counters/processed", 1);
  send("idle", tell_body(1));

  const json runtime_now = read("/api/v1/runtime");
  const json ring = runtime_now["ring"], stats = runtime_now["stats"];

  EXPECT_EQ(stats["kernels_active"], 1);
  EXPECT_EQ(stats["messages_processed"], 1);
  EXPECT_EQ(stats["messages_in_flight"], 1);
  EXPECT_EQ(stats["gpu_memory_bytes"], 0);
  EXPECT_EQ(stats["gpu_memory_peak_bytes"], 0);
  EXPECT_EQ(ring["active_kernels"], 1);
  EXPECT_EQ(ring["total_launched"], 2);
  EXPECT_EQ(ring["messages_sent"], 2);
  EXPECT_EQ(ring["messages_received"], 1);
  EXPECT_EQ(ring["calls_waiting"], 0);
  EXPECT_GT(ring["host_memory_used"], 0);
}

}  // namespace
}  // namespace kernd::test
