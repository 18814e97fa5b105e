#include "contract/large_inputs.hpp"

#include <array>
#include <charconv>
#include <cmath>
#include <cstddef>
#include <cstdint>

namespace kernd::test {

namespace {

using inputs = std::vector<std::string>;

/// `count` elements, each what `text_of(i)` gives.
template <class F>
std::string list(std::size_t count, F text_of) {
  std::string text = "[";
  for (std::size_t i = 0; i < count; ++i) {
    if (i > 0) text += ',';
    text += text_of(i);
  }
  return text + "]";
}

std::string text_of(float value) {
  std::array<char, 32> text;
  return {text.begin(), std::to_chars(text.begin(), text.end(), value).ptr};
}

/// f32 numbers of all digits.
std::string reals(random_words& words, std::size_t count, float low = -1, float high = 1) {
  std::uniform_real_distribution<float> between{low, high};
  return list(count, [&](std::size_t) { return text_of(between(words)); });
}

/// f32 numbers of so many magnitudes that an f64 cannot hold their sum: it shows in what order they
/// were added.
std::string wide_reals(random_words& words, std::size_t count) {
  std::uniform_real_distribution<float> between{-1, 1};
  return list(count, [&](std::size_t) {
    return text_of(std::ldexp(between(words), -static_cast<int>(words() % 48)));
  });
}

/// Whole numbers below `limit`: many are equal.
std::string integers(random_words& words, std::size_t count, std::uint64_t limit) {
  return list(count, [&](std::size_t) { return std::to_string(words() % limit); });
}

std::string matrix_of(std::size_t rows, std::size_t cols, const std::string& data) {
  return R"({"shape":[)" + std::to_string(rows) + "," + std::to_string(cols) + R"(],"data":)" +
         data + "}";
}

std::string real_matrix(random_words& words, std::size_t rows, std::size_t cols) {
  return matrix_of(rows, cols, reals(words, rows * cols));
}

inputs large_gemm(random_words& w) {
  return {R"({"alpha":0.7,"beta":-0.3,"transpose_a":true,"a":)" + real_matrix(w, 24, 1030) +
          R"(,"b":)" + real_matrix(w, 24, 1040) + R"(,"c":)" + real_matrix(w, 1030, 1040) + "}"};
}

inputs large_matmul(random_words& w) {
  return {R"({"rows_a":1030,"cols_a":24,"cols_b":1040,"a":)" + reals(w, 1030 * 24) + R"(,"b":)" +
          reals(w, 24 * 1040) + "}"};
}

inputs large_reduce(random_words& w) {
  const std::string data = R"(,"data":)" + wide_reals(w, 650'000) + "}";
  return {R"({"op":"sum")" + data, R"({"op":"mean")" + data,
          R"({"op":"norm2","dtype":"f64")" + data, R"({"op":"argmin")" + data,
          R"({"op":"argmax","dtype":"i32","data":)" + integers(w, 650'000, 100) + "}"};
}

inputs large_sort(random_words& w) {
  constexpr std::size_t count = 800'000;
  return {R"({"keys":)" + reals(w, count) + "}", R"({"dtype":"i32","descending":true,"keys":)" +
                                                     integers(w, count, 70'000) + R"(,"values":)" +
                                                     integers(w, count, 10) + "}"};
}

inputs large_black_scholes(random_words& w) {
  constexpr std::size_t count = 90'000;
  return {R"({"spot":)" + reals(w, count, 20, 180) + R"(,"strike":)" + reals(w, count, 20, 180) +
          R"(,"rate":)" + reals(w, count, -0.02F, 0.1F) + R"(,"volatility":)" +
          reals(w, count, 0, 1) + R"(,"expiry":)" + reals(w, count, 0, 4) + R"(,"type":)" +
          list(count, [&](std::size_t) { return w() % 2 == 0 ? R"("call")" : R"("put")"; }) + "}"};
}

/// Some nodes dangle, one has an edge from many.
inputs large_pagerank(random_words& w) {
  constexpr std::size_t nodes = 50'000;
  std::vector<std::size_t> offsets{0};
  for (std::size_t v = 0; v < nodes; ++v) offsets.push_back(offsets.back() + w() % 8);
  const std::size_t edges = offsets.back();
  const std::string graph =
      R"({"num_nodes":)" + std::to_string(nodes) + R"(,"row_offsets":)" +
      list(offsets.size(), [&](std::size_t i) { return std::to_string(offsets[i]); }) +
      R"(,"col_indices":)" +
      list(edges, [&](std::size_t) { return std::to_string(w() % 4 == 0 ? 7 : w() % nodes); });
  return {R"({"graph":)" + graph + "}}", R"({"graph":)" + graph + R"(,"weights":)" +
                                             reals(w, edges, 0, 1) + R"(},"personalization":)" +
                                             reals(w, nodes, 0, 1) + "}"};
}

/// Many points, and many clusters.
inputs large_kmeans(random_words& w) {
  return {R"({"k":9,"tolerance":0,"max_iterations":12,"data":)" +
              matrix_of(40'000, 4, wide_reals(w, 160'000)) + "}",
          R"({"k":1100,"tolerance":0,"max_iterations":3,"data":)" +
              matrix_of(9'000, 3, wide_reals(w, 27'000)) + "}"};
}

/// A power of two, a prime, and many at once.
inputs large_fft(random_words& w) {
  return {
      R"({"real":)" + reals(w, 1 << 18) + "}",
      R"({"inverse":true,"real":)" + reals(w, 100'003) + R"(,"imag":)" + reals(w, 100'003) + "}",
      R"({"batch":60,"real":)" + reals(w, 60 * 5000) + "}"};
}

struct large_kernel {
  std::string_view id;
  inputs (*make)(random_words& words);
};

constexpr large_kernel large_kernels[] = {
    {"core/axpy",
     [](random_words& w) {
       return inputs{R"({"alpha":0.7,"x":)" + reals(w, 600'000) + R"(,"y":)" + reals(w, 600'000) +
                     "}"};
     }},
    {"core/gemm", large_gemm},
    {"core/identity",
     [](random_words& w) { return inputs{R"({"data":)" + reals(w, 300'000) + "}"}; }},
    {"core/matmul", large_matmul},
    {"core/reduce", large_reduce},
    {"core/reduce-sum",
     [](random_words& w) { return inputs{R"({"data":)" + wide_reals(w, 650'000) + "}"}; }},
    {"core/sort", large_sort},
    {"core/vector-add",
     [](random_words& w) {
       return inputs{R"({"a":)" + reals(w, 600'000) + R"(,"b":)" + reals(w, 600'000) + "}"};
     }},
    {"finance/black-scholes", large_black_scholes},
    {"graph/pagerank", large_pagerank},
    {"ml/kmeans-cluster", large_kmeans},
    {"signal/fft", large_fft},
};

}  // namespace

std::vector<std::string> large_inputs(std::string_view kernel, random_words& words) {
  for (const auto& [id, make] : large_kernels) {
    if (id == kernel) return make(words);
  }
  return {};
}

}  // namespace kernd::test
