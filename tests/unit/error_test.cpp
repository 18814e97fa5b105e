#include "kernd/error.hpp"

#include <gtest/gtest.h>

#include <stdexcept>

namespace kernd {
namespace {

TEST(ErrorTest, SaysWhereWhatAndWhatInstead) {
  const error e = refuse_value(errc::invalid_input, "/x/17", "number", "\"abc\"");

  EXPECT_EQ(e.code, errc::invalid_input);
  EXPECT_EQ(e.message, "/x/17: number expected, found \"abc\"");
  EXPECT_EQ(e.invalid->pointer, "/x/17");
  EXPECT_EQ(e.invalid->expected, "number");
  EXPECT_EQ(e.invalid->found, "\"abc\"");
}

TEST(ErrorTest, CallsAnEmptyPointerTheBody) {
  EXPECT_EQ(refuse_value(errc::invalid_request, "", "object", "an array").message,
            "the body: object expected, found an array");
}

TEST(ErrorTest, GrowsItsPointerOnTheWayUp) {
  const error e =
      within("input", within("x", within(std::size_t{17}, invalid_input("", "a", "b"))));

  EXPECT_EQ(e.invalid->pointer, "/input/x/17");
  EXPECT_EQ(e.message, "/input/x/17: a expected, found b");
}

TEST(ErrorTest, EscapesNamesAsPointersDo) {
  EXPECT_EQ(within("a/b~c~1", invalid_input("", "a", "b")).invalid->pointer, "/a~1b~0c~01");
  EXPECT_EQ(within("", invalid_input("/y", "a", "b")).invalid->pointer, "//y");
}

TEST(ErrorTest, LeavesErrorsWithoutPlaceAlone) {
  const error e = within("x", error{errc::invalid_json, "not JSON"});

  EXPECT_EQ(e.message, "not JSON");
  EXPECT_FALSE(e.invalid);
}

TEST(ErrorTest, ThrowsItsMessageWhenAValueIsTaken) {
  const result<int> failed = error{errc::internal_error, "no luck"};
  try {
    static_cast<void>(failed.value());
    FAIL();
  } catch (const std::runtime_error& e) {
    EXPECT_STREQ(e.what(), "no luck");
  }
}

}  // namespace
}  // namespace kernd
