#include "server/app.hpp"

#include <gtest/gtest.h>

#include <atomic>
#include <chrono>

namespace kernd::test {
namespace {

TEST(AppTest, AStopBeforeItIsReadyEndsItWithoutAGraceDelay) {
  loaded_config configuration;
  configuration.values.log.level = log_level::error;
  configuration.values.server.port = 0;
  configuration.values.server.grace_delay = std::chrono::hours{1};
  app daemon{configuration, {}, [] {}};
  const std::atomic<bool> stop{true};

  EXPECT_FALSE(daemon.start(stop));
  EXPECT_TRUE(daemon.drain());
}

}  // namespace
}  // namespace kernd::test
