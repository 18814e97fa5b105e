// What the shipped kernels give for jobs that are computed together.

#include "kernels/catalogue.hpp"
#include "tests/support/random_words.hpp"
#include "tests/unit/executor_fixture.hpp"

#include <gtest/gtest.h>

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

namespace kernd {
namespace {

/// `count` numbers from 1 to 101, as JSON.
std::string numbers(test::random_words& words, std::size_t count) {
  std::string text;
  for (std::size_t i = 0; i < count; ++i) {
    const auto cents = 100 + words() % 10'000;
    text += (i == 0 ? "" : ",") + std::to_string(static_cast<double>(cents) / 100);
  }
  return "[" + text + "]";
}

/// An input of `size` elements. Empty for a kernel that nobody has written one for.
std::string input_of(std::string_view kernel, test::random_words& words, std::size_t size) {
  const auto some = [&] { return numbers(words, size); };
  if (kernel == "core/axpy") return R"({"alpha":0.1,"x":)" + some() + R"(,"y":)" + some() + "}";
  if (kernel == "core/identity") return R"({"dtype":"f64","data":)" + some() + "}";
  if (kernel == "finance/black-scholes") {
    return R"({"spot":)" + some() + R"(,"strike":)" + some() +
           R"(,"rate":[0.03],"volatility":[0.2],"type":["call"],"expiry":)" + some() + "}";
  }
  if (kernel == "signal/fft") return R"({"real":)" + some() + R"(,"imag":)" + some() + "}";
  return {};
}

struct BatchContractTest : test::executor_fixture {
  test::random_words words;
  /// Lengths alike and different, and one far longer than the others.
  const std::vector<std::size_t> sizes{1, 16, 16, 16, 17, 500, 3};

  BatchContractTest() {
    kernels::add_all(registry).value();
    options.max_batch_size = sizes.size();
  }

  std::vector<std::string> outputs(executor& jobs, const std::vector<test::pending>& all,
                                   std::size_t batch_size) {
    std::vector<std::string> texts;
    for (const auto& each : all) {
      const auto output = settle(each);
      texts.emplace_back(output ? output->output.view() : output.error().message);
      EXPECT_TRUE(output && output->batch_size == batch_size) << texts.back();
    }
    wait_idle(jobs);
    return texts;
  }
};

TEST_F(BatchContractTest, JobsThatAreComputedTogetherGiveWhatEachGivesAlone) {
  std::size_t kernels = 0;
  for (const kernel_entry* entry : registry.find_all({.mode = kernel_mode::batch})) {
    const auto& info = entry->kernel.info;
    if (info.max_batch_size == 1 || info.id == "core/test-joining") continue;
    ++kernels;
    std::vector<std::string> inputs;
    for (const auto size : sizes) inputs.push_back(input_of(info.id, words, size));
    std::vector<std::string> alone;
    executor one_by_one{registry, options, limits};
    for (const auto& input : inputs) {
      const auto job = admit(one_by_one, info.id, test::body_of(input));
      alone.push_back(outputs(one_by_one, {job}, 1).front());
    }

    test::gate until_all_wait;
    executor together{registry, options, limits};
    const auto blocking = admit(together, "core/test-gated", test::gated_body(until_all_wait));
    until_all_wait.wait_entered(1);
    std::vector<test::pending> all;
    for (const auto& input : inputs) all.push_back(admit(together, info.id, test::body_of(input)));
    until_all_wait.open();

    EXPECT_EQ(outputs(together, all, inputs.size()), alone) << info.id;
  }
  EXPECT_EQ(kernels, 4u);
}

}  // namespace
}  // namespace kernd
