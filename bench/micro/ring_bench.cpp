// What a message costs in a ring: on one thread, between two, and there and back, beside a sketch
// that does the least a queue can do, and beside memory without any queue.

#include "kernd/ring/blocking_ring.hpp"
#include "kernd/ring/clock.hpp"
#include "kernd/ring/ring.hpp"

#include <benchmark/benchmark.h>

#include <algorithm>
#include <atomic>
#include <cstdint>
#include <memory>
#include <stop_token>
#include <string>
#include <thread>
#include <vector>

namespace {

using kernd::line_bytes;
using kernd::message_header;

constexpr std::size_t slots = 64;

struct place {
  message_header* message;
  explicit operator bool() const { return message != nullptr; }
};

/// Slots of a size the compiler knows.
template <std::size_t PayloadBytes>
class slot_memory {
 public:
  message_header* slot(std::uint64_t index) {
    return reinterpret_cast<message_header*>(slots_->bytes + index % slots * slot_bytes);
  }

 private:
  static constexpr std::size_t slot_bytes = kernd::slot_bytes_for(PayloadBytes);
  struct alignas(line_bytes) storage {
    std::byte bytes[slots * slot_bytes];
  };

  std::unique_ptr<storage> slots_ = std::make_unique<storage>();
};

/// No queue at all: one slot after the other is written and read, on one thread.
template <std::size_t PayloadBytes>
class bare_memory {
 public:
  explicit bare_memory(const kernd::ring_options&) {}

  place reserve() { return {memory_.slot(next_)}; }
  void commit(const place&) {}
  const message_header* peek() { return memory_.slot(next_); }
  void release() { ++next_; }

 private:
  slot_memory<PayloadBytes> memory_;
  std::uint64_t next_ = 0;
};

/// Two indices on lines of their own, each with a copy of the other's: no close, no sequence
/// numbers, no statistics.
template <std::size_t PayloadBytes>
class sketch {
 public:
  explicit sketch(const kernd::ring_options&) {}

  place reserve() {
    const auto tail = tail_.load(std::memory_order_relaxed);
    if (tail - known_head_ == slots) {
      known_head_ = head_.load(std::memory_order_acquire);
      if (tail - known_head_ == slots) return {nullptr};
    }
    return {memory_.slot(tail)};
  }
  void commit(const place&) {
    tail_.store(tail_.load(std::memory_order_relaxed) + 1, std::memory_order_release);
  }
  const message_header* peek() {
    const auto head = head_.load(std::memory_order_relaxed);
    if (head == known_tail_) {
      known_tail_ = tail_.load(std::memory_order_acquire);
      if (head == known_tail_) return nullptr;
    }
    return memory_.slot(head);
  }
  void release() {
    head_.store(head_.load(std::memory_order_relaxed) + 1, std::memory_order_release);
  }

 private:
  slot_memory<PayloadBytes> memory_;
  alignas(line_bytes) std::atomic<std::uint64_t> tail_{0};
  std::uint64_t known_head_ = 0;
  alignas(line_bytes) std::atomic<std::uint64_t> head_{0};
  std::uint64_t known_tail_ = 0;
};

constexpr message_header header_for(std::uint32_t payload_bytes) {
  message_header header{};
  header.message_id = 1;
  header.type = 7;
  header.payload_bytes = payload_bytes;
  return header;
}
template <std::uint32_t PayloadBytes>
constexpr message_header prebuilt = header_for(PayloadBytes);

// As wide as the processor can, so that it is the memory that is measured.
__attribute__((target_clones("avx512f", "avx2", "default"))) void fill(std::uint64_t* words,
                                                                       std::size_t count,
                                                                       std::uint64_t value) {
  for (std::size_t i = 0; i < count; ++i) words[i] = value;
}
__attribute__((target_clones("avx512f", "avx2", "default"))) std::uint64_t sum(
    const std::uint64_t* words, std::size_t count) {
  std::uint64_t total = 0;
  for (std::size_t i = 0; i < count; ++i) total += words[i];
  return total;
}

/// Small payloads in place, and read no wider than they were written: those loads need not wait for
/// the stores.
constexpr std::size_t small_bytes = 256;

/// Header copied, payload written where it will be read.
template <std::size_t PayloadBytes, class Ring>
bool send(Ring& ring, std::uint64_t value) {
  const auto r = ring.reserve();
  if (!r) return false;
  kernd::copy_fields(prebuilt<PayloadBytes>, *r.message);
  auto* const words = reinterpret_cast<std::uint64_t*>(r.message + 1);
  if constexpr (PayloadBytes <= small_bytes) {
    for (std::size_t i = 0; i < PayloadBytes / 8; ++i) words[i] = value;
  } else {
    fill(words, PayloadBytes / 8, value);
  }
  ring.commit(r);
  return true;
}

template <std::size_t PayloadBytes, class Ring>
bool receive(Ring& ring, std::uint64_t& total) {
  const message_header* const message = ring.peek();
  if (!message) return false;
  const auto* const words = reinterpret_cast<const std::uint64_t*>(message + 1);
  if constexpr (PayloadBytes <= small_bytes) {
    for (std::size_t i = 0; i < PayloadBytes / 8; ++i) total += words[i];
  } else {
    total += sum(words, PayloadBytes / 8);
  }
  ring.release();
  return true;
}

/// Gives way now and then, for a machine that has other things to do.
template <class Try>
void spin_until(Try attempt) {
  for (std::uint32_t tries = 1; !attempt(); ++tries) {
    if (tries % 1024 == 0) std::this_thread::yield();
    kernd::shared_memory::pause();
  }
}

kernd::ring_options options(std::size_t payload_bytes) {
  return {.capacity = slots, .payload_bytes = payload_bytes};
}

template <class Ring, std::size_t PayloadBytes>
void one_thread(benchmark::State& state) {
  Ring ring{options(PayloadBytes)};
  std::uint64_t total = 0, value = 0;
  for (auto _ : state) {
    send<PayloadBytes>(ring, ++value);
    receive<PayloadBytes>(ring, total);
  }
  benchmark::DoNotOptimize(total);
}

template <class Ring, std::size_t PayloadBytes>
void transfer(benchmark::State& state) {
  constexpr std::uint64_t messages = 1 << 14;
  Ring ring{options(PayloadBytes)};
  std::uint64_t total = 0;
  const std::jthread producer{[&ring](const std::stop_token& stop) {
    std::uint64_t value = 0;
    while (!stop.stop_requested()) {
      spin_until([&] { return send<PayloadBytes>(ring, ++value) || stop.stop_requested(); });
    }
  }};
  for (auto _ : state) {
    for (std::uint64_t i = 0; i < messages; ++i) {
      spin_until([&] { return receive<PayloadBytes>(ring, total); });
    }
  }
  benchmark::DoNotOptimize(total);
  state.SetItemsProcessed(static_cast<std::int64_t>(messages * state.iterations()));
}

template <class Ring, std::size_t PayloadBytes>
void ping_pong(benchmark::State& state) {
  constexpr std::uint64_t round_trips = 1000;
  Ring there{options(PayloadBytes)};
  Ring back{options(PayloadBytes)};
  std::uint64_t total = 0, value = 0;
  const std::jthread echo{[&](const std::stop_token& stop) {
    std::uint64_t seen = 0;
    while (!stop.stop_requested()) {
      spin_until([&] { return receive<PayloadBytes>(there, seen) || stop.stop_requested(); });
      send<PayloadBytes>(back, seen);
    }
  }};
  for (auto _ : state) {
    for (std::uint64_t i = 0; i < round_trips; ++i) {
      send<PayloadBytes>(there, ++value);
      spin_until([&] { return receive<PayloadBytes>(back, total); });
    }
  }
  benchmark::DoNotOptimize(total);
  state.SetItemsProcessed(static_cast<std::int64_t>(round_trips * state.iterations()));
}

void stamp(benchmark::State& state) {
  kernd::hybrid_clock clock;
  for (auto _ : state) benchmark::DoNotOptimize(clock.now());
}

/// What it takes when nobody interferes.
double least(const std::vector<double>& repetitions) {
  return *std::min_element(repetitions.begin(), repetitions.end());
}

template <std::size_t PayloadBytes>
void add_one_thread() {
  using blocking = kernd::blocking_ring<kernd::producers::one>;
  const auto add = [](const char* name, void (*run)(benchmark::State&)) {
    const auto row = "one thread/" + std::to_string(PayloadBytes) + '/' + name;
    benchmark::RegisterBenchmark(row.c_str(), run)->ComputeStatistics("min", least);
  };
  add("memory", one_thread<bare_memory<PayloadBytes>, PayloadBytes>);
  add("sketch", one_thread<sketch<PayloadBytes>, PayloadBytes>);
  add("spsc", one_thread<kernd::spsc_ring, PayloadBytes>);
  add("mpsc", one_thread<kernd::mpsc_ring, PayloadBytes>);
  add("blocking spsc", one_thread<blocking, PayloadBytes>);
}

}  // namespace

int main(int argc, char** argv) {
  benchmark::Initialize(&argc, argv);
  if (benchmark::ReportUnrecognizedArguments(argc, argv)) return 2;
  add_one_thread<64>();
  add_one_thread<256>();
  add_one_thread<1024>();
  add_one_thread<4096>();
  const auto add = [](const char* name, void (*run)(benchmark::State&)) {
    benchmark::RegisterBenchmark(name, run)->UseRealTime()->ComputeStatistics("min", least);
  };
  add("two threads/64/sketch", transfer<sketch<64>, 64>);
  add("two threads/64/spsc", transfer<kernd::spsc_ring, 64>);
  add("two threads/64/mpsc", transfer<kernd::mpsc_ring, 64>);
  add("two threads/64/blocking spsc", transfer<kernd::blocking_ring<kernd::producers::one>, 64>);
  add("there and back/64/sketch", ping_pong<sketch<64>, 64>);
  add("there and back/64/spsc", ping_pong<kernd::spsc_ring, 64>);
  add("clock/stamp", stamp);
  benchmark::RunSpecifiedBenchmarks();
}
