// What the execution monitor costs a worker per job: alone, beside a reader that never pauses, and
// beside one that read and then hangs.

#include "kernd/monitor.hpp"

#include <benchmark/benchmark.h>

#include <atomic>
#include <chrono>
#include <cstdint>
#include <stop_token>
#include <string_view>
#include <thread>
#include <vector>

namespace {

using kernd::execution_monitor;
using clock_type = execution_monitor::clock;

/// As many as a daemon has about: a reader of `/apps` looks at all of them.
std::vector<std::string_view> tasks() {
  return {"core/a", "core/b", "core/c", "core/d", "core/e", "core/f",
          "core/g", "core/h", "core/i", "core/j", "core/k", "core/l"};
}

constexpr std::size_t workers = 2;

struct fixture {
  execution_monitor monitor{tasks(), workers};
  clock_type::time_point start = clock_type::now();
  std::uint64_t count = 0;

  void record_one() {
    ++count;
    start += std::chrono::microseconds{10};
    monitor.record(0, count % 12, start, std::chrono::nanoseconds{1000 + count % 1024});
  }
};

void record(benchmark::State& state, fixture& f) {
  for (auto _ : state) f.record_one();
  benchmark::ClobberMemory();
}

/// What a job pays several times anyway: the scale of the other rows.
void read_clock(benchmark::State& state) {
  for (auto _ : state) benchmark::DoNotOptimize(clock_type::now());
}

/// All apps, as `GET /api/v1/apps` asks for them.
std::uint64_t read_all(const execution_monitor& monitor) {
  std::uint64_t sum = 0;
  for (std::size_t i = 0; i < monitor.tasks().size(); ++i) {
    sum += monitor.snapshot(i).timing.executions;
  }
  return sum;
}

void record_beside_hasty_reader(benchmark::State& state, fixture& f) {
  std::atomic<std::uint64_t> reads{0};
  const std::jthread reader{[&](const std::stop_token& stop) {
    while (!stop.stop_requested()) {
      benchmark::DoNotOptimize(read_all(f.monitor));
      reads.fetch_add(1, std::memory_order_relaxed);
    }
  }};
  while (reads.load(std::memory_order_relaxed) == 0) std::this_thread::yield();
  record(state, f);
  state.counters["reads"] =
      benchmark::Counter(static_cast<double>(reads.load()), benchmark::Counter::kIsRate);
}

void record_beside_stalled_reader(benchmark::State& state, fixture& f) {
  std::atomic<bool> has_read{false};
  std::atomic<bool> released{false};
  const std::jthread reader{[&] {
    benchmark::DoNotOptimize(read_all(f.monitor));
    has_read.store(true);
    has_read.notify_one();
    released.wait(false);
  }};
  has_read.wait(false);
  record(state, f);
  released.store(true);
  released.notify_one();
}

}  // namespace

int main(int argc, char** argv) {
  benchmark::Initialize(&argc, argv);
  if (benchmark::ReportUnrecognizedArguments(argc, argv)) return 2;
  fixture f;
  benchmark::RegisterBenchmark("clock/now", read_clock);
  const auto add = [&f](const char* name, void (*run)(benchmark::State&, fixture&)) {
    benchmark::RegisterBenchmark(name, [run, &f](benchmark::State& s) { run(s, f); });
  };
  add("record/alone", record);
  add("record/beside a stalled reader", record_beside_stalled_reader);
  add("record/beside a reader without pause", record_beside_hasty_reader);
  benchmark::RunSpecifiedBenchmarks();
}
