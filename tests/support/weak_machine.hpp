#pragma once

#include "kernd/ring/shared_memory.hpp"

#include <array>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <random>
#include <semaphore>
#include <set>
#include <source_location>
#include <string>
#include <vector>

namespace kernd::test {

/// An access in the source, and the order it asks for.
struct ordered_access {
  std::string where;  ///< file:line:column
  std::memory_order order;

  auto operator<=>(const ordered_access&) const = default;
};

/// What a machine does wrong on purpose, to show that a check would notice.
struct mutation {
  std::optional<ordered_access> weakened = std::nullopt;  ///< Runs with the order below instead.
  std::memory_order to = std::memory_order_relaxed;
  bool sleeps_blindly = false;  ///< A wait does not compare the word before it sleeps.
};

/// Runs a few threads, one access to shared memory at a time, in an order that a seed decides, on a
/// memory weaker than any processor's: a load may find any value that the orders of C++20 allow it
/// to find, not only the newest. After Kang, Hur, Lahav, Vafeiadis and Dreyer, "A promising
/// semantics for relaxed-memory concurrency" (POPL 2017), without promises: each location keeps all
/// its values, each thread knows how old a value it may still see, and a release hands that
/// knowledge to who acquires it. A read that overtakes a later write of its thread is not explored
/// by value, but shows as a race: plain data must be handed over in both directions.
class weak_machine {
 public:
  explicit weak_machine(std::uint64_t seed, mutation wrong = {});

  /// Runs `bodies`, four at most, to their ends. Returns what was wrong, empty when nothing was: a
  /// race, all threads asleep, too many steps, or what a body reported. After a failure waits time
  /// out, so bodies that take an ended wait as their own end come to it.
  std::string run(const std::vector<std::function<void()>>& bodies);

  /// The machine that runs the calling thread, or null.
  static weak_machine* current() noexcept;

  /// For bodies: data that must not be touched by two threads without an order between them.
  void write_plain(std::uint64_t& word, std::uint64_t value);
  std::uint64_t read_plain(const std::uint64_t& word);
  void report(const std::string& failure);
  bool has_failed() const noexcept { return !failure_.empty(); }

  // for modelled_memory
  std::uint64_t load(const void* word, std::uint64_t initial, ordered_access a);
  void store(const void* word, std::uint64_t initial, std::uint64_t value, ordered_access a);
  /// What it found; `change` makes the new value of it, or leaves it alone.
  std::uint64_t update(const void* word, std::uint64_t initial, ordered_access a,
                       const std::function<std::optional<std::uint64_t>(std::uint64_t)>& change);
  bool chance(unsigned one_in);
  void yield();
  bool wait(const void* word, std::uint64_t initial, std::uint64_t expected);
  void wake_all(const void* word);

  /// Accesses that asked for more than relaxed.
  const std::set<ordered_access>& ordered_accesses() const noexcept { return accesses_; }

 private:
  static constexpr std::size_t most_threads = 4;
  static constexpr std::size_t most_steps = 20'000;
  using clocks = std::array<std::uint64_t, most_threads>;

  struct knowledge {
    clocks clock{};  // of each thread's steps, which are known to be past
    std::map<const void*, std::size_t> oldest;  // value of a location that can still be seen

    void join(const knowledge& other);
  };
  struct written {
    std::uint64_t value;
    knowledge released;
  };
  struct plain_word {
    std::uint64_t value = 0;
    std::size_t writer = 0;
    std::uint64_t write_clock = 0;  // 0: never written
    clocks reads{};
  };
  struct thread_state {
    std::binary_semaphore turn{0};
    knowledge known;
    const void* asleep_on = nullptr;
    bool has_ended = false;
  };

  void step();
  void pass_turn(bool must_leave);
  std::vector<std::size_t> runnable() const;
  std::memory_order order_of(const ordered_access& a);
  std::vector<written>& history(const void* word, std::uint64_t initial);
  void append(const void* word, std::uint64_t value, std::memory_order order, knowledge inherited);
  void check_after(const plain_word& w, bool reads_too);
  knowledge& mine() noexcept { return threads_[running_]->known; }

  std::mt19937_64 random_;
  mutation wrong_;
  unsigned stays_;  // a thread is interrupted once in so many steps
  std::vector<std::unique_ptr<thread_state>> threads_;
  std::size_t running_ = 0;
  std::size_t steps_ = 0;
  std::map<const void*, std::vector<written>> atomics_;
  std::map<const void*, plain_word> plain_;
  std::set<ordered_access> accesses_;
  std::string failure_;
};

/// `shared_memory` for threads of a `weak_machine`; plain memory to others.
struct modelled_memory {
  using clock = shared_memory::clock;
  using here = std::source_location;

  static ordered_access at(here where, std::memory_order order);

  template <class T>
  static T load(const T& word, std::memory_order order, here where = here::current()) {
    auto* const machine = weak_machine::current();
    return machine ? static_cast<T>(machine->load(&word, word, at(where, order))) : word;
  }
  template <class T>
  static void store(T& word, T value, std::memory_order order, here where = here::current()) {
    if (auto* const machine = weak_machine::current()) {
      machine->store(&word, word, value, at(where, order));
    }
    word = value;
  }
  template <class T>
  static T fetch_add(T& word, T value, std::memory_order order, here where = here::current()) {
    return update(word, order, where, [value](T found) { return std::optional{T(found + value)}; });
  }
  template <class T>
  static T fetch_or(T& word, T value, std::memory_order order, here where = here::current()) {
    return update(word, order, where, [value](T found) { return std::optional{T(found | value)}; });
  }
  template <class T>
  static bool compare_exchange(T& word, T& expected, T value, std::memory_order order,
                               here where = here::current()) {
    auto* const machine = weak_machine::current();
    if (machine && machine->chance(4)) {
      const T old = load(word, std::memory_order_relaxed, where);
      if (old != expected) return expected = old, false;
    }
    const T found = update(word, order, where, [&](T f) {
      return f == expected ? std::optional{value} : std::nullopt;
    });
    if (found == expected) return true;
    expected = found;
    return false;
  }

  static void pause() {
    if (auto* const machine = weak_machine::current()) machine->yield();
  }
  static bool wait(std::uint32_t& word, std::uint32_t expected, clock::time_point) {
    return weak_machine::current()->wait(&word, word, expected);
  }
  static void wake_all(std::uint32_t& word) {
    if (auto* const machine = weak_machine::current()) machine->wake_all(&word);
  }
  static clock::time_point now() noexcept { return {}; }

 private:
  template <class T, class Change>
  static T update(T& word, std::memory_order order, here where, Change change) {
    const auto apply = [&](std::uint64_t found) -> std::optional<std::uint64_t> {
      const auto value = change(static_cast<T>(found));
      if (value) word = *value;
      return value;
    };
    if (auto* const machine = weak_machine::current()) {
      return static_cast<T>(machine->update(&word, word, at(where, order), apply));
    }
    const T found = word;
    apply(found);
    return found;
  }
};

}  // namespace kernd::test
