#include "contract/shipped_kernel.hpp"

#include <gtest/gtest.h>

#include <atomic>
#include <cstddef>
#include <cstring>
#include <string>
#include <vector>

namespace kernd {
namespace {

/// The bytes of an input's arrays, one after the other.
void collect(const type_info& type, const void* at, std::string& into) {
  const auto append = [&into](const void* data, std::size_t bytes) {
    if (bytes > 0) into.append(static_cast<const char*>(data), bytes);
  };
  if (type.kind == type_kind::structure) {
    for (const member_info& member : type.members) {
      collect(*member.type, static_cast<const std::byte*>(at) + member.offset, into);
    }
  } else if (type.kind == type_kind::optional) {
    if (const void* const value = type.value(at)) collect(*type.inner, value, into);
  } else if (type.kind == type_kind::array) {
    const auto& view = *static_cast<const array<std::byte>*>(at);
    append(view.data, view.size * (type.inner ? type.inner->size_bytes : size_of(type.element)));
  } else if (type.kind == type_kind::numbers) {
    const auto& view = *static_cast<const numbers*>(at);
    append(view.data, view.size * size_of(view.type));
  } else if (type.kind == type_kind::matrix) {
    const auto& view = *static_cast<const matrix<float>*>(at);
    append(view.data, view.rows * view.cols * size_of(type.element));
  } else if (type.kind == type_kind::graph) {
    const auto& view = *static_cast<const csr_graph*>(at);
    append(view.row_offsets.data, view.row_offsets.size * sizeof(std::uint64_t));
    append(view.col_indices.data, view.col_indices.size * sizeof(std::uint32_t));
    append(view.weights.data, view.weights.size * sizeof(float));
  }
}

std::vector<std::size_t> all_sampled() {
  std::vector<std::size_t> indices;
  for (const kernel_entry* entry : test::shipped().find_all({.mode = kernel_mode::batch})) {
    if (entry->kernel.sample != nullptr) indices.push_back(entry->index);
  }
  return indices;
}

/// What a kernel that makes inputs of any size for itself promises of them.
struct SampleTest : ::testing::TestWithParam<std::size_t> {
  const kernel& sampled = test::shipped().by_index()[GetParam()]->kernel;
  arena memory{std::size_t{1} << 28};
  const std::atomic<bool> stop{false};
  cpu_context context{memory, stop};

  const void* sample(std::size_t bytes, std::uint64_t seed) {
    void* const in = memory.allocate_bytes(sampled.input->size_bytes);
    sampled.input->construct(in);
    sampled.sample(in, bytes, seed, context);
    return in;
  }

  std::string arrays(std::size_t bytes, std::uint64_t seed) {
    std::string content;
    collect(*sampled.input, sample(bytes, seed), content);
    return content;
  }
};

TEST_P(SampleTest, IsValidHoweverSmall) {
  for (const std::size_t bytes : {0, 1, 100, 3'000, 100'000, 3'000'000}) {
    const auto valid = sampled.validate(sample(bytes, 1));
    EXPECT_TRUE(valid) << bytes << ": " << valid.error().message;
  }
}

TEST_P(SampleTest, IsAsLargeAsAskedFor) {
  for (const std::size_t bytes : {1'000, 30'000, 1'000'000, 9'000'000}) {
    const std::size_t found = arrays(bytes, 2).size();
    EXPECT_LE(found, 2 * bytes);
    EXPECT_GE(2 * found, bytes);
  }
}

TEST_P(SampleTest, IsTheSameForTheSameSeed) {
  const std::string first = arrays(500'000, 3);

  EXPECT_EQ(arrays(500'000, 3), first);
  EXPECT_NE(arrays(500'000, 4), first);
}

INSTANTIATE_TEST_SUITE_P(Shipped, SampleTest, ::testing::ValuesIn(all_sampled()),
                         test::name_of_shipped);

}  // namespace
}  // namespace kernd
