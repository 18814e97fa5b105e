#include "kernd/config_loader.hpp"

#include <gtest/gtest.h>

#include <string_view>
#include <vector>

namespace kernd {
namespace {

TEST(ConfigCompareTest, EqualConfigurationsHaveNoChanges) {
  const auto changes = compare(config{}, config{});

  EXPECT_TRUE(changes.reloadable.empty());
  EXPECT_TRUE(changes.need_restart.empty());
}

TEST(ConfigCompareTest, SortsChangesByWhetherTheyNeedARestart) {
  config next;
  next.server.port = 1;
  next.log.level = log_level::warn;
  next.executor.workers = 3;

  const auto changes = compare(config{}, next);

  EXPECT_EQ(changes.reloadable, std::vector<std::string_view>{"log.level"});
  EXPECT_EQ(changes.need_restart,
            (std::vector<std::string_view>{"server.port", "executor.workers"}));
}

}  // namespace
}  // namespace kernd
