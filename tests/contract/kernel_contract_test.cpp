#include "contract/shipped_kernel.hpp"

#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include <algorithm>
#include <cctype>
#include <cmath>
#include <cstdint>
#include <map>
#include <string>

namespace kernd {
namespace {

using json = nlohmann::ordered_json;

/// What every kernel that the daemon ships owes its clients.
struct KernelContractTest : test::shipped_kernel_test {
  const json input_schema = entry.input.schema();

  void expect_refused(const json& input, const std::string& pointer) {
    test::shipped_kernel_test::expect_refused(input.dump(), pointer);
  }

  /// What an output says every time.
  json lasting(std::string_view output) {
    json result = json::parse(output);
    for (const std::string_view name : entry.varying_members()) {
      EXPECT_EQ(result.erase(std::string{name}), 1u) << name;
    }
    return result;
  }
};

/// Equal but for numbers, which may differ by `tolerance` of the larger one.
void expect_close(const json& found, const json& expected, double tolerance,
                  const std::string& where) {
  if (expected.is_number() && found.is_number()) {
    const double a = found.get<double>(), b = expected.get<double>();
    if (found == expected) return;
    EXPECT_LE(std::fabs(a - b), tolerance * std::max(std::fabs(a), std::fabs(b))) << where;
    return;
  }
  ASSERT_EQ(found.type(), expected.type()) << where;
  ASSERT_EQ(found.size(), expected.size()) << where;
  if (!expected.is_structured()) {
    EXPECT_EQ(found, expected) << where;
    return;
  }
  for (const auto& [key, value] : expected.items()) {
    if (expected.is_object()) {
      ASSERT_TRUE(found.contains(key)) << where << '/' << key;
      expect_close(found[key], value, tolerance, where + '/' + key);
    } else {
      expect_close(found[std::stoul(key)], value, tolerance, where + '/' + key);
    }
  }
}

bool is_sentence(const json& text) {
  const auto sentence = text.get<std::string>();
  return sentence.size() > 5 && sentence.back() == '.' &&
         std::isupper(static_cast<unsigned char>(sentence.front())) != 0;
}

/// Every member at every level, with the text that documents it.
void expect_documented(const json& schema, const std::string& where) {
  if (schema.contains("items")) expect_documented(schema["items"], where + "/items");
  if (!schema.contains("properties") || schema.contains("oneOf")) return;
  for (const auto& [name, member] : schema["properties"].items()) {
    ASSERT_TRUE(member.contains("description")) << where << '/' << name;
    EXPECT_TRUE(is_sentence(member["description"])) << where << '/' << name;
    expect_documented(member, where + '/' + name);
  }
}

/// A value that no schema of this kind accepts.
json wrong_value(const json& schema) {
  if (!schema.contains("type") || schema["type"] != "boolean") return true;
  return 1;
}

TEST_P(KernelContractTest, DescribesItselfAndItsFields) {
  EXPECT_TRUE(is_sentence(std::string{info.description})) << info.description;
  EXPECT_GT(info.expected_throughput, 0);
  EXPECT_GT(info.target_latency_us, 0);
  EXPECT_GE(info.tolerance, 0);
  expect_documented(input_schema, "input");
  expect_documented(entry.output.schema(), "output");
}

TEST_P(KernelContractTest, RunsItsExample) {
  const auto output = runner.execute(std::string{info.example.input});

  ASSERT_TRUE(output) << output.error().message;
  expect_close(lasting(*output), lasting(info.example.output), info.tolerance, "output");
}

TEST_P(KernelContractTest, ShowsAnOutputOfItsOwnType) {
  arena memory{1 << 20};
  void* const output = memory.allocate_bytes(entry.kernel.output->size_bytes);
  entry.kernel.output->construct(output);

  const auto decoded = entry.output.decode(info.example.output, output, memory);

  EXPECT_TRUE(decoded) << decoded.error().message;
}

TEST_P(KernelContractTest, GivesTheSameEveryTime) {
  const auto first = runner.execute(std::string{info.example.input});
  ASSERT_TRUE(first);
  for (int again = 0; again < 5; ++again) {
    EXPECT_EQ(lasting(runner.execute(std::string{info.example.input}).value()), lasting(*first));
  }
}

TEST_P(KernelContractTest, ReturnsWhenNobodyWaits) {
  EXPECT_TRUE(runner.execute(std::string{info.example.input}, true));
}

TEST_P(KernelContractTest, RefusesUnknownMembers) {
  json input = example;
  input["no-such-member"] = 1;
  expect_refused(input, "/input/no-such-member");
}

TEST_P(KernelContractTest, RefusesToRunWithoutARequiredMember) {
  ASSERT_TRUE(input_schema.contains("required")) << "nothing required: is the input empty?";
  for (const auto& name : input_schema["required"]) {
    json input = example;
    ASSERT_TRUE(input.contains(name.get<std::string>())) << "the example lacks " << name;
    input.erase(name.get<std::string>());
    expect_refused(input, "/input/" + name.get<std::string>());
  }
}

TEST_P(KernelContractTest, RefusesNullInEveryMember) {
  for (const auto& [name, member] : input_schema["properties"].items()) {
    json input = example;
    input[name] = nullptr;
    expect_refused(input, "/input/" + name);
  }
}

TEST_P(KernelContractTest, RefusesTheWrongTypeInEveryMember) {
  for (const auto& [name, member] : input_schema["properties"].items()) {
    json input = example;
    input[name] = wrong_value(member);
    expect_refused(input, "/input/" + name);
  }
}

TEST_P(KernelContractTest, RefusesAnInputThatIsNoObject) {
  for (const json& input : {json(nullptr), json(1), json("x"), json::array()}) {
    expect_refused(input, "/input");
  }
}

INSTANTIATE_TEST_SUITE_P(Shipped, KernelContractTest, test::all_shipped(), test::name_of_shipped);

TEST(CatalogueTest, RegistersEveryKernelOnce) {
  kernel_registry registry;
  ASSERT_TRUE(kernels::add_all(registry));
  EXPECT_GE(registry.size(), 2u);
  EXPECT_NE(registry.find("core/axpy"), nullptr);
  EXPECT_NE(registry.find("core/identity"), nullptr);
  EXPECT_FALSE(kernels::add_all(registry));
}

/// A dispatcher finds an actor by the type of a message alone.
TEST(CatalogueTest, GivesEveryMessageATypeIdOfItsOwn) {
  std::map<std::uint32_t, const type_info*> types;
  for (const kernel_entry* entry : test::shipped().find_all({.mode = kernel_mode::ring})) {
    for (const ring_message_entry& m : entry->ring->messages) {
      const type_info* const known = types.emplace(m.type.type_id, m.type.type).first->second;
      EXPECT_EQ(known, m.type.type) << m.type.type_id;
    }
  }
  EXPECT_GE(types.size(), 9u);
}

}  // namespace
}  // namespace kernd
