#include "server/cli_completion.hpp"

#include "unit/server/command_line.hpp"

#include <CLI/App.hpp>
#include <CLI/Config.hpp>
#include <CLI/Formatter.hpp>
#include <gtest/gtest.h>

#include <string>

namespace kernd::cli {
namespace {

TEST(CompletionTest, FollowsTheAppItIsMadeFrom) {
  CLI::App app{"", "kernd"};
  std::string value;
  auto* sub = app.add_subcommand("paint", "");
  sub->add_option("-c,--colour", value)->type_name("red|green");
  sub->add_option("--from", value)->type_name("FILE");
  sub->add_option("--name", value)->type_name("NAME");
  sub->add_flag("--dry");

  const std::string script = bash_completion(app);

  for (const auto* line :
       {"    'kernd paint -c' | 'kernd paint --colour') kind='red green' ;;\n",
        "    'kernd paint --from') kind='files' ;;\n", "    'kernd paint --name') kind='text' ;;\n",
        "      'kernd paint') path+=\" $word\" ;;\n",
        "    'kernd') flags='-h --help' words=\"paint\" ;;\n",
        "    'kernd paint') flags='-h --help -c --colour --from --name --dry' words=\"\" ;;\n"}) {
    EXPECT_NE(script.find(line), std::string::npos) << line << script;
  }
}

TEST(CompletionTest, OnlyBashIsKnown) {
  EXPECT_EQ(refusal({"completion", "zsh"}), "there is no completion for `zsh`, only for bash");
}

TEST(CompletionTest, IsPrintedAndNothingElse) {
  const auto [code, out, err] = run_it(parse({"completion", "bash"}));

  EXPECT_EQ(code, exit_code::ok);
  EXPECT_TRUE(out.ends_with("complete -F _kernd kernd\n"));
  EXPECT_EQ(err, "");
}

}  // namespace
}  // namespace kernd::cli
