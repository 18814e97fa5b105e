#include "contract/refusals.hpp"
#include "contract/shipped_kernel.hpp"

#include <set>
#include <string>

namespace kernd {
namespace {

using json = nlohmann::ordered_json;

struct RefusalTest : test::shipped_kernel_test {
  /// The kernel's example with the member that `change` names, as its text says it: some texts are
  /// no JSON that a library would write.
  std::string with(const test::forbidden& change) const {
    json input = example;
    if (!change.dtype.empty()) input["dtype"] = change.dtype;
    input[change.member] = "@";
    std::string text = input.dump();
    return text.replace(text.find(R"("@")"), 3, change.value);
  }
};

TEST_P(RefusalTest, NamesWhatIsBeyondTheRulesOfEachField) {
  for (const auto& value : test::forbidden_values(entry.kernel)) {
    expect_refused(with(value), "/input" + value.pointer);
  }
}

TEST_P(RefusalTest, CoversEveryMember) {
  std::set<std::string> covered;
  for (const auto& value : test::forbidden_values(entry.kernel)) covered.insert(value.member);

  EXPECT_EQ(covered.size(), entry.kernel.input->members.size());
}

TEST_P(RefusalTest, AllowsTheBoundsThemselves) {
  arena memory{1 << 20};
  for (const auto& value : test::extreme_values(entry.kernel)) {
    void* const input = memory.allocate_bytes(entry.kernel.input->size_bytes);
    entry.kernel.input->construct(input);

    const auto decoded = entry.input.decode(with(value), input, memory);

    EXPECT_TRUE(decoded) << with(value) << ": " << decoded.error().message;
  }
}

INSTANTIATE_TEST_SUITE_P(Shipped, RefusalTest, test::all_shipped(), test::name_of_shipped);

}  // namespace
}  // namespace kernd
