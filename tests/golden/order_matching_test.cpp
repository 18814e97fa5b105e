#include "contract/ring_runner.hpp"
#include "golden/order_stream.hpp"
#include "kernels/orderbook/matching.hpp"

#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include <cstdint>
#include <cstdio>
#include <fstream>
#include <map>
#include <string>

namespace kernd::kernels {
namespace {

/// FNV-1a, 64 bits.
void add_to(std::uint64_t& hash, const std::string& text) {
  for (const char c : text) {
    hash = (hash ^ static_cast<unsigned char>(c)) * 0x100000001b3U;
  }
}

std::string hex(std::uint64_t value) {
  char text[17];
  std::snprintf(text, sizeof text, "%016llx", static_cast<unsigned long long>(value));
  return text;
}

TEST(OrderMatchingGoldenTest, AnswersAsTheOracleDoes) {
  std::ifstream file{KERND_GOLDEN_DIRECTORY "/order_matching.json"};
  const auto golden = nlohmann::json::parse(file);
  test::order_stream stream{golden["seed"].get<std::uint64_t>()};
  test::ring_runner actor{make_ring_kernel<matching>()};
  const auto every = golden["every"].get<std::size_t>();
  ASSERT_EQ(golden["hashes"].size() * every, golden["steps"].get<std::size_t>());

  std::uint64_t hash = 0xcbf29ce484222325U;
  std::map<std::string, std::size_t> lines;
  for (std::size_t part = 0; part < golden["hashes"].size(); ++part) {
    std::string text;
    for (std::size_t step = part * every; step < (part + 1) * every; ++step) {
      const std::string answer = stream.step(actor);
      add_to(hash, answer);
      text += answer;
    }
    for (std::size_t at = 0; at != text.size(); at = text.find('\n', at) + 1) {
      ++lines[text.substr(at, 1)];
    }
    ASSERT_EQ(hex(hash), golden["hashes"][part])
        << "compare with `tests/golden/order_matching.py " << part * every << " "
        << (part + 1) * every - 1 << "`:\n"
        << text;
  }

  EXPECT_EQ(lines, (golden["lines"].get<std::map<std::string, std::size_t>>()));
}

}  // namespace
}  // namespace kernd::kernels
