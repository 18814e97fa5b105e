#include "kernd/config_keys.hpp"

#include "kernd/config_loader.hpp"
#include "support/temporary_file.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <limits>
#include <ostream>
#include <set>

namespace kernd {

/// Without it names of tests hold the key's bytes, which are addresses of this run.
void PrintTo(const config_key& key, std::ostream* out) {
  *out << key.name;
}

namespace {

/// What a key has to take and to refuse, as TOML.
struct samples {
  std::vector<config_value> accepted;
  std::vector<std::string> refused;
};

struct make_samples {
  samples operator()(std::monostate) const { return {{true, false}, {"1", "\"true\""}}; }
  samples operator()(const integer_range& r) const {
    return {{r.min, r.max},
            {std::to_string(r.min - 1), std::to_string(r.max + 1), "1.5", "\"1\"", "true", "[1]"}};
  }
  samples operator()(const number_range& r) const {
    const double below = std::nextafter(r.min, -std::numeric_limits<double>::infinity());
    const double above = std::nextafter(r.max, std::numeric_limits<double>::infinity());
    return {{r.min, r.max}, {to_toml(below), to_toml(above), "nan", "inf", "\"0.5\"", "true"}};
  }
  samples operator()(const one_of& r) const {
    samples result{{}, {"\"\"", "\"other\"", "1", "true"}};
    for (const auto name : r.names) result.accepted.emplace_back(std::string{name});
    return result;
  }
  samples operator()(const text_rule&) const { return {{}, {"\"\"", "\"a b\"", "1", "[\"a\"]"}}; }
  samples operator()(const list_of&) const {
    return {{std::vector<std::string>{}}, {"[1]", "[\"a b\"]", "[[\"*\"]]", "\"*\""}};
  }
};

/// The other key of an ordering rule, and the value that lets this one take any.
std::vector<config_sources::flag> companions(const config_key& key) {
  if (key.name == "limits.max_body_bytes") return {{"limits.body_memory_bytes", "1099511627776"}};
  if (key.name == "limits.body_memory_bytes") return {{"limits.max_body_bytes", "1024"}};
  if (key.name == "executor.default_timeout_ms") return {{"executor.max_timeout_ms", "86400000"}};
  if (key.name == "executor.max_timeout_ms") return {{"executor.default_timeout_ms", "1"}};
  if (key.name == "health.degraded_error_ratio") return {{"health.unhealthy_error_ratio", "1"}};
  if (key.name == "health.unhealthy_error_ratio") return {{"health.degraded_error_ratio", "0"}};
  return {};
}

std::string document(const config_key& key, const std::string& toml) {
  return "[" + std::string{key.section()} + "]\n" + std::string{key.leaf()} + " = " + toml + "\n";
}

/// As a flag or the environment has it.
std::string plain(const config_value& value) {
  if (const auto* text = std::get_if<std::string>(&value)) return *text;
  if (const auto* items = std::get_if<std::vector<std::string>>(&value)) {
    std::string joined;
    for (const auto& item : *items) joined += (joined.empty() ? "" : ", ") + item;
    return joined;
  }
  return to_toml(value);
}

class EveryKeyTest : public ::testing::TestWithParam<config_key> {
 protected:
  const config_key& key = GetParam();

  /// Of its type: the presets' values and the ends of the range.
  std::vector<config_value> accepted_values() const {
    auto values = std::visit(make_samples{}, key.range).accepted;
    values.insert(values.end(), key.presets.begin(), key.presets.end());
    return values;
  }

  /// Loads `sources` and expects that this key, and no other but its companion, is as told.
  void expect_only_this_is(config_sources sources, const config_value& value) const {
    sources.flags = companions(key);
    const auto loaded = load_config(sources);
    ASSERT_TRUE(loaded) << loaded.error().messages.front();
    EXPECT_EQ(key.get(loaded->values), value);

    config before = load_config({.flags = sources.flags})->values;
    key.set(before, value);
    EXPECT_EQ(before, loaded->values);
  }
};

TEST_P(EveryKeyTest, IsReadFromAFile) {
  for (const auto& value : accepted_values()) {
    const test::temporary_file file{document(key, to_toml(value))};
    expect_only_this_is({.file = file.path()}, value);
  }
}

TEST_P(EveryKeyTest, IsReadFromTheEnvironment) {
  for (const auto& value : accepted_values()) {
    expect_only_this_is({.environment = {key.environment_name() + "=" + plain(value)}}, value);
  }
}

TEST_P(EveryKeyTest, IsReadFromAFlag) {
  for (const auto& value : accepted_values()) {
    auto flags = companions(key);
    flags.push_back({std::string{key.name}, plain(value)});

    const auto loaded = load_config({.flags = flags});

    ASSERT_TRUE(loaded) << loaded.error().messages.front();
    EXPECT_EQ(key.get(loaded->values), value);
  }
}

TEST_P(EveryKeyTest, ChangesTheStructItPointsTo) {
  for (const auto& value : accepted_values()) {
    config changed;
    const bool same = key.get(changed) == value;

    key.set(changed, value);

    EXPECT_EQ(key.get(changed), value);
    EXPECT_EQ(changed == config{}, same);
  }
}

TEST_P(EveryKeyTest, RefusesAnotherTypeOrAValueOutOfRangeInAFile) {
  const samples values = std::visit(make_samples{}, key.range);
  for (const auto& toml : values.refused) {
    const test::temporary_file file{document(key, toml)};

    const auto loaded = load_config({.file = file.path(), .flags = companions(key)});

    ASSERT_FALSE(loaded) << toml;
    const config_errors errors = loaded.error();
    ASSERT_EQ(errors.messages.size(), 1u);
    const std::string& message = errors.messages.front();
    EXPECT_TRUE(message.starts_with(file.path() + ":2: " + std::string{key.name} + " is "))
        << message;
    EXPECT_TRUE(message.ends_with(", expected " + expectation(key))) << message;
  }
}

TEST_P(EveryKeyTest, RefusesJunkInTheEnvironment) {
  const auto loaded = load_config({.environment = {key.environment_name() + "=no such thing"}});

  ASSERT_FALSE(loaded);
  EXPECT_EQ(loaded.error().messages,
            std::vector{"environment " + key.environment_name() + ": " + std::string{key.name} +
                        " is \"no such thing\", expected " + expectation(key)});
}

TEST_P(EveryKeyTest, RefusesJunkInAFlag) {
  const auto loaded = load_config({.flags = {{std::string{key.name}, "no such thing"}}});

  ASSERT_FALSE(loaded);
  EXPECT_EQ(loaded.error().messages,
            std::vector{"flag: " + std::string{key.name} + " is \"no such thing\", expected " +
                        expectation(key)});
}

TEST_P(EveryKeyTest, DefaultsToThePresetDevelopment) {
  EXPECT_EQ(key.get(config{}), key.presets[static_cast<std::size_t>(preset::development)]);
}

TEST_P(EveryKeyTest, AcceptsItsPresets) {
  for (const auto& value : key.presets) EXPECT_TRUE(accepts(key, value)) << to_toml(value);
}

TEST_P(EveryKeyTest, IsDocumentedInOneSentence) {
  EXPECT_GT(key.doc.size(), 10u);
  EXPECT_TRUE(key.doc.ends_with('.'));
}

TEST_P(EveryKeyTest, IsFoundByItsName) {
  EXPECT_EQ(find_config_key(key.name)->name, key.name);
}

INSTANTIATE_TEST_SUITE_P(Keys, EveryKeyTest,
                         ::testing::ValuesIn(config_keys().begin(), config_keys().end()),
                         [](const auto& row) {
                           std::string name{row.param.name};
                           std::ranges::replace(name, '.', '_');
                           return name;
                         });

TEST(ConfigKeysTest, NamesAreUnique) {
  std::set<std::string_view> names;
  for (const auto& key : config_keys()) EXPECT_TRUE(names.insert(key.name).second) << key.name;
}

TEST(ConfigKeysTest, SectionsAreContiguous) {
  std::vector<std::string_view> sections;
  for (const auto& key : config_keys()) {
    if (sections.empty() || sections.back() != key.section()) sections.push_back(key.section());
  }

  EXPECT_EQ(std::set(sections.begin(), sections.end()).size(), sections.size());
}

TEST(ConfigKeysTest, UnknownNameIsNotFound) {
  EXPECT_EQ(find_config_key("server.prot"), nullptr);
}

TEST(ConfigKeysTest, EnvironmentNameSeparatesTheSectionByTwoUnderscores) {
  EXPECT_EQ(find_config_key("server.io_threads")->environment_name(), "KERND_SERVER__IO_THREADS");
}

TEST(ConfigKeysTest, HostIsAnIpAddress) {
  const config_key& host = *find_config_key("server.host");

  for (const auto* good : {"0.0.0.0", "::", "::1", "192.0.2.7"}) {
    EXPECT_TRUE(accepts(host, good)) << good;
  }
  for (const auto* bad : {"localhost", "127.0.0", "1.2.3.256", "::1%", "127.0.0.1:80"}) {
    EXPECT_FALSE(accepts(host, bad)) << bad;
  }
  EXPECT_FALSE(accepts(host, std::string{"::1\0x", 5}));
}

TEST(ConfigKeysTest, ApiPrefixIsAPathWithoutATrailingSlash) {
  const config_key& prefix = *find_config_key("server.api_prefix");

  for (const auto* good : {"/v1", "/api/v1",
                           "/"
                           "a-b_c"})
    EXPECT_TRUE(accepts(prefix, good));
  for (const auto* bad : {"/", "api", "/api/", "/a//b", "/a?b", "/A", "/a/../b"}) {
    EXPECT_FALSE(accepts(prefix, bad)) << bad;
  }
  EXPECT_TRUE(accepts(prefix, "/" + std::string(127, 'a')));
  EXPECT_FALSE(accepts(prefix, "/" + std::string(128, 'a')));
}

TEST(ConfigKeysTest, DevicesAreNumbers) {
  const config_key& devices = *find_config_key("gpu.devices");
  EXPECT_TRUE(accepts(devices, std::vector<std::string>{"0", "15"}));
  for (const char* bad : {"", "cuda:0", "-1", "0x1", "1000", "a"}) {
    EXPECT_FALSE(accepts(devices, std::vector<std::string>{bad})) << bad;
  }
}

TEST(ConfigKeysTest, KernelsAreIds) {
  const config_key& kernels = *find_config_key("gpu.cuda_kernels");
  EXPECT_TRUE(accepts(kernels, std::vector<std::string>{"core/gemm", "ml/kmeans-cluster"}));
  for (const char* bad : {"", "gemm", "/gemm", "core/", "core/a/b", "Core/gemm", "core/g emm"}) {
    EXPECT_FALSE(accepts(kernels, std::vector<std::string>{bad})) << bad;
  }
}

TEST(ConfigKeysTest, CorsOriginsHaveTheFormBrowsersSend) {
  const config_key& origins = *find_config_key("server.cors_origins");
  using list = std::vector<std::string>;

  EXPECT_TRUE(accepts(origins, list{"*", "https://example.org", "http://127.0.0.1:3000"}));
  for (const auto* bad : {"example.org", "https://", "https://example.org/", "https://Example.org",
                          "ftp://example.org", "https://a,https://b"}) {
    EXPECT_FALSE(accepts(origins, list{bad})) << bad;
  }
}

TEST(ConfigKeysTest, ListsAreSplitAtCommasAndTrimmed) {
  const auto value = parse_value(*find_config_key("server.cors_origins"), " http://a ,http://b\t");

  EXPECT_EQ(value, (config_value{std::vector<std::string>{"http://a", "http://b"}}));
}

TEST(ConfigKeysTest, IntegersInTextAreWholeNumbers) {
  const config_key& port = *find_config_key("server.port");

  for (const auto* bad : {"", " 1", "1 ", "1.0", "0x10", "+1", "99999999999999999999"}) {
    EXPECT_FALSE(parse_value(port, bad)) << bad;
  }
}

TEST(ConfigKeysTest, StringsAreQuotedAndEscapedInToml) {
  EXPECT_EQ(to_toml(std::string{"a\"\\\n\x7f"}), R"("a\"\\\u000a\u007f")");
}

TEST(ConfigKeysTest, NumbersStayNumbersInToml) {
  EXPECT_EQ(to_toml(1.0), "1.0");
}

}  // namespace
}  // namespace kernd
