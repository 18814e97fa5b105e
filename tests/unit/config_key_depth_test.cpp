#include "kernd/config_loader.hpp"
#include "support/temporary_file.hpp"

#include <gtest/gtest.h>

#include <string>

namespace kernd {
namespace {

/// The first thing that is wrong with a file of this text, without its path.
std::string refusal(std::string_view text) {
  const test::temporary_file file{text};
  const auto loaded = load_config({.file = file.path()});
  return loaded ? "accepted" : loaded.error().messages.front().substr(file.path().size());
}

TEST(ConfigKeyDepthTest, AKeyOfManyPartsIsAnErrorNotACrash) {
  std::string key = "a";
  for (int i = 0; i < 100'000; ++i) key += ".a";
  const std::string expected = ":2: a key has more than 8 parts";

  EXPECT_EQ(refusal("\n" + key + " = 1\n"), expected);
  EXPECT_EQ(refusal("\n[" + key + "]\n"), expected);
  EXPECT_EQ(refusal("\nserver = {" + key + " = 1}\n"), expected);
}

TEST(ConfigKeyDepthTest, PartsMayBeQuotedAndSpacedOut) {
  EXPECT_EQ(refusal(R"(a.'='. "\"=" .a.a.a.a.a.a = 1)"), ":1: a key has more than 8 parts");
}

TEST(ConfigKeyDepthTest, EightPartsAreOnlyUnknown) {
  EXPECT_EQ(refusal("[a]\na.a.a.a.a.a.a.a = 1\n"), ":1: unknown section `a`");
}

TEST(ConfigKeyDepthTest, DotsInCommentsAndTextsArePartsOfNoKey) {
  EXPECT_EQ(
      refusal(
          "# .........\n[server] # .........\ncors_origins = [\"http://a.b.c.d.e.f.g.h.i.j\"]\n"),
      "accepted");
  EXPECT_EQ(refusal("[log]\nlevel = '.........'\n").substr(0, 15), ":2: log.level i");
  EXPECT_EQ(refusal("[log]\nlevel = \"\"\"\n\\\"\"\".........\"\"\"\n").substr(0, 15),
            ":2: log.level i");
}

}  // namespace
}  // namespace kernd
