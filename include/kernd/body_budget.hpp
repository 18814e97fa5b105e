#pragma once

#include <atomic>
#include <cstddef>
#include <utility>

namespace kernd {

/// Memory that may be taken at a time: by the text of all request bodies, from their first byte
/// until they are decoded, or by all actors. Safe from any thread; outlives its leases.
class body_budget {
 public:
  /// A share of the budget, given back when it ends. Move-only; who holds the body holds it.
  class lease {
   public:
    lease() = default;
    lease(lease&& other) noexcept
        : budget_{other.budget_}, bytes_{std::exchange(other.bytes_, 0)} {}
    lease& operator=(lease&& other) noexcept {
      if (this != &other) {
        release();
        budget_ = other.budget_;
        bytes_ = std::exchange(other.bytes_, 0);
      }
      return *this;
    }
    ~lease() { release(); }

    [[nodiscard]] std::size_t bytes() const noexcept { return bytes_; }
    void release() noexcept {
      if (bytes_ != 0) budget_->used_.fetch_sub(bytes_, std::memory_order_relaxed);
      bytes_ = 0;
    }

   private:
    friend class body_budget;
    body_budget* budget_ = nullptr;
    std::size_t bytes_ = 0;
  };

  explicit body_budget(std::size_t limit_bytes) : limit_{limit_bytes} {}
  body_budget(const body_budget&) = delete;
  body_budget& operator=(const body_budget&) = delete;

  /// Raises `held`, which is empty or a lease of this budget, to `bytes` in all. False, and
  /// unchanged, when the budget has no room for that.
  [[nodiscard]] bool raise(lease& held, std::size_t bytes) noexcept;

  /// Leases that exist keep what they have.
  void set_limit(std::size_t bytes) noexcept { limit_.store(bytes, std::memory_order_relaxed); }
  [[nodiscard]] std::size_t limit() const noexcept {
    return limit_.load(std::memory_order_relaxed);
  }
  [[nodiscard]] std::size_t used() const noexcept { return used_.load(std::memory_order_relaxed); }

 private:
  // A count alone, which orders no other memory: relaxed everywhere.
  std::atomic<std::size_t> used_{0};
  std::atomic<std::size_t> limit_;
};

}  // namespace kernd
