#include "support/temporary_file.hpp"
#include "unit/server/command_line.hpp"

#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include <string>

namespace kernd::cli {
namespace {

outcome run_axpy(std::string_view input) {
  const test::temporary_file file{input};
  return run_it(parse({"run", "core/axpy", "--input", file.path().c_str()}));
}

TEST(CliRunKernelTest, TakesItsFlags) {
  const auto asked =
      parsed_as<run_command>({"run", "core/axpy", "--input", "-", "--timing", "--set", "x=a=b",
                              "--config", "f", "--preset", "testing"});

  EXPECT_EQ(asked.id, "core/axpy");
  EXPECT_EQ(asked.input, "-");
  EXPECT_TRUE(asked.timing);
  ASSERT_EQ(asked.set.size(), 1u);
  EXPECT_EQ(asked.set[0].name, "x");
  EXPECT_EQ(asked.set[0].value, "a=b");
  EXPECT_EQ(asked.sources.file, "f");
  EXPECT_EQ(asked.sources.preset, "testing");
  EXPECT_TRUE(asked.sources.flags.empty());
}

TEST(CliRunKernelTest, AnInputIsNeeded) {
  const auto [code, out, err] = run_it(parse({"run", "core/axpy"}));

  EXPECT_EQ(static_cast<int>(code), 64);
  EXPECT_EQ(err,
            "kernd: an input is missing: --input FILE, --input -, --example or --set\n"
            "Try `kernd --help`.\n");
}

TEST(CliRunKernelTest, AMistypedKernelIsNamedBeforeAMissingInput) {
  EXPECT_EQ(run_it(parse({"run", "core/redcue"})).err,
            "kernd: there is no kernel 'core/redcue'; did you mean `core/reduce`?\n");
}

TEST(CliRunKernelTest, AMistypedMemberSuggests) {
  EXPECT_EQ(
      run_axpy(R"({"alhpa":1,"x":[1],"y":[2]})").err,
      "kernd: /input/alhpa: one of the members alpha, x, y expected, found that name; did you "
      "mean `alpha`?\n");
}

TEST(CliRunKernelTest, TheExampleExcludesAnotherInput) {
  EXPECT_NE(refusal({"run", "core/axpy", "--example", "--input", "-"}), "not refused");
}

TEST(CliRunKernelTest, PrintsTheOutputOnOneLine) {
  const auto [code, out, err] = run_it(parse({"run", "core/axpy", "--example"}));

  EXPECT_EQ(code, exit_code::ok);
  EXPECT_EQ(out, "{\"result\":[12,24,36]}\n");
  EXPECT_EQ(err, "");
}

TEST(CliRunKernelTest, SettingsChangeTheExample) {
  EXPECT_EQ(run_it(parse({"run", "core/axpy", "--example", "--set", "alpha=0"})).out,
            "{\"result\":[10,20,30]}\n");
}

TEST(CliRunKernelTest, SettingsAloneAreAnInput) {
  EXPECT_EQ(run_it(parse({"run", "core/axpy", "--set", "x=[1]", "--set", "y=[2]"})).out,
            "{\"result\":[3]}\n");
}

TEST(CliRunKernelTest, ARefusedInputIsADataError) {
  const auto [code, out, err] = run_axpy(R"({"x":[1,"abc"],"y":[1,2]})");

  EXPECT_EQ(static_cast<int>(code), 65);
  EXPECT_EQ(out, "");
  EXPECT_EQ(err, "kernd: /input/x/1: number expected, found \"abc\"\n");
}

TEST(CliRunKernelTest, OffsetsAreThoseOfTheInput) {
  EXPECT_EQ(run_axpy(R"({"x":[1] 5,"y":[1]})").err,
            "kernd: not JSON at byte offset 9: unexpected '5'\n");
  EXPECT_EQ(run_axpy(" \n").err, "kernd: the input is empty\n");
}

TEST(CliRunKernelTest, AMissingFileHasACodeOfItsOwn) {
  const auto [code, out, err] = run_it(parse({"run", "core/axpy", "--input", "/no/such/file"}));

  EXPECT_EQ(static_cast<int>(code), 66);
  EXPECT_EQ(err, "kernd: /no/such/file: No such file or directory\n");
}

TEST(CliRunKernelTest, AFailureOfTheKernelHasACodeOfItsOwn) {
  const auto [code, out, err] =
      run_it(parse({"run", "core/axpy", "--set", "x=[3e38]", "--set", "y=[3e38]"}));

  EXPECT_EQ(static_cast<int>(code), 70);
  EXPECT_EQ(out, "");
  EXPECT_NE(err.find("/output/result/0"), std::string::npos) << err;
}

TEST(CliRunKernelTest, AnUnknownKernelIsWrongUsage) {
  EXPECT_EQ(static_cast<int>(run_it(parse({"run", "core/axyp", "--example"})).code), 64);
}

TEST(CliRunKernelTest, JsonIsTheAnswerWithItsTimes) {
  const auto [code, out, err] =
      run_it(parse({"run", "core/axpy", "--json", "--set", "x=[1]", "--set", "y=[2]"}));

  const auto document = nlohmann::json::parse(out);
  EXPECT_EQ(code, exit_code::ok);
  EXPECT_EQ(err, "");
  EXPECT_EQ(document["kernel_id"], "core/axpy");
  EXPECT_EQ(document["output"], nlohmann::json::parse(R"({"result":[3]})"));
  EXPECT_EQ(document["metadata"]["params_used"], nlohmann::json::parse(R"({"alpha":1.0})"));
  for (const char* time : {"decode_us", "compute_us", "encode_us"}) {
    EXPECT_TRUE(document["metadata"][time].is_number_unsigned()) << time;
  }
}

/// What is wrong, with its exit code and the code of the problem document.
TEST(CliRunKernelTest, RefusalsAreProblemDocumentsWhenJsonIsAsked) {
  const test::temporary_file empty{""};
  struct {
    std::vector<const char*> flags;
    int code;
    const char* problem;
  } const cases[] = {
      {{"core/axyp", "--example"}, 64, "KERNEL_NOT_FOUND"},
      {{"core/axpy", "--set", "z=1"}, 64, "INVALID_REQUEST"},
      {{"core/axpy", "--set", "x=5"}, 65, "INVALID_INPUT"},
      {{"core/axpy", "--input", empty.path().c_str()}, 65, "INVALID_JSON"},
      {{"core/axpy", "--input", "/no/such/file"}, 66, "INVALID_REQUEST"},
      {{"core/axpy", "--set", "x=[3e38]", "--set", "y=[3e38]"}, 70, "NON_FINITE_OUTPUT"},
      {{"core/axpy", "--example", "--config", "/no/such/file"}, 78, "CONFIGURATION_INVALID"},
  };
  for (const auto& each : cases) {
    auto arguments = each.flags;
    arguments.insert(arguments.begin(), {"run", "--json"});

    const auto [code, out, err] = run_it(parse(arguments));

    EXPECT_EQ(static_cast<int>(code), each.code) << each.problem;
    EXPECT_EQ(nlohmann::json::parse(out)["code"], each.problem);
    EXPECT_EQ(err, "");
  }
}

}  // namespace
}  // namespace kernd::cli
