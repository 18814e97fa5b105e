#include "kernels/core/echo.hpp"

#include "contract/ring_runner.hpp"

#include <gtest/gtest.h>

namespace kernd::kernels {
namespace {

struct EchoTest : ::testing::Test {
  test::ring_runner actor{make_ring_kernel<echo>()};

  echo::echoed ask(std::uint64_t value, const bounded_text<52>& text = {}) {
    echo::request m;
    m.value = value;
    m.text = text;
    return actor.ask(m).value();
  }
};

TEST_F(EchoTest, GivesBackWhatItIsSent) {
  const auto answer = ask(~std::uint64_t{0}, "a text");

  EXPECT_EQ(answer.value, ~std::uint64_t{0});
  EXPECT_EQ(answer.text.view(), "a text");
}

TEST_F(EchoTest, CountsItsMessages) {
  EXPECT_EQ(ask(5).count, 1u);
  EXPECT_EQ(ask(5).count, 2u);
  EXPECT_EQ(test::ring_runner{make_ring_kernel<echo>()}.ask(echo::request{})->count, 1u);
}

TEST_F(EchoTest, StampsEachMessageLaterThanTheOneBefore) {
  std::uint64_t before = 0;
  for (int i = 0; i < 10'000; ++i) {
    const std::uint64_t now = ask(0).processed_ns;
    ASSERT_GT(now, before);
    before = now;
  }
}

TEST_F(EchoTest, IgnoresAMessageOfNoTypeOfIts) {
  const echo::request m;
  EXPECT_TRUE(actor.handle(99, &m).empty());
}

}  // namespace
}  // namespace kernd::kernels
