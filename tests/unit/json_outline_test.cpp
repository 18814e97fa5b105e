#include "src/json_outline.hpp"

#include <gtest/gtest.h>

#include <string>

namespace kernd {
namespace {

/// The inside of an array beyond the 64 KiB from which one is left out.
std::string many(const std::string& element = "1.5,") {
  std::string inside;
  while (inside.size() <= 70'000) inside += element;
  return inside + "7";
}

std::string outline_of(const std::string& whole) {
  const json_outline outline{whole};
  return outline.is_worth_it() ? std::string{outline.text().view()} : "not worth it";
}

TEST(JsonOutlineTest, LeavesLongArraysOut) {
  EXPECT_EQ(outline_of(R"({"x":[)" + many() + R"(],"short":[1,2],"y": [)" + many() + "] }"),
            R"({"x":[?],"short":[1,2],"y": [?] })");
}

TEST(JsonOutlineTest, FindsWhatItLeftOutByItsPlace) {
  const std::string inside = many();
  const std::string whole = R"({"x":[)" + inside + R"(],"y":[]})";

  const json_outline outline{whole};

  ASSERT_TRUE(outline.is_worth_it());
  const char* const text = outline.text().data();
  EXPECT_EQ(outline.long_array_at(text + std::string{R"({"x":)"}.size()), inside);
  EXPECT_FALSE(outline.long_array_at(text));
  EXPECT_FALSE(outline.long_array_at(text + outline.text().size() - 3));
}

TEST(JsonOutlineTest, TakesBracketsInsideStringsForText) {
  const std::string whole = R"({"a[":"]\"[","x":[)" + many() + R"(],"b\\":"["})";

  EXPECT_EQ(outline_of(whole), R"({"a[":"]\"[","x":[?],"b\\":"["})");
}

TEST(JsonOutlineTest, KeepsALongArrayOfAnythingButScalars) {
  for (const char* const element : {"[1],", "{},", "\"a\","}) {
    EXPECT_EQ(outline_of("[" + many(element) + "]"), "not worth it") << element;
  }
}

TEST(JsonOutlineTest, LeavesOutALongRowOfAMatrix) {
  EXPECT_EQ(outline_of("[[" + many() + "],[" + many() + "]]"), "[[?],[?]]");
}

TEST(JsonOutlineTest, KeepsAnArrayThatDoesNotEnd) {
  EXPECT_EQ(outline_of(R"({"x":[)" + many()), "not worth it");
  EXPECT_EQ(outline_of(R"({"x":")" + many()), "not worth it");
  EXPECT_EQ(outline_of(R"({"x":")" + many() + "\\"), "not worth it");
}

TEST(JsonOutlineTest, IsNotWorthItBesideMoreOtherText) {
  EXPECT_EQ(outline_of(R"({"note":")" + std::string(200'000, 'a') + R"(","x":[)" + many() + "]}"),
            "not worth it");
  EXPECT_EQ(outline_of("[1,2,3]"), "not worth it");
}

}  // namespace
}  // namespace kernd
