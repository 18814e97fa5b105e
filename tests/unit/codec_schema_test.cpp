#include "unit/codec_probe.hpp"

#include <boost/describe/enum.hpp>
#include <nlohmann/json.hpp>

namespace kernd {
namespace {

using json = nlohmann::ordered_json;

enum class side : std::uint8_t { left, right };
BOOST_DESCRIBE_ENUM(side, left, right)

struct inner {
  float a = 0.25F;
  text b;
};
BOOST_DESCRIBE_STRUCT(inner, (), (a, b))

struct documented {
  float rate = 0.5F;
  std::uint8_t level = 3;
  std::uint64_t id = 18446744073709551615U;
  bool flag = true;
  side where = side::right;
  text name;
  std::optional<double> maybe;
  array<std::int32_t> list;
  array<inner> parts;
  matrix<float> table;
  csr_graph graph;
};
BOOST_DESCRIBE_STRUCT(documented, (),
                      (rate, level, id, flag, where, name, maybe, list, parts, table, graph))

json schema_of_documented() {
  return test::codec_probe<documented>{
      {field<&documented::rate>{.doc = "A rate.", .unit = "1/s", .min = 0, .max = 0.75},
       field<&documented::level>{.doc = "d", .min = -5, .max = 9},
       field<&documented::name>{.doc = "d", .min_size = 1},
       field<&documented::list>{.doc = "d", .min = 1, .min_size = 2},
       field<&documented::flag>{.doc = "d", .required = true},
       field<&documented::table>{.doc = "d", .max = 1, .min_size = 4},
       field<&documented::graph>{.doc = "d", .min = 0, .min_size = 1, .required = false}}}
      .coder()
      .schema();
}

TEST(SchemaTest, IsA2020_12ObjectWithoutOtherMembers) {
  const auto schema = schema_of_documented();

  EXPECT_EQ(schema["$schema"], "https://json-schema.org/draft/2020-12/schema");
  EXPECT_EQ(schema["type"], "object");
  EXPECT_EQ(schema["additionalProperties"], false);
}

TEST(SchemaTest, RequiresWhatHasNoDefault) {
  EXPECT_EQ(schema_of_documented()["required"].dump(), R"(["flag","name","list","parts","table"])");
}

TEST(SchemaTest, CarriesDocUnitRangeAndDefault) {
  EXPECT_EQ(schema_of_documented()["properties"]["rate"].dump(),
            R"({"type":"number","format":"float","minimum":0,"maximum":0.75,)"
            R"("description":"A rate.","x-unit":"1/s","default":0.5})");
}

TEST(SchemaTest, BoundsIntegersByTheirTypeAndTheirField) {
  const auto properties = schema_of_documented()["properties"];

  EXPECT_EQ(properties["level"].dump(),
            R"({"type":"integer","minimum":0,"maximum":9,"description":"d","default":3})");
  EXPECT_EQ(properties["id"]["maximum"].dump(), "18446744073709551615");
  EXPECT_EQ(properties["id"]["default"].dump(), "18446744073709551615");
  EXPECT_EQ(properties["list"]["items"].dump(),
            R"({"type":"integer","minimum":1,"maximum":2147483647})");
}

TEST(SchemaTest, NamesEnumerators) {
  EXPECT_EQ(
      schema_of_documented()["properties"]["where"].dump(),
      R"({"type":"string","enum":["left","right"],"description":"A member.","default":"right"})");
}

TEST(SchemaTest, HasNoDefaultForRequiredMembersAndOptionals) {
  const auto properties = schema_of_documented()["properties"];

  EXPECT_FALSE(properties["flag"].contains("default"));
  EXPECT_FALSE(properties["maybe"].contains("default"));
  EXPECT_EQ(properties["maybe"]["type"], "number");
}

TEST(SchemaTest, SaysHowManyElementsThereMustBe) {
  const auto properties = schema_of_documented()["properties"];

  EXPECT_EQ(properties["list"]["minItems"], 2);
  EXPECT_EQ(properties["name"]["minLength"], 1);
  EXPECT_EQ(properties["graph"]["oneOf"][0]["properties"]["num_nodes"]["minimum"], 1);
  EXPECT_EQ(properties["table"]["oneOf"][0]["minItems"], 1);
  EXPECT_EQ(properties["table"]["oneOf"][0]["items"]["minItems"], 1);
  EXPECT_EQ(properties["table"]["oneOf"][1]["properties"]["data"]["minItems"], 4);
}

TEST(SchemaTest, DescribesNestedStructures) {
  const auto items = schema_of_documented()["properties"]["parts"]["items"];

  EXPECT_EQ(items["properties"]["a"]["default"], 0.25);
  EXPECT_EQ(items["required"].dump(), R"(["b"])");
  EXPECT_EQ(items["additionalProperties"], false);
}

TEST(SchemaTest, HoldsTheWeightsOfAGraphToTheirRange) {
  const auto forms = schema_of_documented()["properties"]["graph"]["oneOf"];

  EXPECT_EQ(forms[0]["properties"]["weights"]["items"]["minimum"], 0);
  EXPECT_EQ(forms[0]["required"].dump(), R"(["num_nodes","row_offsets","col_indices"])");
  EXPECT_EQ(forms[1]["required"].dump(), R"(["num_nodes","edges"])");
}

}  // namespace
}  // namespace kernd
