#include "server/cli.hpp"

#include "kernd/version.hpp"
#include "support/temporary_file.hpp"
#include "unit/server/command_line.hpp"

#include <gtest/gtest.h>
#include <nlohmann/json.hpp>
#include <unistd.h>

#include <chrono>
#include <string>
#include <utility>
#include <variant>
#include <vector>

namespace kernd::cli {
namespace {

using namespace std::chrono_literals;

using settings = std::vector<std::pair<std::string, std::string>>;
settings flags_of(const config_sources& sources) {
  settings result;
  for (const auto& flag : sources.flags) result.emplace_back(flag.key, flag.value);
  return result;
}

TEST(CommandLineTest, ServeWithoutFlagsHasNoSources) {
  const auto serve = parsed_as<serve_command>({"serve"});

  EXPECT_FALSE(serve.sources.file);
  EXPECT_FALSE(serve.sources.preset);
  EXPECT_TRUE(serve.sources.flags.empty());
  EXPECT_TRUE(serve.sources.environment.empty());
}

TEST(CommandLineTest, ServeTakesFileAndPreset) {
  const auto serve = parsed_as<serve_command>({"serve", "--config", "a.toml", "--preset=testing"});

  EXPECT_EQ(serve.sources.file, "a.toml");
  EXPECT_EQ(serve.sources.preset, "testing");
}

TEST(CommandLineTest, HostAndPortAreFlagsOfTheirKeys) {
  const auto serve = parsed_as<serve_command>({"serve", "--host", "::", "--port", "81"});

  EXPECT_EQ(flags_of(serve.sources), (settings{{"server.host", "::"}, {"server.port", "81"}}));
}

TEST(CommandLineTest, SetMayBeRepeated) {
  const auto serve = parsed_as<serve_command>(
      {"serve", "--set", "log.level=warn", "--set", "server.cors_origins=http://a,http://b=c"});

  EXPECT_EQ(flags_of(serve.sources),
            (settings{{"log.level", "warn"}, {"server.cors_origins", "http://a,http://b=c"}}));
}

TEST(CommandLineTest, SetMayHaveAnEmptyValue) {
  const auto serve = parsed_as<serve_command>({"serve", "--set", "server.cors_origins="});

  EXPECT_EQ(flags_of(serve.sources), (settings{{"server.cors_origins", ""}}));
}

TEST(CommandLineTest, SetTakesOneValueOnly) {
  EXPECT_EQ(refusal({"serve", "--set", "log.level=warn", "log.format=json"}),
            "unknown argument `log.format=json`");
}

TEST(CommandLineTest, SetWithoutAnEqualsSignIsRefused) {
  EXPECT_EQ(refusal({"serve", "--set", "log.level"}),
            "--set: `log.level` is not SECTION.KEY=VALUE");
}

TEST(CommandLineTest, SetWithoutAKeyIsRefused) {
  EXPECT_EQ(refusal({"serve", "--set", "=1"}), "--set: `=1` is not SECTION.KEY=VALUE");
}

TEST(CommandLineTest, EnvironmentIsHandedOn) {
  const char* arguments[] = {"kernd", "serve", nullptr};
  const char* environment[] = {"PATH=/bin", "KERND_SERVER__PORT=1", nullptr};

  const auto serve = std::get<serve_command>(parse_command_line(2, arguments, environment));

  EXPECT_EQ(serve.sources.environment,
            (std::vector<std::string>{"PATH=/bin", "KERND_SERVER__PORT=1"}));
}

TEST(CommandLineTest, ConfigShowTakesTheSameFlagsAndJson) {
  const auto show = parsed_as<config_show_command>({"config", "show", "--port", "1", "--json"});

  EXPECT_TRUE(show.json);
  EXPECT_EQ(flags_of(show.sources), (settings{{"server.port", "1"}}));
}

TEST(CommandLineTest, ConfigShowPrintsTomlUnlessTold) {
  EXPECT_FALSE(parsed_as<config_show_command>({"config", "show"}).json);
}

TEST(CommandLineTest, ConfigCheckTakesTheSameFlags) {
  const auto check = parsed_as<config_check_command>({"config", "check", "--config", "x"});

  EXPECT_EQ(check.sources.file, "x");
}

TEST(CommandLineTest, HealthcheckAsksTheConfiguredAddressForTwoSeconds) {
  const auto check = parsed_as<healthcheck_command>({"healthcheck", "--port", "81"});

  EXPECT_FALSE(check.url);
  EXPECT_EQ(flags_of(check.sources), (settings{{"server.port", "81"}}));
  EXPECT_EQ(check.timeout, 2000ms);
}

TEST(CommandLineTest, HealthcheckTakesAUrl) {
  const auto check =
      parsed_as<healthcheck_command>({"healthcheck", "--url", "http://[::1]:81/livez?verbose"});

  ASSERT_TRUE(check.url);
  EXPECT_EQ(check.url->host, "::1");
  EXPECT_EQ(check.url->port, 81);
  EXPECT_EQ(check.url->target, "/livez?verbose");
}

TEST(CommandLineTest, UrlWithoutPortAndPathMeansPort80AndReadiness) {
  const auto check = parsed_as<healthcheck_command>({"healthcheck", "--url", "http://kernd"});

  ASSERT_TRUE(check.url);
  EXPECT_EQ(check.url->port, 80);
  EXPECT_EQ(check.url->target, "/health/ready");
}

TEST(CommandLineTest, UrlsThatCannotBeAskedAreRefused) {
  for (const auto* url : {"https://a", "a:80", "http://", "http://u@a", "http://a:0",
                          "http://a:70000", "http://a/#x", "http://a b"}) {
    EXPECT_EQ(refusal({"healthcheck", "--url", url}),
              "--url: `" + std::string{url} + "` is not http://HOST[:PORT][/PATH]");
  }
}

TEST(CommandLineTest, UrlExcludesAConfiguredAddress) {
  EXPECT_NE(refusal({"healthcheck", "--url", "http://a", "--port", "1"}), "not refused");
}

TEST(CommandLineTest, HealthcheckTimeoutHasBounds) {
  EXPECT_EQ(parsed_as<healthcheck_command>({"healthcheck", "--timeout-ms", "1"}).timeout, 1ms);
  EXPECT_EQ(parsed_as<healthcheck_command>({"healthcheck", "--timeout-ms", "600000"}).timeout,
            600s);
  for (const auto* timeout : {"0", "600001", "x", "-1"}) {
    EXPECT_NE(refusal({"healthcheck", "--timeout-ms", timeout}), "not refused") << timeout;
  }
}

TEST(CommandLineTest, UnknownCommandSuggests) {
  EXPECT_EQ(refusal({"serv", "--port", "1"}), "unknown command `serv`; did you mean `serve`?");
  EXPECT_EQ(refusal({"config", "shwo"}), "unknown command `shwo`; did you mean `show`?");
}

TEST(CommandLineTest, UnknownFlagSuggests) {
  EXPECT_EQ(refusal({"serve", "--prot", "1"}), "unknown flag `--prot`; did you mean `--port`?");
  EXPECT_EQ(refusal({"serve", "--prot=1"}), "unknown flag `--prot`; did you mean `--port`?");
  EXPECT_EQ(refusal({"--verison"}), "unknown flag `--verison`; did you mean `--version`?");
}

TEST(CommandLineTest, UnknownFlagSuggestsThatOfACommandBelow) {
  EXPECT_EQ(refusal({"--portt", "1"}),
            "unknown flag `--portt`; did you mean `kernd serve --port`?");
  EXPECT_EQ(refusal({"--port", "1"}), "unknown flag `--port`; did you mean `kernd serve --port`?");
  EXPECT_EQ(refusal({"--exmaple"}),
            "unknown flag `--exmaple`; did you mean `kernd run --example`?");
  EXPECT_EQ(refusal({"config", "--jsno"}),
            "unknown flag `--jsno`; did you mean `kernd config show --json`?");
  EXPECT_EQ(refusal({"--nothing-like-it"}), "unknown flag `--nothing-like-it`");
}

TEST(CommandLineTest, UnknownArgumentIsRefused) {
  EXPECT_EQ(refusal({"serve", "now"}), "unknown argument `now`");
}

TEST(CommandLineTest, MissingCommandNamesThoseThereAre) {
  EXPECT_EQ(
      refusal({}),
      "a command is missing, one of: serve, config, healthcheck, kernels, run, actors, doctor, "
      "completion");
  EXPECT_EQ(refusal({"config"}), "a command is missing, one of: show, check");
}

TEST(CommandLineTest, MissingValueIsRefused) {
  EXPECT_NE(refusal({"serve", "--port"}), "not refused");
}

TEST(CommandLineTest, HelpIsThatOfTheCommand) {
  EXPECT_NE(parsed_as<help_command>({"config", "show", "--help"}).text.find("--json"),
            std::string::npos);
}

TEST(CommandLineTest, EveryHelpListsTheExitCodes) {
  for (const auto& arguments : std::vector<std::vector<const char*>>{
           {"--help"}, {"serve", "-h"}, {"config", "--help"}, {"healthcheck", "--help"}}) {
    const auto text = parsed_as<help_command>(arguments).text;
    for (const auto* code :
         {"0 done", "1 unhealthy", "standard output", "3 drain", "64 usage", "65 input", "66 input",
          "70 kernel", "69 address", "78 configuration"}) {
      EXPECT_NE(text.find(code), std::string::npos) << text;
    }
  }
}

TEST(CliRunTest, HelpGoesToStandardOutput) {
  const auto [code, out, err] = run_it(parse({"--help"}));

  EXPECT_EQ(code, exit_code::ok);
  EXPECT_NE(out.find("healthcheck"), std::string::npos);
  EXPECT_EQ(err, "");
}

TEST(CliRunTest, WrongUsageGoesToStandardError) {
  const auto [code, out, err] = run_it(parse({"serv"}));

  EXPECT_EQ(static_cast<int>(code), 64);
  EXPECT_EQ(out, "");
  EXPECT_EQ(err, "kernd: unknown command `serv`; did you mean `serve`?\nTry `kernd --help`.\n");
}

TEST(CliRunTest, VersionPrintsVersionAndRevision) {
  const auto [code, out, err] = run_it(parse({"--version"}));

  EXPECT_EQ(code, exit_code::ok);
  EXPECT_EQ(out, "kernd " KERND_EXPECTED_VERSION " (" + std::string{revision()} + ")\n");
}

TEST(CliRunTest, RevisionIsACommitOrUnknown) {
  const bool commit = revision().find_first_not_of("0123456789abcdef") == std::string_view::npos;

  EXPECT_TRUE(revision() == "unknown" || (commit && revision().size() >= 12)) << revision();
}

TEST(CliRunTest, ConfigShowPrintsTomlThatReadsBack) {
  const auto shown = run_it(parse({"config", "show", "--preset", "production", "--port", "81"}));
  const test::temporary_file file{shown.out};
  const auto loaded = load_config({.file = file.path()});

  EXPECT_EQ(shown.code, exit_code::ok);
  ASSERT_TRUE(loaded);
  EXPECT_EQ(loaded->values.server.port, 81);
  EXPECT_EQ(loaded->values.limits.max_connections, 16384u);
}

TEST(CliRunTest, ConfigShowPrintsJson) {
  const auto shown = run_it(parse({"config", "show", "--json", "--port", "81"}));

  EXPECT_EQ(nlohmann::json::parse(shown.out)["server"]["port"],
            (nlohmann::json{{"value", 81}, {"origin", "flag"}}));
}

TEST(CliRunTest, ConfigShowAsJsonSurvivesAPathThatIsNotUtf8) {
  const test::temporary_file file{"[server]\nport = 1\n"};
  const std::string odd = file.path() + "\xff";
  ASSERT_EQ(::link(file.path().c_str(), odd.c_str()), 0);

  const auto shown = run_it(parse({"config", "show", "--json", "--config", odd.c_str()}));

  ::unlink(odd.c_str());
  EXPECT_TRUE(nlohmann::json::accept(shown.out));
}

TEST(CliRunTest, ConfigShowOfAnInvalidConfigurationPrintsTheErrors) {
  const auto shown = run_it(parse({"config", "show", "--port", "x"}));

  EXPECT_EQ(static_cast<int>(shown.code), 78);
  EXPECT_EQ(shown.out, "");
}

TEST(CliRunTest, ConfigCheckPrintsOk) {
  const auto checked = run_it(parse({"config", "check"}));

  EXPECT_EQ(checked.code, exit_code::ok);
  EXPECT_EQ(checked.out, "OK\n");
}

TEST(CliRunTest, ConfigCheckPrintsEveryError) {
  const auto checked = run_it(parse({"config", "check", "--port", "x", "--set", "log.levle=info"}));

  EXPECT_EQ(static_cast<int>(checked.code), 78);
  EXPECT_EQ(checked.err,
            "kernd: flag: unknown key `log.levle`; did you mean `log.level`?\n"
            "kernd: flag: server.port is \"x\", expected an integer from 0 to 65535\n");
}

TEST(CliRunTest, ConfigCheckAsJsonListsEveryProblem) {
  const auto fine = run_it(parse({"config", "check", "--json"}));
  const auto wrong =
      run_it(parse({"config", "check", "--json", "--port", "x", "--set", "log.levle=info"}));

  EXPECT_EQ(fine.code, exit_code::ok);
  EXPECT_EQ(fine.out, "{\"valid\":true,\"problems\":[]}\n");
  EXPECT_EQ(static_cast<int>(wrong.code), 78);
  EXPECT_EQ(
      nlohmann::json::parse(wrong.out),
      (nlohmann::json{{"valid", false},
                      {"problems",
                       {"flag: unknown key `log.levle`; did you mean `log.level`?",
                        "flag: server.port is \"x\", expected an integer from 0 to 65535"}}}));
  EXPECT_EQ(wrong.err, "");
}

TEST(CliRunTest, ConfigShowAsJsonOfAnInvalidConfigurationIsAProblemDocument) {
  const auto shown = run_it(parse({"config", "show", "--json", "--port", "x"}));

  EXPECT_EQ(static_cast<int>(shown.code), 78);
  EXPECT_EQ(nlohmann::json::parse(shown.out)["code"], "CONFIGURATION_INVALID");
  EXPECT_EQ(shown.err, "");
}

TEST(CliRunTest, HealthcheckOfAnInvalidConfigurationFails) {
  EXPECT_EQ(run_it(parse({"healthcheck", "--port", "x"})).code, exit_code::failed);
}

TEST(CliRunTest, HealthcheckWithoutAKnownPortFails) {
  const auto checked = run_it(parse({"healthcheck", "--preset", "testing"}));

  EXPECT_EQ(checked.code, exit_code::failed);
  EXPECT_EQ(checked.err,
            "kernd: server.port is 0, so the port is not known; give --port or --url\n");
}

}  // namespace
}  // namespace kernd::cli
