#include "tests/golden/golden_cases.hpp"

#include <cmath>

namespace kernd {
namespace {

using nlohmann::json;

TEST(SortGoldenTest, KeysPermutationAndValuesAreThoseOfNumPy) {
  const auto cases = test::golden_cases("core_sort.json");
  ASSERT_GE(cases.size(), 32u);
  test::golden_runner sort{"core/sort"};
  for (const auto& c : cases) {
    SCOPED_TRACE(c.at("name"));

    const auto found = sort.execute(c.at("input"));

    const auto& expected = c.at("output");
    EXPECT_EQ(found.at("permutation"), expected.at("permutation"));
    EXPECT_EQ(found.value("values", json()), expected.value("values", json()));
    ASSERT_EQ(found.at("keys").size(), expected.at("keys").size());
    for (std::size_t i = 0; i < expected.at("keys").size(); ++i) {
      const auto a = found["keys"][i].get<double>(), b = expected["keys"][i].get<double>();
      if (c.at("input").at("dtype") == "f32") {
        EXPECT_EQ(static_cast<float>(a), static_cast<float>(b)) << i;  // the digits may differ
      } else {
        EXPECT_EQ(a, b) << i;
      }
      EXPECT_EQ(std::signbit(a), std::signbit(b)) << i;
    }
  }
}

}  // namespace
}  // namespace kernd
