// The rings' own code under random interleavings on a memory weaker than any processor's; then the
// same with one thing wrong at a time, to see that the check finds it.

#include "tests/support/random_words.hpp"
#include "tests/unit/ring/ring_scenarios.hpp"

#include <gtest/gtest.h>

#include <optional>

namespace kernd::test {
namespace {

#if defined(__SANITIZE_THREAD__) || defined(__SANITIZE_ADDRESS__)
constexpr std::uint64_t runs = 600;
#else
constexpr std::uint64_t runs = 3'000;
#endif
constexpr std::uint64_t runs_until_found = 20'000;

/// The first seed that fails, of at most `runs_until_found`.
std::optional<std::uint64_t> find_failure(const mutation& wrong) {
  for (std::uint64_t seed = 0; seed < runs_until_found; ++seed) {
    if (!run_scenario(seed, wrong).failure.empty()) return seed;
  }
  return std::nullopt;
}

/// Every order that the rings ask for, made one step weaker in every possible way.
std::vector<mutation> weakenings() {
  std::set<ordered_access> accesses;
  for (std::uint64_t seed = 0; seed < 20 * num_scenarios; ++seed) {
    accesses.merge(run_scenario(seed).accesses);
  }
  std::vector<mutation> found;
  for (const auto& a : accesses) {
    if (a.order == std::memory_order_acq_rel) {
      found.push_back({.weakened = a, .to = std::memory_order_acquire});
      found.push_back({.weakened = a, .to = std::memory_order_release});
    } else {
      found.push_back({.weakened = a, .to = std::memory_order_relaxed});
    }
  }
  return found;
}

TEST(RingModelTest, NoInterleavingLosesDoublesOrTearsAMessageOrMissesAWakeUp) {
  random_words random;
  const std::uint64_t first = random() >> 1;
  for (std::uint64_t seed = first; seed < first + runs; ++seed) {
    ASSERT_EQ(run_scenario(seed).failure, "") << "seed " << seed;
  }
}

TEST(RingModelTest, EveryMemoryOrderIsNeeded) {
  const auto mutations = weakenings();

  ASSERT_GE(mutations.size(), 10u);
  for (const auto& wrong : mutations) {
    const auto seed = find_failure(wrong);
    EXPECT_TRUE(seed) << wrong.weakened->where << " may be order " << static_cast<int>(wrong.to);
  }
}

TEST(RingModelTest, ASleepThatDoesNotLookAgainIsFound) {
  EXPECT_TRUE(find_failure({.sleeps_blindly = true}));
}

}  // namespace
}  // namespace kernd::test
