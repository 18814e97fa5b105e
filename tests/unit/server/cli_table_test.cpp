#include "server/cli_table.hpp"

#include <gtest/gtest.h>

#include <sstream>

namespace kernd::cli {
namespace {

std::string printed(const text_table& table) {
  std::ostringstream out;
  table.print(out);
  return out.str();
}

TEST(TextTableTest, AlignsColumnsAndEndsLinesAtTheLastText) {
  text_table table{{"A", "B"}};
  table.add({"long", "x"});
  table.add({"s", ""});

  EXPECT_EQ(printed(table), "A     B\nlong  x\ns\n");
}

TEST(TextTableTest, LeavesOutColumnsWithoutText) {
  text_table table{{"A", "B", "C"}, "  "};
  table.add({"1", "", "3"});

  EXPECT_EQ(printed(table), "  A  C\n  1  3\n");
}

TEST(TextTableTest, CountsCharactersNotBytes) {
  text_table table;
  table.add({"µs", "x"});
  table.add({"ms", "y"});

  EXPECT_EQ(printed(table), "µs  x\nms  y\n");
}

}  // namespace
}  // namespace kernd::cli
