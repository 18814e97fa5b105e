#include "contract/large_inputs.hpp"
#include "contract/shipped_kernel.hpp"
#include "tests/support/compute_threads.hpp"
#include "tests/support/random_words.hpp"

#include <algorithm>
#include <string>

namespace kernd {
namespace {

struct ThreadCountTest : test::shipped_kernel_test {
  std::string output(const std::string& input, int num_threads) {
    std::string text;
    test::with_compute_threads(num_threads, [&] {
      const auto executed = runner.execute(input);
      if (executed) text = *executed;
      EXPECT_TRUE(executed) << executed.error().message;
    });
    return text;
  }
};

/// Numbers are written in the shortest form that reads back to their bits: equal texts, equal bits.
TEST_P(ThreadCountTest, DoesNotShowInTheBitsOfTheOutput) {
  test::random_words words;
  const auto inputs = test::large_inputs(info.id, words);
  ASSERT_FALSE(inputs.empty()) << "add inputs of " << info.id << " to contract/large_inputs.cpp";
  for (const std::string& input : inputs) {
    const std::string alone = output(input, 1);
    ASSERT_GT(alone.size(), 10u);
    for (const int num_threads : {2, 3, 8}) {
      const std::string found = output(input, num_threads);
      const auto differ = std::mismatch(alone.begin(), alone.end(), found.begin(), found.end());
      const auto place = static_cast<std::size_t>(differ.first - alone.begin());
      ASSERT_TRUE(found == alone) << num_threads << " threads give …" << found.substr(place, 40)
                                  << "\none gives …" << alone.substr(place, 40) << "\nof "
                                  << input.substr(0, 100);
    }
  }
}

INSTANTIATE_TEST_SUITE_P(Shipped, ThreadCountTest, test::all_shipped_batch(),
                         test::name_of_shipped);

}  // namespace
}  // namespace kernd
