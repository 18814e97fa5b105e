#include "kernd/config_loader.hpp"

#include "kernd/config_keys.hpp"
#include "support/temporary_file.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <array>

namespace kernd {
namespace {

using messages = std::vector<std::string>;

const config_origin& origin_of(const loaded_config& loaded, std::string_view name) {
  const config_key* key = find_config_key(name);
  return loaded.origins[static_cast<std::size_t>(key - config_keys().data())];
}

messages errors_of(const config_sources& sources) {
  const auto loaded = load_config(sources);
  return loaded ? messages{} : loaded.error().messages;
}

/// What is wrong with a file of this text, without the path in front.
messages errors_of_file(std::string_view text) {
  const test::temporary_file file{text};
  messages errors = errors_of({.file = file.path()});
  for (auto& error : errors) {
    EXPECT_TRUE(error.starts_with(file.path() + ":")) << error;
    error.erase(0, file.path().size() + 1);
  }
  return errors;
}

TEST(ConfigLoaderTest, NothingGivesTheDefaults) {
  const auto loaded = load_config({});

  ASSERT_TRUE(loaded);
  EXPECT_EQ(loaded->values, config{});
  for (const auto& origin : loaded->origins) EXPECT_EQ(to_string(origin), "default");
}

/// The sources in which each of `layers` sets `limits.max_connections` to a value of its own.
struct layered {
  explicit layered(std::initializer_list<config_layer> layers) {
    for (const auto layer : layers) {
      if (layer == config_layer::preset) sources.preset = "production";
      if (layer == config_layer::file) sources.file = file.path();
      if (layer == config_layer::environment) {
        sources.environment = {"KERND_LIMITS__MAX_CONNECTIONS=3"};
      }
      if (layer == config_layer::flag) sources.flags = {{"limits.max_connections", "4"}};
    }
  }

  test::temporary_file file{"[limits]\nmax_connections = 2\n"};
  config_sources sources;
};

std::size_t value_of(config_layer layer) {
  switch (layer) {
    case config_layer::preset:
      return 16384;
    case config_layer::file:
      return 2;
    case config_layer::environment:
      return 3;
    case config_layer::flag:
      return 4;
    case config_layer::defaults:
      break;
  }
  return 1024;
}

class ConfigPrecedenceTest
    : public ::testing::TestWithParam<std::tuple<config_layer, config_layer>> {};

TEST_P(ConfigPrecedenceTest, TheLaterLayerWins) {
  const auto [first, second] = GetParam();
  const layered both{first, second};

  const auto loaded = load_config(both.sources);

  ASSERT_TRUE(loaded);
  EXPECT_EQ(loaded->values.limits.max_connections, value_of(std::max(first, second)));
  EXPECT_EQ(origin_of(*loaded, "limits.max_connections").layer, std::max(first, second));
}

constexpr std::array all_layers = {config_layer::defaults, config_layer::preset, config_layer::file,
                                   config_layer::environment, config_layer::flag};
INSTANTIATE_TEST_SUITE_P(Pairs, ConfigPrecedenceTest,
                         ::testing::Combine(::testing::ValuesIn(all_layers),
                                            ::testing::ValuesIn(all_layers)));

TEST(ConfigLoaderTest, OriginNamesThePreset) {
  const auto loaded = load_config({.preset = "production"});

  EXPECT_EQ(to_string(origin_of(*loaded, "server.host")), "preset production");
}

TEST(ConfigLoaderTest, APresetDoesNotClaimWhatItLeavesAtTheDefault) {
  const auto loaded = load_config({.preset = "production"});

  EXPECT_EQ(to_string(origin_of(*loaded, "server.port")), "default");
}

TEST(ConfigLoaderTest, OriginNamesFileAndLine) {
  const test::temporary_file file{"\n[server]\n# a comment\nport = 1\n"};

  const auto loaded = load_config({.file = file.path()});

  EXPECT_EQ(to_string(origin_of(*loaded, "server.port")), "file " + file.path() + ":4");
}

TEST(ConfigLoaderTest, OriginNamesTheVariable) {
  const auto loaded = load_config({.environment = {"KERND_SERVER__PORT=1"}});

  EXPECT_EQ(to_string(origin_of(*loaded, "server.port")), "environment KERND_SERVER__PORT");
}

TEST(ConfigLoaderTest, OriginOfAFlagIsFlag) {
  const auto loaded = load_config({.flags = {{"server.port", "1"}}});

  EXPECT_EQ(to_string(origin_of(*loaded, "server.port")), "flag");
}

TEST(ConfigLoaderTest, OfSeveralFlagsTheLastWins) {
  const auto loaded = load_config({.flags = {{"server.port", "1"}, {"server.port", "2"}}});

  EXPECT_EQ(loaded->values.server.port, 2);
}

TEST(ConfigLoaderTest, EveryPresetIsConsistent) {
  for (const auto name : preset_names) EXPECT_TRUE(load_config({.preset = std::string{name}}));
}

TEST(ConfigLoaderTest, UnknownPresetIsAnErrorThatSuggests) {
  EXPECT_EQ(errors_of({.preset = "prodution"}),
            messages{"unknown preset `prodution`; did you mean `production`?"});
}

TEST(ConfigLoaderTest, UnknownKeyIsAnErrorThatSuggests) {
  EXPECT_EQ(errors_of_file("[server]\nprot = 1\n"),
            messages{"2: unknown key `server.prot`; did you mean `server.port`?"});
}

TEST(ConfigLoaderTest, KeyInTheWrongSectionIsSentToItsOwn) {
  EXPECT_EQ(errors_of_file("[limits]\nport = 1\n"),
            messages{"2: unknown key `limits.port`; did you mean `server.port`?"});
}

TEST(ConfigLoaderTest, KeyOutsideASectionIsSentToItsOwn) {
  EXPECT_EQ(errors_of_file("port = 1\n"),
            messages{"1: unknown key `port`; did you mean `server.port`?"});
}

TEST(ConfigLoaderTest, AKeyLikeNoneOfItsSectionIsNotGuessed) {
  EXPECT_EQ(errors_of_file("[server]\ntls = 1\n"), messages{"2: unknown key `server.tls`"});
}

TEST(ConfigLoaderTest, SectionAndKeyMayBothBeMistyped) {
  EXPECT_EQ(errors_of({.flags = {{"sever.prot", "1"}}}),
            messages{"flag: unknown key `sever.prot`; did you mean `server.port`?"});
}

TEST(ConfigLoaderTest, UnknownSectionIsAnErrorThatSuggests) {
  EXPECT_EQ(errors_of_file("[sever]\nport = 1\n"),
            messages{"1: unknown section `sever`; did you mean `server`?"});
}

TEST(ConfigLoaderTest, ASectionThatIsNoTableIsAnError) {
  EXPECT_EQ(errors_of_file("server = 1\n"),
            messages{"1: `server` is 1, expected a section: [server]"});
}

TEST(ConfigLoaderTest, ATableInPlaceOfAValueIsAnError) {
  EXPECT_EQ(errors_of_file("[server]\nport = {}\n"),
            messages{"2: server.port is a table, expected an integer from 0 to 65535"});
}

TEST(ConfigLoaderTest, ADateInPlaceOfAValueIsAnError) {
  EXPECT_EQ(errors_of_file("[server]\nport = 2026-01-01\n"),
            messages{"2: server.port is a date or time, expected an integer from 0 to 65535"});
}

TEST(ConfigLoaderTest, AnIntegerServesAsANumber) {
  const test::temporary_file file{"[health]\nunhealthy_error_ratio = 1\n"};

  EXPECT_EQ(load_config({.file = file.path()})->values.health.unhealthy_error_ratio, 1.0);
}

TEST(ConfigLoaderTest, SyntaxErrorNamesLineAndColumn) {
  const auto errors = errors_of_file("[server]\nport = = 1\n");

  ASSERT_EQ(errors.size(), 1u);
  EXPECT_TRUE(errors.front().starts_with("2:8: not valid TOML: ")) << errors.front();
}

TEST(ConfigLoaderTest, ADuplicateKeyIsAnError) {
  EXPECT_EQ(errors_of_file("[server]\nport = 1\nport = 2\n").size(), 1u);
}

TEST(ConfigLoaderTest, AMissingFileIsAnError) {
  EXPECT_EQ(errors_of({.file = "/no/such/file.toml"}),
            messages{"/no/such/file.toml: cannot be read: No such file or directory"});
}

TEST(ConfigLoaderTest, ADirectoryIsAnError) {
  EXPECT_EQ(errors_of({.file = "/tmp"}), messages{"/tmp: cannot be read: Is a directory"});
}

TEST(ConfigLoaderTest, AFileOfOneMebibyteIsRead) {
  const test::temporary_file file{std::string(1 << 20, '\n')};

  EXPECT_TRUE(load_config({.file = file.path()}));
}

TEST(ConfigLoaderTest, ALargerFileIsRefused) {
  const test::temporary_file file{std::string((1 << 20) + 1, '\n')};

  EXPECT_EQ(errors_of({.file = file.path()}),
            messages{file.path() + ": cannot be read: it is larger than 1048576 bytes"});
}

TEST(ConfigLoaderTest, AllErrorsOfAFileComeTogetherInTheOrderOfItsLines) {
  EXPECT_EQ(errors_of_file("[server]\nport = 70000\n[limits]\nmax_conections = 1\n"
                           "[server.tls]\n[executor]\nworkers = \"two\"\n"),
            (messages{"2: server.port is 70000, expected an integer from 0 to 65535",
                      "4: unknown key `limits.max_conections`; did you mean "
                      "`limits.max_connections`?",
                      "5: unknown key `server.tls`",
                      "7: executor.workers is \"two\", expected an integer from 0 to 1024"}));
}

TEST(ConfigLoaderTest, ErrorsOfAllLayersComeTogether) {
  const test::temporary_file file{"[server]\nport = -1\n"};

  EXPECT_EQ(errors_of({.preset = "x",
                       .file = file.path(),
                       .environment = {"KERND_SERVER__PORT=a"},
                       .flags = {{"server.port", "b"}}})
                .size(),
            4u);
}

TEST(ConfigLoaderTest, UnknownVariableIsAnErrorThatSuggests) {
  EXPECT_EQ(errors_of({.environment = {"KERND_SERVER__PROT=1"}}),
            messages{"environment: unknown variable `KERND_SERVER__PROT`; did you mean "
                     "`KERND_SERVER__PORT`?"});
}

TEST(ConfigLoaderTest, AVariableInLowerCaseIsAnErrorThatSuggests) {
  EXPECT_EQ(errors_of({.environment = {"KERND_server__port=1"}}),
            messages{"environment: unknown variable `KERND_server__port`; did you mean "
                     "`KERND_SERVER__PORT`?"});
}

TEST(ConfigLoaderTest, VariablesOfAnotherShapeAreNotOurs) {
  EXPECT_EQ(errors_of({.environment = {"KERND_PORT=tcp://10.0.0.1:80", "KERND_SERVER_PORT=1",
                                       "KERND_=1", "KERND___X=1", "KERND_X__=1", "PATH=/bin",
                                       "XKERND_SERVER__PROT=1", "KERND_SERVER__PROT", ""}}),
            messages{});
}

TEST(ConfigLoaderTest, ALaterEqualsSignBelongsToTheValue) {
  EXPECT_EQ(errors_of({.environment = {"KERND_SERVER__HOST=a=b"}}),
            messages{"environment KERND_SERVER__HOST: server.host is \"a=b\", expected an IP "
                     "address, such as 127.0.0.1 or ::"});
}

TEST(ConfigLoaderTest, UnknownFlagKeyIsAnErrorThatSuggests) {
  EXPECT_EQ(errors_of({.flags = {{"log.levle", "info"}}}),
            messages{"flag: unknown key `log.levle`; did you mean `log.level`?"});
}

TEST(ConfigLoaderTest, MemoryForBodiesHoldsAtLeastOneBody) {
  EXPECT_EQ(errors_of({.flags = {{"limits.body_memory_bytes", "67108863"}}}),
            messages{"limits.max_body_bytes = 67108864 (default) must not exceed "
                     "limits.body_memory_bytes = 67108863 (flag)"});
}

TEST(ConfigLoaderTest, MemoryForExactlyOneBodyIsEnough) {
  EXPECT_EQ(errors_of({.flags = {{"limits.body_memory_bytes", "67108864"}}}), messages{});
}

TEST(ConfigLoaderTest, TheTwoPortsDiffer) {
  EXPECT_EQ(errors_of({.flags = {{"server.probe_port", "8080"}}}),
            messages{"server.probe_port = 8080 (flag) must differ from server.port = 8080 "
                     "(default)"});
}

TEST(ConfigLoaderTest, DefaultTimeoutDoesNotExceedTheMaximum) {
  EXPECT_EQ(errors_of({.flags = {{"executor.max_timeout_ms", "29999"}}}),
            messages{"executor.default_timeout_ms = 30000 (default) must not exceed "
                     "executor.max_timeout_ms = 29999 (flag)"});
}

TEST(ConfigLoaderTest, HealthDegradesBeforeItIsUnhealthy) {
  EXPECT_EQ(errors_of({.environment = {"KERND_HEALTH__DEGRADED_ERROR_RATIO=0.6"}}),
            messages{"health.degraded_error_ratio = 0.6 (environment "
                     "KERND_HEALTH__DEGRADED_ERROR_RATIO) must not exceed "
                     "health.unhealthy_error_ratio = 0.5 (default)"});
}

TEST(ConfigLoaderTest, ValueOfAFailedLoadThrowsAllMessages) {
  try {
    load_config({.preset = "x", .flags = {{"y.z", "1"}}}).value();
    FAIL();
  } catch (const std::runtime_error& e) {
    EXPECT_STREQ(e.what(), "unknown preset `x`\nflag: unknown key `y.z`\n");
  }
}

}  // namespace
}  // namespace kernd
