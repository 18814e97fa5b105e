// What an actor on the CPU costs: a call from before it is sent until its reply is checked, how
// many it answers in a second, and its life.

#include "kernd/ring/runtime.hpp"
#include "kernd/ring/shared_memory.hpp"

#include <benchmark/benchmark.h>
#include <boost/describe/class.hpp>

#include <algorithm>
#include <atomic>
#include <chrono>
#include <cstdint>
#include <cstring>
#include <memory>
#include <vector>

namespace {

using namespace std::chrono_literals;
using kernd::actor_mode;

struct echoed {
  static constexpr std::uint32_t type_id = 2;
  static constexpr std::string_view message_name = "echoed";
  using reply = void;
  std::uint64_t value;
};
BOOST_DESCRIBE_STRUCT(echoed, (), (value))
struct echo {
  static constexpr std::uint32_t type_id = 1;
  static constexpr std::string_view message_name = "echo";
  using reply = echoed;
  std::uint64_t value;
};
BOOST_DESCRIBE_STRUCT(echo, (), (value))

struct echo_kernel {
  struct state {};
  using messages = kernd::type_list<echo>;
  using events = kernd::type_list<>;
  static constexpr std::size_t default_block_bytes = 0;
  static kernd::kernel_info info() {
    kernd::kernel_info i{};
    i.id = "bench/echo";
    i.version = "1.0.0";
    i.mode = kernd::kernel_mode::ring;
    return i;
  }
  static void start(state&, std::span<std::byte>) {}
  static void handle(state&, const echo& m, kernd::outbox& out) { out.reply(echoed{m.value}); }
};

struct ring {
  explicit ring(std::chrono::microseconds spin) : runtime{{.max_actors = 100'000, .spin = spin}} {}

  kernd::actor launch(actor_mode mode, std::size_t capacity = 1024) {
    kernd::launch_options options;
    options.mode = mode;
    options.input_queue_capacity = options.output_queue_capacity = capacity;
    return runtime.launch(kernel, "", options).value();
  }

  const kernd::ring_kernel kernel = kernd::make_ring_kernel<echo_kernel>();
  kernd::ring_runtime runtime;
};

kernd::outgoing_message outgoing(const echo& m) {
  return {.type = echo::type_id, .payload = std::as_bytes(std::span{&m, 1})};
}

/// Nanoseconds, as counters.
void report(benchmark::State& state, std::vector<std::uint32_t>& times) {
  if (times.empty()) return;
  std::sort(times.begin(), times.end());
  const auto at = [&](double part) {
    return static_cast<double>(times[static_cast<std::size_t>(part * double(times.size() - 1))]);
  };
  state.counters["p50"] = at(0.5);
  state.counters["p99"] = at(0.99);
  state.counters["p99.9"] = at(0.999);
  state.counters["max"] = at(1);
}

std::uint32_t since(std::chrono::steady_clock::time_point begin) {
  return static_cast<std::uint32_t>((std::chrono::steady_clock::now() - begin).count());
}

/// `spin`: 0 parks both sides between any two messages.
void call(benchmark::State& state, actor_mode mode, std::chrono::microseconds spin) {
  ring r{spin};
  auto a = r.launch(mode);
  std::vector<std::uint32_t> times;
  times.reserve(static_cast<std::size_t>(state.max_iterations));
  std::uint64_t next = 0;
  std::uint64_t lost = 0;
  for (auto _ : state) {
    const auto begin = std::chrono::steady_clock::now();
    const echo m{next++};
    echoed reply{};
    const auto answered = a.call(outgoing(m), std::as_writable_bytes(std::span{&reply, 1}), 10s);
    lost += !answered || reply.value != m.value;
    times.push_back(since(begin));
  }
  report(state, times);
  state.counters["lost"] = static_cast<double>(lost);
}
BENCHMARK_CAPTURE(call, spinning, actor_mode::persistent, 1000us)->Iterations(1'000'000);
BENCHMARK_CAPTURE(call, parked, actor_mode::persistent, 0us)->Iterations(1'000'000);
BENCHMARK_CAPTURE(call, pool, actor_mode::event_driven, 20us)->Iterations(1'000'000);

/// One caller that keeps `window` calls outstanding.
class pipeline {
 public:
  pipeline(kernd::actor& to, std::size_t window) : to_{to}, calls_{window} {}

  void run(std::uint64_t count) {
    std::size_t place = 0;
    for (std::uint64_t sent = 0; sent < count;) {
      one& c = calls_[place];
      while (!c.is_free.load(std::memory_order_acquire)) kernd::shared_memory::pause();
      lost_ += c.is_wrong;
      c.value = sent;
      c.is_free.store(false, std::memory_order_relaxed);
      const echo m{sent};
      if (to_.begin_call(outgoing(m), {&pipeline::end, &c})) {
        ++sent;
        place = (place + 1) % calls_.size();
      } else {
        c.is_free.store(true, std::memory_order_relaxed);
      }
    }
    for (auto& c : calls_) {
      while (!c.is_free.load(std::memory_order_acquire)) kernd::shared_memory::pause();
      lost_ += c.is_wrong;
      c.is_wrong = false;
    }
  }
  std::uint64_t lost() const { return lost_; }

 private:
  struct alignas(64) one {
    std::uint64_t value = 0;
    bool is_wrong = false;
    std::atomic<bool> is_free{true};
  };

  static void end(void* context, const kernd::call_end& e) noexcept {
    auto& c = *static_cast<one*>(context);
    c.is_wrong = e.why || std::memcmp(e.payload.data(), &c.value, sizeof c.value) != 0;
    c.is_free.store(true, std::memory_order_release);
  }

  kernd::actor& to_;
  std::vector<one> calls_;
  std::uint64_t lost_ = 0;
};

void echoes(benchmark::State& state, actor_mode mode) {
  ring r{20us};
  auto a = r.launch(mode, 2048);
  pipeline calls{a, static_cast<std::size_t>(state.range(0))};
  constexpr std::uint64_t at_once = 1'000'000;
  for (auto _ : state) calls.run(at_once);
  state.SetItemsProcessed(state.iterations() * static_cast<std::int64_t>(at_once));
  state.counters["lost"] = static_cast<double>(calls.lost());
}
BENCHMARK_CAPTURE(echoes, persistent, actor_mode::persistent)->Arg(256)->Arg(1024)->UseRealTime();
BENCHMARK_CAPTURE(echoes, pool, actor_mode::event_driven)->Arg(256)->UseRealTime();

/// Launched, called once, removed: all of it acknowledged.
void life(benchmark::State& state, actor_mode mode) {
  ring r{20us};
  std::vector<std::uint32_t> launches, ends;
  for (auto _ : state) {
    auto begin = std::chrono::steady_clock::now();
    auto a = r.launch(mode, 64);
    launches.push_back(since(begin));
    const echo m{1};
    echoed reply{};
    benchmark::DoNotOptimize(
        a.call(outgoing(m), std::as_writable_bytes(std::span{&reply, 1}), 10s));
    begin = std::chrono::steady_clock::now();
    benchmark::DoNotOptimize(r.runtime.remove(a.id(), begin + 10s));
    ends.push_back(since(begin));
  }
  std::sort(launches.begin(), launches.end());
  report(state, ends);
  state.counters["launch p50"] = launches[launches.size() / 2];
}
BENCHMARK_CAPTURE(life, persistent, actor_mode::persistent)->Iterations(10'000);
BENCHMARK_CAPTURE(life, pool, actor_mode::event_driven)->Iterations(10'000);

}  // namespace
