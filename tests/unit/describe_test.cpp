#include "kernd/describe.hpp"

#include <boost/describe/class.hpp>
#include <boost/describe/enum.hpp>
#include <gtest/gtest.h>

namespace kernd {
namespace {

enum class level : std::int16_t { low = -1, high = 300 };
BOOST_DESCRIBE_ENUM(level, low, high)

struct part {
  std::uint8_t id = 7;
  level how = level::high;
};
BOOST_DESCRIBE_STRUCT(part, (), (id, how))

struct whole {
  double size = 1.5;
  std::optional<std::int64_t> maybe;
  array<float> list;
  array<part> parts;
  matrix<std::int32_t> table;
  numbers any;
  csr_graph graph;
  text name;
  bool flag = true;
  part one;
};
BOOST_DESCRIBE_STRUCT(whole, (), (size, maybe, list, parts, table, any, graph, name, flag, one))

const type_info& member(std::string_view name) {
  for (const auto& m : describe<whole>().members) {
    if (m.name == name) return *m.type;
  }
  throw std::out_of_range(std::string{name});
}

TEST(DescribeTest, ListsMembersInOrderWithTheirPlaces) {
  const auto& type = describe<whole>();

  EXPECT_EQ(type.kind, type_kind::structure);
  EXPECT_EQ(type.size_bytes, sizeof(whole));
  ASSERT_EQ(type.members.size(), 10u);
  EXPECT_EQ(type.members[0].name, "size");
  EXPECT_EQ(type.members[9].name, "one");
  EXPECT_EQ(type.members[9].offset, offsetof(whole, one));
  EXPECT_EQ(type.members[2].offset, offsetof(whole, list));
}

TEST(DescribeTest, KnowsEveryKind) {
  EXPECT_EQ(member("size").kind, type_kind::number);
  EXPECT_EQ(member("size").element, dtype::f64);
  EXPECT_EQ(member("maybe").kind, type_kind::optional);
  EXPECT_EQ(member("maybe").inner->element, dtype::i64);
  EXPECT_EQ(member("list").kind, type_kind::array);
  EXPECT_EQ(member("list").element, dtype::f32);
  EXPECT_EQ(member("list").inner, nullptr);
  EXPECT_EQ(member("parts").inner, &describe<part>());
  EXPECT_EQ(member("table").kind, type_kind::matrix);
  EXPECT_EQ(member("table").element, dtype::i32);
  EXPECT_EQ(member("any").kind, type_kind::numbers);
  EXPECT_EQ(member("graph").kind, type_kind::graph);
  EXPECT_EQ(member("name").kind, type_kind::text);
  EXPECT_EQ(member("flag").kind, type_kind::boolean);
}

TEST(DescribeTest, KnowsWhatIsBounded) {
  const auto& name = describe<bounded_text<12>>();
  EXPECT_EQ(name.kind, type_kind::bounded_text);
  EXPECT_EQ(name.limit, 12u);
  EXPECT_EQ(name.data_offset, 4u);
  const auto& values = describe<bounded_array<double, 5>>();
  EXPECT_EQ(values.kind, type_kind::bounded_array);
  EXPECT_EQ(values.limit, 5u);
  EXPECT_EQ(values.data_offset, 8u);
  EXPECT_EQ(values.inner, &describe<double>());
}

TEST(DescribeTest, ListsEnumeratorsWithTheirValues) {
  const auto& type = describe<level>();

  EXPECT_EQ(type.size_bytes, 2u);
  ASSERT_EQ(type.enumerators.size(), 2u);
  EXPECT_EQ(type.enumerators[0].name, "low");
  EXPECT_EQ(type.enumerators[0].value, -1);
  EXPECT_EQ(type.enumerators[1].value, 300);
}

TEST(DescribeTest, ConstructsValueInitialised) {
  alignas(whole) std::byte place[sizeof(whole)];
  std::fill(std::begin(place), std::end(place), std::byte{0xFF});

  describe<whole>().construct(place);

  const auto& made = *std::launder(reinterpret_cast<const whole*>(place));
  EXPECT_EQ(made.size, 1.5);
  EXPECT_EQ(made.list.data, nullptr);
  EXPECT_EQ(made.one.id, 7);
  EXPECT_FALSE(made.maybe);
}

TEST(DescribeTest, ReachesIntoOptionals) {
  const auto& type = describe<std::optional<part>>();
  std::optional<part> value;
  EXPECT_EQ(type.value(&value), nullptr);

  void* const inside = type.emplace(&value);

  EXPECT_EQ(inside, &*value);
  EXPECT_EQ(type.value(&value), &*value);
  EXPECT_EQ(value->how, level::high);
}

TEST(DescribeTest, NamesDtypesAsTheirEnumerators) {
  EXPECT_EQ(describe<dtype>().enumerators.size(), 7u);
  for (const auto& d : describe<dtype>().enumerators) {
    EXPECT_GT(size_of(static_cast<dtype>(d.value)), 0u);
  }
  EXPECT_EQ(size_of(dtype::u8), 1u);
  EXPECT_EQ(size_of(dtype::f32), 4u);
  EXPECT_EQ(size_of(dtype::u64), 8u);
}

}  // namespace
}  // namespace kernd
