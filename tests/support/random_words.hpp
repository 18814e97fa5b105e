#pragma once

#include <gtest/gtest.h>

#include <cstdint>
#include <cstdlib>
#include <random>
#include <source_location>
#include <string>

namespace kernd::test {

/// The seed under which a bound was measured.
struct measured_with {
  std::uint64_t seed;
};

/// Random words for property tests. While it lives, a failure on its thread shows the seed;
/// KERND_TEST_SEED=seed runs the test again with it.
///
/// The seed is a fresh one on every run, so that the tests go on looking where they have not looked
/// yet. That cannot make them flake: what they state is exact, or has a bound that is proved for
/// every input, so a failure is a bug. Where a bound was measured instead, another seed could
/// exceed it without anything being wrong; such a test names its seed.
class random_words : public std::mt19937_64 {
 public:
  explicit random_words(std::source_location where = std::source_location::current())
      : random_words{measured_with{std::random_device{}()}, where} {}

  explicit random_words(measured_with fixed,
                        std::source_location where = std::source_location::current())
      : random_words{wanted_seed(fixed.seed), where} {}

  std::uint64_t seed() const { return seed_; }

 private:
  random_words(std::uint64_t seed, std::source_location where)
      : std::mt19937_64{seed},
        seed_{seed},
        trace_{where.file_name(), static_cast<int>(where.line()),
               "KERND_TEST_SEED=" + std::to_string(seed)} {}

  static std::uint64_t wanted_seed(std::uint64_t otherwise) {
    const char* const given = std::getenv("KERND_TEST_SEED");
    return given != nullptr ? std::strtoull(given, nullptr, 10) : otherwise;
  }

  std::uint64_t seed_;
  ::testing::ScopedTrace trace_;
};

}  // namespace kernd::test
