#pragma once

#include "kernd/ring/blocking_ring.hpp"
#include "tests/support/weak_machine.hpp"

#include <array>
#include <chrono>
#include <cstdint>
#include <functional>
#include <set>
#include <string>
#include <type_traits>
#include <vector>

namespace kernd::test {

/// What one run on the weak machine came to.
struct outcome {
  std::string failure;  ///< Empty: none.
  std::set<ordered_access> accesses;
};

/// A few threads that use a ring of a few slots, whose positions wrap around at the second
/// message. Every message is two words, which must be the same and in their producer's order, none
/// missing and none twice.
template <producers Producers>
class ring_scenario {
 public:
  static constexpr std::uint64_t messages = 3;  // of each producer

  ring_scenario(std::uint64_t seed, const mutation& wrong, std::size_t capacity)
      : ring_{{.capacity = capacity, .start = (std::uint64_t{1} << 63) - 1}, 1},
        machine_{seed, wrong} {}

  /// Both ends poll, and a third thread reads the statistics.
  outcome polls() {
    return finish([this](std::uint64_t p) { produce_polling(p); }, [this] { consume_polling(); },
                  [this] { observe(); });
  }

  /// Both ends sleep when they have to.
  outcome sleeps() {
    return finish([this](std::uint64_t p) { produce_sleeping(p); }, [this] { consume_sleeping(); });
  }

  /// The consumer closes the ring after the first messages and goes; producers may be asleep.
  outcome leaves() {
    return finish([this](std::uint64_t p) { produce_sleeping(p); },
                  [this] { consume_once_and_close(); }, nullptr,
                  [this] {
                    while (take_batch() > 0) continue;
                  });
  }

  /// As `sleeps`, and somebody closes the ring meanwhile: one of many is a thread of its own, a
  /// sole producer closes after its last message.
  outcome closes() {
    const auto close = [this] { ring_.close(); };
    if constexpr (Producers == producers::many) {
      return finish([this](std::uint64_t p) { produce_sleeping(p); },
                    [this] { consume_until_drained(); }, close);
    } else {
      const auto produce_and_close = [this, close](std::uint64_t p) {
        produce_sleeping(p);
        close();
      };
      return finish(produce_and_close, [this] { consume_until_drained(); });
    }
  }

 private:
  using memory = modelled_memory;
  static constexpr std::size_t num_producers = Producers == producers::one ? 1 : 2;
  static constexpr auto never = std::chrono::steady_clock::time_point::max();

  bool has_always_room() const noexcept {
    return ring_.state().capacity() >= num_producers * messages;
  }

  static std::uint64_t* words_of(const message_header* message) {
    return reinterpret_cast<std::uint64_t*>(const_cast<message_header*>(message) + 1);
  }

  void fill_and_commit(const reservation& r, std::uint64_t producer, std::uint64_t i) {
    std::uint64_t* const words = words_of(r.message);
    machine_.write_plain(words[0], producer * 100 + i);
    machine_.write_plain(words[1], producer * 100 + i);
    ring_.commit(r);
    ++sent_[producer];
  }

  void produce_polling(std::uint64_t producer) {
    for (std::uint64_t i = 0; i < messages && !machine_.has_failed();) {
      if (const auto r = ring_.reserve()) {
        fill_and_commit(r, producer, i++);
      } else {
        if (has_always_room()) machine_.report("full though there is room");
        memory::pause();
      }
    }
  }
  void produce_sleeping(std::uint64_t producer) {
    for (std::uint64_t i = 0; i < messages; ++i) {
      const auto r = ring_.reserve(never);
      if (!r) return;
      fill_and_commit(r, producer, i);
    }
  }

  void take(const message_header* message) {
    const std::uint64_t* const words = words_of(message);
    const auto first = machine_.read_plain(words[0]);
    const auto second = machine_.read_plain(words[1]);
    const auto producer = first / 100;
    if (first != second) return machine_.report("a torn message");
    if (producer >= num_producers) return machine_.report("a message from nowhere");
    if (first % 100 != received_[producer]++) machine_.report("lost, twice or out of order");
  }
  void consume_polling() {
    for (std::uint64_t i = 0; i < num_producers * messages && !machine_.has_failed();) {
      if (const auto* const message = ring_.peek()) {
        take(message);
        ring_.release();
        ++i;
      } else {
        memory::pause();
      }
    }
  }
  void consume_sleeping() {
    for (std::uint64_t i = 0; i < num_producers * messages;) {
      if (!ring_.peek(never)) return;
      i += take_batch();
    }
  }
  void consume_until_drained() {
    while (ring_.peek(never)) take_batch();
  }
  void consume_once_and_close() {
    if (ring_.peek(never)) take_batch();
    ring_.close();
  }
  std::size_t take_batch() {
    return ring_.pop(2, [this](const message_header& m) { take(&m); });
  }

  void observe() {
    for (int looks = 0; looks < 3; ++looks) {
      const auto popped = ring_.state().popped();
      if (ring_.state().pushed() < popped) machine_.report("more popped than pushed");
      memory::pause();
    }
  }

  template <class Produce, class Consume>
  outcome finish(Produce produce, Consume consume, const std::function<void()>& also = nullptr,
                 const std::function<void()>& afterwards = nullptr) {
    std::vector<std::function<void()>> bodies{consume};
    for (std::size_t p = 0; p < num_producers; ++p) bodies.push_back([produce, p] { produce(p); });
    if (also) bodies.push_back(also);
    std::string failure = machine_.run(bodies);
    if (failure.empty() && afterwards) afterwards();
    if (failure.empty() && sent_ != received_) failure = "not all that went in came out";
    return {failure, machine_.ordered_accesses()};
  }

  blocking_ring<Producers, memory> ring_;
  weak_machine machine_;
  std::array<std::uint64_t, 2> sent_{};
  std::array<std::uint64_t, 2> received_{};
};

/// One of the above, by the seed's remainder.
inline constexpr std::uint64_t num_scenarios = 24;
inline outcome run_scenario(std::uint64_t seed, const mutation& wrong = {}) {
  constexpr std::array<std::size_t, 3> capacities{1, 2, 8};
  const auto run = [&]<producers Producers>(std::integral_constant<producers, Producers>) {
    ring_scenario<Producers> scenario{seed / num_scenarios, wrong, capacities[seed % 3]};
    switch (seed / 6 % 4) {
      case 0:
        return scenario.polls();
      case 1:
        return scenario.sleeps();
      case 2:
        return scenario.leaves();
      default:
        return scenario.closes();
    }
  };
  return seed / 3 % 2 ? run(std::integral_constant<producers, producers::one>{})
                      : run(std::integral_constant<producers, producers::many>{});
}

}  // namespace kernd::test
