#include "tests/support/random_words.hpp"

#include <gtest/gtest-spi.h>
#include <gtest/gtest.h>

#include <cstdlib>
#include <optional>
#include <string>

namespace kernd::test {
namespace {

/// Runs with KERND_TEST_SEED as the test wants it, and leaves it as it was.
struct RandomWordsTest : ::testing::Test {
  std::optional<std::string> before;

  RandomWordsTest() {
    if (const char* const given = std::getenv("KERND_TEST_SEED")) before = given;
    ::unsetenv("KERND_TEST_SEED");
  }
  ~RandomWordsTest() override {
    ::unsetenv("KERND_TEST_SEED");
    if (before) ::setenv("KERND_TEST_SEED", before->c_str(), 1);
  }
};

TEST_F(RandomWordsTest, ShowTheirSeedBesideAFailure) {
  EXPECT_NONFATAL_FAILURE(
      {
        const random_words words{measured_with{4711}};
        ADD_FAILURE();
      },
      "KERND_TEST_SEED=4711");
}

TEST_F(RandomWordsTest, DifferFromRunToRun) {
  EXPECT_NE(random_words{}.seed(), random_words{}.seed());
}

TEST_F(RandomWordsTest, AreThoseOfTheSeedInTheEnvironment) {
  ::setenv("KERND_TEST_SEED", "18446744073709551615", 1);

  random_words fresh, measured{measured_with{1}};

  EXPECT_EQ(fresh.seed(), 18446744073709551615U);
  EXPECT_EQ(fresh(), std::mt19937_64{18446744073709551615U}());
  EXPECT_EQ(measured.seed(), fresh.seed());
}

}  // namespace
}  // namespace kernd::test
