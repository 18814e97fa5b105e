#include "src/ring/call_table.hpp"

#include <algorithm>
#include <bit>
#include <cassert>
#include <new>

namespace kernd {
namespace {

constexpr std::size_t probes = 8;

constexpr std::uint64_t state_of(std::uint64_t word) {
  return word & 3;
}
constexpr std::uint64_t generation_of(std::uint64_t word) {
  return word >> 2 & 0x3FFF'FFFF;
}
constexpr actor_number target_of(std::uint64_t word) {
  return static_cast<actor_number>(word >> 32);
}
constexpr std::uint64_t make_word(std::uint64_t target, std::uint64_t generation,
                                  std::uint64_t state) {
  return target << 32 | generation << 2 | state;
}

}  // namespace

call_table::call_table(std::size_t capacity) : capacity_{capacity} {
  assert(capacity > 0 && capacity <= max_capacity);
  grow(0);
}

// Places are taken in turn, not from a list of free ones: then to give one back is one store, and
// a caller and an actor share no line but that of the call.
std::uint64_t call_table::claim(actor_number target, call_receiver receiver,
                                const call_start& start) noexcept {
  for (;;) {
    // acquire: pairs with the growth
    const auto limit = limit_.load(std::memory_order_acquire);
    if (const auto claimed = probe(std::min(probes, limit), limit, target, receiver, start)) {
      return claimed;
    }
    if (limit == capacity_) return probe(limit, limit, target, receiver, start);
    if (!grow(limit)) return 0;
  }
}

std::uint64_t call_table::probe(std::size_t count, std::size_t limit, actor_number target,
                                const call_receiver& r, const call_start& start) noexcept {
  auto next = cursor_.fetch_add(1, std::memory_order_relaxed);
  // Whoever ended the last call of a place has its line; by the time it is claimed it will be here.
  __builtin_prefetch(&at((next + probes) % static_cast<std::uint32_t>(limit)), 1);
  for (std::size_t i = 0; i < count; ++i, ++next) {
    const auto claimed = try_claim(next % static_cast<std::uint32_t>(limit), target, r, start);
    if (claimed != 0) {
      // Those behind are free; who comes next need not look at the taken ones again.
      if (i > 0) cursor_.fetch_add(static_cast<std::uint32_t>(i), std::memory_order_relaxed);
      return claimed;
    }
  }
  return 0;
}

std::uint64_t call_table::try_claim(std::size_t index, actor_number target, const call_receiver& r,
                                    const call_start& start) noexcept {
  place& p = at(index);
  auto word = p.word.load(std::memory_order_relaxed);
  if (state_of(word) != free) return 0;
  const auto generation = std::max<std::uint64_t>(generation_of(word + 4), 1);
  // acquire: after whoever read the receiver of the call before
  if (!p.word.compare_exchange_strong(word, make_word(0, generation, filling),
                                      std::memory_order_acquire, std::memory_order_relaxed)) {
    return 0;
  }
  p.receiver = r;
  p.start = start;
  // release: whoever ends the call sees both
  p.word.store(make_word(target, generation, waiting_state), std::memory_order_release);
  return generation << index_bits | index;
}

bool call_table::grow(std::size_t limit) noexcept {
  std::lock_guard lock{growth_};
  if (limit_.load(std::memory_order_relaxed) != limit) return true;
  const auto segment =
      limit == 0 ? 0u : static_cast<unsigned>(std::bit_width(limit / first_segment));
  const auto wanted = limit == 0 ? first_segment : 2 * limit;
  const auto size = std::min(wanted, capacity_) - limit;
  segments_[segment].reset(new (std::nothrow) place[size]);
  if (!segments_[segment]) return false;
  limit_.store(limit + size, std::memory_order_release);
  return true;
}

call_table::place& call_table::at(std::size_t index) const noexcept {
  if (index < first_segment) return segments_[0][index];
  const auto segment = static_cast<unsigned>(std::bit_width(index / first_segment));
  return segments_[segment][index - (first_segment << (segment - 1))];
}

std::uint64_t call_table::leave(place& p, std::uint64_t correlation, state to) noexcept {
  const auto generation = correlation >> index_bits;
  // acquire: the receiver and the start, written before
  auto word = p.word.load(std::memory_order_acquire);
  while (state_of(word) == waiting_state && generation_of(word) == generation) {
    // release, when that frees it: as `tell`
    if (p.word.compare_exchange_weak(word, make_word(0, generation, to), std::memory_order_acq_rel,
                                     std::memory_order_acquire)) {
      return word;
    }
  }
  return 0;
}

bool call_table::withdraw(std::uint64_t correlation) noexcept {
  return leave(at(correlation & (max_capacity - 1)), correlation, free) != 0;
}

bool call_table::cancel(std::uint64_t correlation) noexcept {
  place& p = at(correlation & (max_capacity - 1));
  const auto word = leave(p, correlation, ending);
  if (word == 0) return false;
  count(p, word, std::chrono::steady_clock::now());
  release(p);
  return true;
}

bool call_table::end(std::uint64_t correlation, const call_end& how, time_point now) noexcept {
  place& p = at(correlation & (max_capacity - 1));
  const auto word = leave(p, correlation, ending);
  if (word == 0) return false;
  count(p, word, now);
  tell(p, how);
  return true;
}

void call_table::count(const place& p, std::uint64_t word, time_point now) noexcept {
  p.start.latency->observe(target_of(word), now - p.start.at);
}

void call_table::release(place& p) noexcept {
  const auto generation = generation_of(p.word.load(std::memory_order_relaxed));
  // release: what the place holds has been read
  p.word.store(make_word(0, generation, free), std::memory_order_release);
}

void call_table::tell(place& p, const call_end& how) noexcept {
  const call_receiver receiver = p.receiver;
  release(p);  // before the receiver knows, so that who has been told can call again
  receiver.end(receiver.context, how);
}

bool call_table::waits(std::uint64_t correlation) const noexcept {
  const auto word = at(correlation & (max_capacity - 1)).word.load(std::memory_order_relaxed);
  return state_of(word) == waiting_state && generation_of(word) == correlation >> index_bits;
}

bool call_table::retarget(std::uint64_t correlation, actor_number target) noexcept {
  place& p = at(correlation & (max_capacity - 1));
  const auto generation = correlation >> index_bits;
  auto word = p.word.load(std::memory_order_relaxed);
  while (state_of(word) == waiting_state && generation_of(word) == generation) {
    // release: hands the receiver on
    if (p.word.compare_exchange_weak(word, make_word(target, generation, waiting_state),
                                     std::memory_order_acq_rel, std::memory_order_relaxed)) {
      return true;
    }
  }
  return false;
}

void call_table::end_all(actor_number target, const error& why) noexcept {
  const auto now = std::chrono::steady_clock::now();
  const auto limit = limit_.load(std::memory_order_acquire);
  for (std::size_t index = 0; index < limit; ++index) {
    place& p = at(index);
    auto word = p.word.load(std::memory_order_acquire);
    while (state_of(word) == waiting_state && target_of(word) == target) {
      if (p.word.compare_exchange_weak(word, make_word(0, generation_of(word), ending),
                                       std::memory_order_acq_rel, std::memory_order_acquire)) {
        count(p, word, now);
        tell(p, {.header = nullptr, .payload = {}, .why = &why});
        break;
      }
    }
  }
}

std::size_t call_table::waiting() const noexcept {
  const auto limit = limit_.load(std::memory_order_acquire);
  std::size_t count = 0;
  for (std::size_t index = 0; index < limit; ++index) {
    count += state_of(at(index).word.load(std::memory_order_relaxed)) == waiting_state;
  }
  return count;
}

}  // namespace kernd
