#include "kernd/did_you_mean.hpp"

#include <gtest/gtest.h>

#include <array>

namespace kernd {
namespace {

constexpr std::array<std::string_view, 3> names = {"port", "host", "io_threads"};

TEST(DidYouMeanTest, FindsAChangedLetter) {
  EXPECT_EQ(closest_name("pord", names), "port");
}

TEST(DidYouMeanTest, FindsAMissingLetter) {
  EXPECT_EQ(closest_name("prt", names), "port");
}

TEST(DidYouMeanTest, FindsAnExtraLetter) {
  EXPECT_EQ(closest_name("hosst", names), "host");
}

TEST(DidYouMeanTest, CountsSwappedNeighboursAsOneSlip) {
  EXPECT_EQ(closest_name("prot", names), "port");
}

TEST(DidYouMeanTest, IgnoresCase) {
  EXPECT_EQ(closest_name("IO_Threads", names), "io_threads");
}

TEST(DidYouMeanTest, TakesTheClosestOfSeveral) {
  constexpr std::array<std::string_view, 2> close = {"max_body_bytes", "max_bodys_byte"};

  EXPECT_EQ(closest_name("max_body_byte", close), "max_body_bytes");
}

TEST(DidYouMeanTest, FindsNothingWhenTooMuchDiffers) {
  EXPECT_EQ(closest_name("workers", names), "");
}

TEST(DidYouMeanTest, FindsNothingForAnEmptyName) {
  EXPECT_EQ(closest_name("", names), "");
}

TEST(DidYouMeanTest, DoesNotTakeEveryShortNameForAnother) {
  constexpr std::array<std::string_view, 1> single = {"q"};

  EXPECT_EQ(closest_name("x", single), "");
}

TEST(DidYouMeanTest, DoesNotCompareEndlessNames) {
  EXPECT_EQ(closest_name(std::string(129, 'x'), std::array{std::string_view{"x"}}), "");
}

TEST(DidYouMeanTest, PhrasesTheQuestion) {
  EXPECT_EQ(did_you_mean("prot", names), "; did you mean `port`?");
}

TEST(DidYouMeanTest, AsksNothingWithoutACandidate) {
  EXPECT_EQ(did_you_mean("zzz", names), "");
}

}  // namespace
}  // namespace kernd
