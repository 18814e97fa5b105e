#include "server/api/kernel_documents.hpp"
#include "server/cli_address.hpp"
#include "server/cli_catalogue.hpp"
#include "server/cli_kernel_page.hpp"
#include "unit/server/command_line.hpp"

#include <boost/describe/class.hpp>
#include <boost/describe/enum.hpp>
#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include <optional>
#include <sstream>
#include <string>

namespace kernd::cli {
namespace {

enum class shade { light, dark };
BOOST_DESCRIBE_ENUM(shade, light, dark)

/// A field of every kind that the page prints.
struct painted {
  struct point {
    double x = 0;
  };
  struct input {
    double angle = 0.5;
    std::optional<std::int32_t> count;
    shade tone = shade::light;
    array<float> values;
    array<point> points;
  };
  struct output {
    matrix<double> grid;
  };

  static kernel_info info() {
    return {
        .id = "core/painted",
        .version = "1.2.3",
        .description = "Paints.",
        .max_batch_size = 8,
        .tolerance = 1e-6,
        .fields = {field<&point::x>{.doc = "Abscissa.", .unit = "m"},
                   field<&input::angle>{.doc = "Slope.", .unit = "rad", .min = 0, .max = 1.5},
                   field<&input::count>{.doc = "Times.", .min = 1},
                   field<&input::tone>{.doc = "Tone."},
                   field<&input::values>{.doc = "Values.", .max = 9, .min_size = 2},
                   field<&input::points>{.doc = "Points."}, field<&output::grid>{.doc = "Grid."}}};
  }
  static result<void> validate(const input&) { return {}; }
  static result<output> run(const input&, cpu_context&) { return output{}; }
};
BOOST_DESCRIBE_STRUCT(painted::point, (), (x))
BOOST_DESCRIBE_STRUCT(painted::input, (), (angle, count, tone, values, points))
BOOST_DESCRIBE_STRUCT(painted::output, (), (grid))

TEST(CliKernelsTest, ListTakesFilters) {
  const auto list = parsed_as<kernels_list_command>(
      {"kernels", "list", "--domain", "core", "--mode", "ring", "-q", "sum", "--json"});

  EXPECT_EQ(list.domain, "core");
  EXPECT_EQ(list.mode, kernel_mode::ring);
  EXPECT_EQ(list.text, "sum");
  EXPECT_TRUE(list.json);
}

TEST(CliKernelsTest, AnUnknownModeIsRefused) {
  EXPECT_NE(refusal({"kernels", "list", "--mode", "bach"}), "not refused");
}

TEST(CliKernelsTest, AnIdIsNeeded) {
  EXPECT_EQ(refusal({"kernels", "show"}), "ID is required");
}

TEST(CliKernelsTest, AMistypedFlagIsNotMistakenForTheId) {
  EXPECT_EQ(refusal({"kernels", "show", "core/axpy", "-d"}), "unknown flag `-d`");
}

TEST(CliKernelsTest, ListHasALinePerKernel) {
  const auto [code, out, err] = run_it(parse({"kernels", "list"}));

  EXPECT_EQ(code, exit_code::ok);
  EXPECT_TRUE(out.starts_with("ID ")) << out;
  const kernel_registry registry = catalogue();
  for (const kernel_entry* entry : registry.find_all()) {
    EXPECT_NE(out.find("\n" + std::string{entry->kernel.info.id} + " "), std::string::npos);
  }
}

TEST(CliKernelsTest, ListThatMatchesNothingPrintsNothing) {
  const auto [code, out, err] = run_it(parse({"kernels", "list", "-q", "no such thing"}));

  EXPECT_EQ(code, exit_code::ok);
  EXPECT_EQ(out, "");
  EXPECT_EQ(err, "kernd: no kernel matches\n");
}

TEST(CliKernelsTest, JsonIsWhatTheApiAnswers) {
  const kernel_registry registry = catalogue();

  EXPECT_EQ(run_it(parse({"kernels", "list", "--json"})).out,
            api::kernel_list(registry, {}) + "\n");
  EXPECT_EQ(run_it(parse({"kernels", "show", "core/axpy", "--json"})).out,
            api::kernel_document(*registry.find("core/axpy")) + "\n");
}

TEST(CliKernelsTest, AnUnknownIdSuggests) {
  for (const char* verb : {"show", "example"}) {
    const auto [code, out, err] = run_it(parse({"kernels", verb, "core/axyp"}));

    EXPECT_EQ(static_cast<int>(code), 64);
    EXPECT_EQ(out, "");
    EXPECT_NE(err.find("there is no kernel 'core/axyp'; did you mean `core/axpy`?"),
              std::string::npos)
        << err;
  }
}

TEST(CliKernelsTest, AnUnknownIdIsAProblemDocumentWhenJsonIsAsked) {
  for (const char* verb : {"show", "example"}) {
    const auto [code, out, err] = run_it(parse({"kernels", verb, "core/axyp", "--json"}));

    EXPECT_EQ(static_cast<int>(code), 64);
    EXPECT_EQ(nlohmann::json::parse(out)["code"], "KERNEL_NOT_FOUND");
    EXPECT_EQ(err, "");
  }
}

TEST(CliKernelsTest, AnIdLikeNoOtherSaysWhereTheyAreListed) {
  EXPECT_EQ(run_it(parse({"kernels", "show", "zzz"})).err,
            "kernd: there is no kernel 'zzz'; `kernd kernels list` names them all\n");
}

std::string page_with(const gpu::kernel_placement& place) {
  kernel_registry registry;
  registry.add(make_kernel<painted>()).value();
  std::ostringstream out;
  print_kernel_page(*registry.find("core/painted"), place, out);
  return out.str();
}

TEST(CliKernelsTest, ThePageTellsFromWhichSizeOnADeviceIsUsed) {
  const auto page = page_with({.where = gpu::placement::by_size,
                               .crossover_bytes = 4096,
                               .points = {{1024, 1.5, 20}, {16384, 24, 21}}});

  EXPECT_NE(page.find("runs on cpu and cuda\n"), page.npos) << page;
  EXPECT_NE(page.find("\nPlacement\n"
                      "  cuda from 4096 bytes of input on, cpu below\n"
                      "  INPUT BYTES  CPU µs  CUDA µs\n"
                      "  1024         1.5     20\n"
                      "  16384        24      21\n"),
            page.npos)
      << page;
}

TEST(CliKernelsTest, ThePageTellsWhereTheCpuIsAlwaysFaster) {
  const auto page =
      page_with({.where = gpu::placement::by_size, .crossover_bytes = {}, .points = {}});

  EXPECT_NE(page.find("  cpu: it is faster whatever the size\n"), page.npos) << page;
}

TEST(CliKernelsTest, ThePageTellsWhatTheConfigurationDecides) {
  const auto on = [](gpu::placement where) {
    return page_with({.where = where, .crossover_bytes = {}, .points = {}});
  };

  EXPECT_NE(on(gpu::placement::cpu).find("  always cpu, by gpu.cpu_kernels\n"), std::string::npos);
  EXPECT_NE(on(gpu::placement::cuda).find("  always cuda, by gpu.cuda_kernels\n"),
            std::string::npos);
}

TEST(CliKernelsTest, ThePageTellsEverythingAboutTheFields) {
  kernel_registry registry;
  registry.add(make_kernel<painted>()).value();
  std::ostringstream out;

  print_kernel_page(*registry.find("core/painted"), std::nullopt, out);

  EXPECT_EQ(
      out.str(),
      "core/painted 1.2.3  Core, batch, runs on cpu\n"
      "Paints.\n"
      "\n"
      "Input\n"
      "  angle       f64              default 0.5      0 to 1.5                    rad  Slope.\n"
      "  count       i32              optional         at least 1                       Times.\n"
      "  tone        light|dark       default \"light\"                                   Tone.\n"
      "  values      array of f32     required         at most 9, size at least 2       "
      "Values.\n"
      "  points      array of object  required                                          "
      "Points.\n"
      "  points[].x  f64              default 0                                    m    "
      "Abscissa.\n"
      "\n"
      "Output\n"
      "  grid  matrix of f64  Grid.\n"
      "\n"
      "Declared\n"
      "  batches    up to 8 small jobs\n"
      "  tolerance  1e-06 relative\n");
}

TEST(CliKernelsTest, ExamplePrintsOnlyACurlLineForTheConfiguredAddress) {
  const auto [code, out, err] =
      run_it(parse({"kernels", "example", "core/axpy", "--host", "0.0.0.0", "--port", "81", "--set",
                    "server.api_prefix=/x"}));

  EXPECT_EQ(code, exit_code::ok);
  EXPECT_EQ(out,
            "curl -s http://127.0.0.1:81/x/kernels/core/axpy/execute -H 'Content-Type: "
            "application/json' -d '{\"input\":{\"alpha\":2,\"x\":[1,2,3],\"y\":[10,20,30]}}'\n");
  EXPECT_EQ(err, "");
}

TEST(CliKernelsTest, ExampleAsJsonHoldsTheLineAndWhatItIsAbout) {
  const std::string line = run_it(parse({"kernels", "example", "core/axpy"})).out;
  const auto [code, out, err] = run_it(parse({"kernels", "example", "core/axpy", "--json"}));

  const auto document = nlohmann::json::parse(out);
  EXPECT_EQ(code, exit_code::ok);
  EXPECT_EQ(document["id"], "core/axpy");
  EXPECT_EQ(document["input"], nlohmann::json::parse(R"({"alpha":2,"x":[1,2,3],"y":[10,20,30]})"));
  EXPECT_EQ(document["output"], nlohmann::json::parse(R"({"result":[12,24,36]})"));
  EXPECT_EQ(document["curl"].get<std::string>() + "\n", line);
}

TEST(CliKernelsTest, ExampleNeedsAKnownPort) {
  const auto [code, out, err] = run_it(parse({"kernels", "example", "core/axpy", "--port", "0"}));

  EXPECT_EQ(static_cast<int>(code), 78);
  EXPECT_EQ(out, "");
}

TEST(CliAddressTest, AnIpv6AddressStandsInBrackets) {
  EXPECT_EQ(reachable_url({.host = "::", .port = 81}), "http://[::1]:81");
}

TEST(CliAddressTest, ShellWordsAreQuotedWhereTheyMust) {
  EXPECT_EQ(shell_word("core/axpy"), "core/axpy");
  EXPECT_EQ(shell_word("a b"), "'a b'");
  EXPECT_EQ(shell_word("it's"), "'it'\\''s'");
  EXPECT_EQ(shell_word(""), "''");
}

}  // namespace
}  // namespace kernd::cli
