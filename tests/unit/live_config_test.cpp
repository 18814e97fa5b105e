#include "kernd/live_config.hpp"

#include "support/temporary_file.hpp"

#include <gtest/gtest.h>
#include <prometheus/metric_family.h>

#include <fstream>
#include <string>
#include <string_view>
#include <vector>

namespace kernd {
namespace {

using names = std::vector<std::string_view>;

struct LiveConfigTest : ::testing::Test {
  test::temporary_file file{"limits.max_body_bytes = 2048\n"};
  config_sources sources{.file = file.path()};
  live_config live{load_config(sources).value(), sources};

  void write(std::string_view text) const { std::ofstream{file.path()} << text; }

  double metric(std::string_view name) const {
    metric_families families;
    live.collect(families);
    for (const auto& family : families) {
      if (family.name == name) return family.metric.at(0).gauge.value;
    }
    return -1;
  }
};

TEST_F(LiveConfigTest, BeginsAtRevisionOne) {
  EXPECT_EQ(live.current()->revision, 1u);
  EXPECT_EQ(live.values().limits.max_body_bytes, 2048u);
  EXPECT_EQ(metric("kernd_config_revision"), 1);
  EXPECT_EQ(metric("kernd_config_last_reload_successful"), 1);
}

TEST_F(LiveConfigTest, AReloadRaisesTheRevisionAndNamesWhatChanged) {
  write("limits.max_body_bytes = 4096\n");

  const auto done = live.reload();

  ASSERT_TRUE(done);
  EXPECT_EQ(done->revision, 2u);
  EXPECT_EQ(done->changed, names{"limits.max_body_bytes"});
  EXPECT_EQ(live.values().limits.max_body_bytes, 4096u);
  EXPECT_EQ(metric("kernd_config_revision"), 2);
}

TEST_F(LiveConfigTest, AReloadOfTheSameRaisesTheRevisionToo) {
  const auto done = live.reload();

  ASSERT_TRUE(done);
  EXPECT_EQ(done->revision, 2u);
  EXPECT_EQ(done->changed, names{});
}

TEST_F(LiveConfigTest, WhoReadsKeepsWhatItRead) {
  const auto before = live.current();
  write("limits.max_body_bytes = 4096\n");

  ASSERT_TRUE(live.reload());

  EXPECT_EQ(before->loaded.values.limits.max_body_bytes, 2048u);
  EXPECT_GE(live.current()->loaded_at, before->loaded_at);
}

TEST_F(LiveConfigTest, AnInvalidFileChangesNothingAndIsExplained) {
  write("limits.max_body_bytes = 4096\nlog.level = 'loud'\nserver.prot = 1\n");

  const auto done = live.reload();

  ASSERT_FALSE(done);
  EXPECT_EQ(done.error().code, errc::configuration_invalid);
  const std::string message = done.error().message;
  EXPECT_NE(message.find(file.path() + ":2: log.level"), std::string::npos) << message;
  EXPECT_NE(message.find("; " + file.path() + ":3: "), std::string::npos) << message;
  EXPECT_EQ(live.current()->revision, 1u);
  EXPECT_EQ(live.values().limits.max_body_bytes, 2048u);
  EXPECT_EQ(metric("kernd_config_last_reload_successful"), 0);
}

TEST_F(LiveConfigTest, AKeyThatNeedsARestartRefusesTheWhole) {
  write("limits.max_body_bytes = 4096\nserver.port = 1\nexecutor.workers = 3\n");

  const auto done = live.reload();

  ASSERT_FALSE(done);
  EXPECT_EQ(done.error().code, errc::restart_required);
  EXPECT_EQ(done.error().message, "a restart is needed to change server.port, executor.workers");
  EXPECT_EQ(live.values().limits.max_body_bytes, 2048u);
}

TEST_F(LiveConfigTest, ASuccessMakesUpForAFailure) {
  write("limits.max_body_bytes = 'many'\n");
  ASSERT_FALSE(live.reload());
  write("limits.max_body_bytes = 4096\n");

  ASSERT_TRUE(live.reload());

  EXPECT_EQ(metric("kernd_config_last_reload_successful"), 1);
  EXPECT_EQ(live.current()->revision, 2u);
}

TEST_F(LiveConfigTest, TellsWhenItsConfigurationWasLoaded) {
  const std::chrono::duration<double> at = live.current()->loaded_at.time_since_epoch();

  EXPECT_EQ(metric("kernd_config_last_reload_success_timestamp_seconds"), at.count());
}

TEST_F(LiveConfigTest, ReloadsOnlyWhereTheConfigurationLetsIt) {
  config_sources fixed = sources;
  fixed.flags.push_back({"runtime.hot_reload", "false"});
  live_config unchanging{load_config(fixed).value(), fixed};

  const auto done = unchanging.reload();

  ASSERT_FALSE(done);
  EXPECT_EQ(done.error().code, errc::reload_disabled);
  EXPECT_EQ(unchanging.current()->revision, 1u);
}

}  // namespace
}  // namespace kernd
