// The files of config/ say what the table says.
#include "kernd/config_keys.hpp"
#include "kernd/config_loader.hpp"
#include "kernd/execute_body.hpp"

#include <gtest/gtest.h>

#include <fstream>
#include <iterator>

namespace kernd {
namespace {

std::string path_of(std::string_view preset_name) {
  return std::string{KERND_CONFIG_DIRECTORY} + "/" + std::string{preset_name} + ".toml";
}

class ConfigFilesTest : public ::testing::TestWithParam<std::string_view> {};

TEST_P(ConfigFilesTest, EqualsThePresetOfItsName) {
  const auto from_file = load_config({.file = path_of(GetParam())});
  const auto built_in = load_config({.preset = std::string{GetParam()}});

  ASSERT_TRUE(from_file) << from_file.error().messages.front();
  EXPECT_EQ(compare(from_file->values, built_in->values).reloadable,
            std::vector<std::string_view>{});
  EXPECT_EQ(from_file->values, built_in->values);
}

TEST_P(ConfigFilesTest, LetsTheLargestBodyFitIntoAJob) {
  const limits_config limits = load_config({.file = path_of(GetParam())}).value().values.limits;
  // Two bytes of text, as in `0,`, become eight of f64: nothing grows more.
  const std::size_t values = 4 * limits.max_body_bytes;

  EXPECT_LE(parser_memory_bytes(limits.max_body_bytes) + values, limits.job_memory_bytes);
}

INSTANTIATE_TEST_SUITE_P(Presets, ConfigFilesTest, ::testing::ValuesIn(preset_names),
                         [](const auto& name) { return std::string{name.param}; });

TEST(ConfigFilesTest, FilesButDevelopmentHoldOnlyWhatDiffers) {
  for (const auto name : preset_names) {
    if (name == "development") continue;
    const auto loaded = load_config({.file = path_of(name)});
    for (std::size_t i = 0; i < config_keys().size(); ++i) {
      if (loaded->origins[i].layer != config_layer::file) continue;
      EXPECT_NE(config_keys()[i].get(loaded->values), config_keys()[i].get(config{}))
          << name << ": " << config_keys()[i].name;
    }
  }
}

TEST(ConfigFilesTest, DevelopmentHoldsEveryKeyUnderItsDocumentation) {
  std::ifstream file{path_of("development")};
  const std::string text{std::istreambuf_iterator<char>{file}, {}};

  for (const auto& key : config_keys()) {
    const std::string block = "\n# " + std::string{key.doc} + "\n# Expected: " + expectation(key) +
                              (key.reloadable ? ". Reloadable.\n" : ". Needs a restart.\n") +
                              std::string{key.leaf()} + " = " + to_toml(key.get(config{})) + "\n";
    EXPECT_NE(text.find(block), std::string::npos) << "missing in development.toml:" << block;
  }
}

}  // namespace
}  // namespace kernd
