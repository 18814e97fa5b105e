#include "server/cli_input.hpp"

#include "server/cli_catalogue.hpp"
#include "support/temporary_file.hpp"

#include <gtest/gtest.h>

#include <string>
#include <string_view>
#include <vector>

namespace kernd::cli {
namespace {

struct CliInputTest : ::testing::Test {
  std::string body(std::string_view input, const std::vector<named_value>& set = {}) {
    auto made = make_body(*registry.find("core/axpy"), input, set, limits);
    if (made) return std::string{made->view()};
    const refusal_message refused = made.error();
    return std::to_string(static_cast<int>(refused.code)) + " " + refused.why.message;
  }

  kernel_registry registry = catalogue();
  limits_config limits;
};

std::string members_of(std::string_view text) {
  const auto members = top_level_members(text);
  if (!members) return "none";
  std::string result;
  for (const auto& member : *members) {
    result += "<" + member.name + "|" + std::string{member.text} + ">";
  }
  return result;
}

TEST(MemberTextTest, SplitsAnObjectAtItsOwnCommas) {
  EXPECT_EQ(members_of(R"( {"a" : [1,{"x":2}] , "b":"},\"" } )"),
            R"(<a|"a" : [1,{"x":2}]><b|"b":"},\"">)");
  EXPECT_EQ(members_of(" { } "), "");
}

TEST(MemberTextTest, DecodesNames) {
  EXPECT_EQ(members_of(R"({"\u0061":1})"), R"(<a|"\u0061":1>)");
}

TEST(MemberTextTest, RefusesWhatIsNotOneObject) {
  for (const auto* text : {"", "5", "[1]", "{", "{}}", "{} 1", R"({"a":1},"b":2)", R"({"a":1,})",
                           R"({"a"})", R"({a:1})", R"({"a":[1})", R"({"a":"1)", R"({"a":"\)",
                           R"({"a":1}})", R"({"a":]})", R"({"\x":1})"}) {
    EXPECT_EQ(members_of(text), "none") << text;
  }
}

TEST_F(CliInputTest, AnUnchangedInputIsSentAsItStands) {
  EXPECT_EQ(body("{\"x\": [1.50]}\n"), "{\"input\":{\"x\": [1.50]}\n}");
}

TEST_F(CliInputTest, SetReplacesAndAdds) {
  EXPECT_EQ(body(R"({"x":[1e0],"y":[2]})", {{"y", "[3]"}, {"alpha", "4"}}),
            R"({"input":{"x":[1e0],"y":[3],"alpha":4}})");
  EXPECT_EQ(body("{}", {{"x", "[1]"}}), R"({"input":{"x":[1]}})");
}

TEST_F(CliInputTest, TheLaterSettingWins) {
  EXPECT_EQ(body("{}", {{"x", "[1]"}, {"alpha", "2"}, {"x", "[3]"}}),
            R"({"input":{"alpha":2,"x":[3]}})");
}

TEST_F(CliInputTest, AValueThatIsNoJsonIsAString) {
  EXPECT_EQ(body("{}", {{"x", "a\"b"}}), R"({"input":{"x":"a\"b"}})");
  EXPECT_EQ(body("{}", {{"x", "\"5\""}}), R"({"input":{"x":"5"}})");
}

TEST_F(CliInputTest, AnUnknownFieldSuggests) {
  EXPECT_EQ(body("{}", {{"alhpa", "1"}}),
            "64 --set: core/axpy has no field `alhpa`; did you mean `alpha`?");
}

TEST_F(CliInputTest, AWholeBodyIsRecognised) {
  const std::string hint =
      "65 the input is the body of a request, {\"input\": …}; give only the value of its `input` "
      "member";

  EXPECT_EQ(body(R"({"input":{"x":[1],"y":[2]}})"), hint);
  EXPECT_EQ(body(R"({"metadata":{},"input":{}})"), hint);
  EXPECT_EQ(body(R"({"input":{},"x":[1]})"), R"({"input":{"input":{},"x":[1]}})");
}

TEST_F(CliInputTest, NothingCanBeSmuggledBesideTheInput) {
  EXPECT_EQ(body(R"({"x":[1]},"metadata":{})"), "65 not JSON at byte offset 9: unexpected ','");
}

TEST_F(CliInputTest, ABodyOverTheLimitIsRefused) {
  limits.max_body_bytes = 20;

  EXPECT_EQ(body(R"({"x":[12]})"), R"({"input":{"x":[12]}})");
  EXPECT_EQ(body(R"({"x":[123]})"),
            "65 the input is too large: limits.max_body_bytes is 20, with the {\"input\":} around "
            "it");
}

TEST_F(CliInputTest, ReadsAFile) {
  const test::temporary_file file{"{\"x\":[1]}"};

  EXPECT_EQ(read_input(file.path(), limits)->view(), "{\"x\":[1]}");
}

TEST_F(CliInputTest, AFileOverTheLimitIsNotReadToItsEnd) {
  EXPECT_EQ(read_input("/dev/zero", limits).error().code, exit_code::data_error);
}

TEST_F(CliInputTest, AMissingFileIsNamed) {
  EXPECT_EQ(read_input("/no/such/file", limits).error().why.message,
            "/no/such/file: No such file or directory");
  EXPECT_EQ(read_input("/", limits).error().code, exit_code::no_input);
}

}  // namespace
}  // namespace kernd::cli
