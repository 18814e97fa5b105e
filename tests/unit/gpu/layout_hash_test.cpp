#include "kernd/gpu/layout_hash.hpp"

#include <boost/describe/class.hpp>
#include <boost/describe/enum.hpp>
#include <gtest/gtest.h>

#include <cstdint>
#include <optional>

namespace kernd::gpu::test {
namespace {

struct plain {
  float alpha = 1;
  array<float> x;
};
BOOST_DESCRIBE_STRUCT(plain, (), (alpha, x))

struct same_as_plain {
  float alpha = 2;
  array<float> x;
};
BOOST_DESCRIBE_STRUCT(same_as_plain, (), (alpha, x))

struct renamed {
  float beta = 1;
  array<float> x;
};
BOOST_DESCRIBE_STRUCT(renamed, (), (beta, x))

struct retyped {
  std::int32_t alpha = 1;
  array<float> x;
};
BOOST_DESCRIBE_STRUCT(retyped, (), (alpha, x))

struct other_elements {
  float alpha = 1;
  array<std::int32_t> x;
};
BOOST_DESCRIBE_STRUCT(other_elements, (), (alpha, x))

struct reordered {
  array<float> x;
  float alpha = 1;
};
BOOST_DESCRIBE_STRUCT(reordered, (), (alpha, x))

enum class side : std::uint8_t { buy, sell };
BOOST_DESCRIBE_ENUM(side, buy, sell)
enum class swapped_side : std::uint8_t { sell, buy };
BOOST_DESCRIBE_ENUM(swapped_side, buy, sell)

template <class T>
std::uint64_t hash_of() {
  return layout_hash(describe<T>(), describe<plain>());
}

TEST(LayoutHashTest, IsOfTheLayoutNotOfNamesOfTypesOrDefaults) {
  EXPECT_EQ(hash_of<plain>(), hash_of<same_as_plain>());
}

TEST(LayoutHashTest, DiffersWithAMember) {
  EXPECT_NE(hash_of<plain>(), hash_of<renamed>());
  EXPECT_NE(hash_of<plain>(), hash_of<retyped>());
  EXPECT_NE(hash_of<plain>(), hash_of<other_elements>());
}

TEST(LayoutHashTest, DiffersWithAnOffset) {
  EXPECT_NE(hash_of<plain>(), hash_of<reordered>());
}

TEST(LayoutHashTest, DiffersWithWhatIsInside) {
  EXPECT_NE(hash_of<std::optional<float>>(), hash_of<std::optional<std::int32_t>>());
  EXPECT_NE(hash_of<array<plain>>(), hash_of<array<retyped>>());
}

TEST(LayoutHashTest, DiffersWithTheValuesOfAnEnum) {
  EXPECT_NE(hash_of<side>(), hash_of<swapped_side>());
}

TEST(LayoutHashTest, TellsInputFromOutput) {
  EXPECT_NE(layout_hash(describe<plain>(), describe<renamed>()),
            layout_hash(describe<renamed>(), describe<plain>()));
}

}  // namespace
}  // namespace kernd::gpu::test
