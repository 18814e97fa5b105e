// The codec beside loops over the same text that do nothing but read, or write, the numbers.

#include "kernd/codec.hpp"
#include "kernd/execute_body.hpp"
#include "kernd/kernel.hpp"

#include <benchmark/benchmark.h>
#include <boost/describe/class.hpp>
#include <simdjson.h>

#include <algorithm>
#include <charconv>
#include <chrono>
#include <cstdio>
#include <random>
#include <vector>

namespace {

struct samples {
  kernd::array<float> data;
};
BOOST_DESCRIBE_STRUCT(samples, (), (data))

constexpr std::size_t element_count = 262'144;
constexpr std::size_t memory_bytes = std::size_t{1} << 30;
constexpr std::chrono::milliseconds max_timeout{60'000};
constexpr std::size_t longest_float = 16;  // -1.17549435e-38 and a comma

/// The numbers, and the execute body that carries them.
struct fixture {
  std::vector<float> numbers;
  kernd::text_buffer body;
  kernd::codec codec{kernd::describe<samples>(), fields()};

  fixture() : numbers(element_count) {
    std::mt19937 random{42};
    std::normal_distribution<float> normal;
    std::generate(numbers.begin(), numbers.end(), [&] { return normal(random); });
    body.append(R"({"input":{"data":[)");
    char* to = body.prepare(numbers.size() * longest_float);
    body.commit(static_cast<std::size_t>(write_bare(to) - to));
    body.append("]}}");
  }

  /// All numbers with commas between; returns where it ended.
  char* write_bare(char* to) const {
    for (const float number : numbers) {
      to = std::to_chars(to, to + longest_float, number).ptr;
      *to++ = ',';
    }
    return to - 1;
  }

 private:
  static const std::vector<kernd::field_info>& fields() {
    static const std::vector<kernd::field_info> all{kernd::field<&samples::data>{.doc = "numbers"}};
    return all;
  }
};

/// Reads into `out`; how many there were.
std::size_t read_bare(simdjson::ondemand::parser& parser, const kernd::text_buffer& body,
                      float* out) {
  auto document = parser.iterate(body.data(), body.size(), body.capacity());
  std::size_t count = 0;
  for (auto element : document["input"]["data"]) {
    out[count++] = static_cast<float>(element.get_double().value());
  }
  return count;
}

void codec_decode(benchmark::State& state, const fixture& f) {
  kernd::json_reader reader{64};
  kernd::arena memory{memory_bytes};
  for (auto _ : state) {
    memory.reset(memory_bytes);
    auto decoded = kernd::decode_execute_body(reader, f.body, f.codec, memory, max_timeout).value();
    benchmark::DoNotOptimize(decoded.input);
    benchmark::ClobberMemory();
  }
}

void bare_decode(benchmark::State& state, const fixture& f) {
  simdjson::ondemand::parser parser;
  std::vector<float> out(element_count);
  for (auto _ : state) {
    benchmark::DoNotOptimize(read_bare(parser, f.body, out.data()));
    benchmark::ClobberMemory();
  }
}

void codec_encode(benchmark::State& state, const fixture& f) {
  kernd::arena memory{memory_bytes};
  kernd::text_buffer out;
  auto numbers = f.numbers;
  const samples value{{numbers.data(), numbers.size()}};
  for (auto _ : state) {
    memory.reset(memory_bytes);
    out.clear();
    f.codec.encode(&value, out, memory).value();
    benchmark::DoNotOptimize(out.data());
    benchmark::ClobberMemory();
  }
}

void bare_encode(benchmark::State& state, const fixture& f) {
  std::vector<char> out(element_count * longest_float);
  for (auto _ : state) {
    benchmark::DoNotOptimize(f.write_bare(out.data()));
    benchmark::ClobberMemory();
  }
}

/// Both ways of reading must give the numbers back, bit by bit: nobody is measured for less work.
bool both_read_the_numbers(const fixture& f) {
  simdjson::ondemand::parser parser;
  std::vector<float> bare(element_count);
  kernd::json_reader reader{64};
  kernd::arena memory{memory_bytes};

  const auto count = read_bare(parser, f.body, bare.data());
  const auto decoded =
      kernd::decode_execute_body(reader, f.body, f.codec, memory, max_timeout).value();

  return count == element_count && bare == f.numbers &&
         std::ranges::equal(static_cast<const samples*>(decoded.input)->data, f.numbers);
}

}  // namespace

int main(int argc, char** argv) {
  benchmark::Initialize(&argc, argv);
  if (benchmark::ReportUnrecognizedArguments(argc, argv)) return 2;
  const fixture f;
  if (!both_read_the_numbers(f)) {
    std::fputs("a decoder did not give the numbers back\n", stderr);
    return 1;
  }
  const auto add = [&f](const char* name, void (*run)(benchmark::State&, const fixture&)) {
    benchmark::RegisterBenchmark(name, [run, &f](benchmark::State& s) {
      run(s, f);
    })->Unit(benchmark::kMillisecond);
  };
  add("codec/decode", codec_decode);
  add("bare/decode", bare_decode);
  add("codec/encode", codec_encode);
  add("bare/encode", bare_encode);
  benchmark::RunSpecifiedBenchmarks();
}
