#pragma once

#include <array>
#include <chrono>
#include <cstddef>
#include <optional>

namespace kernd {

/// How often and how soon a failed actor starts anew: `most` times in any `width`, each time after
/// twice the pause of the one before, as long as that is still in the window.
class restart_window {
 public:
  using time_point = std::chrono::steady_clock::time_point;
  static constexpr std::size_t most = 3;
  static constexpr std::chrono::seconds width{60};
  static constexpr std::chrono::milliseconds first_pause{10};

  /// When it may start after a failure at `now`; nothing when the budget is used up. Times do not
  /// go down.
  std::optional<time_point> after_failure(time_point now) noexcept {
    std::size_t kept = 0;
    for (std::size_t i = 0; i < count_; ++i) {
      if (now - failures_[i] < width) failures_[kept++] = failures_[i];
    }
    count_ = kept;
    if (count_ == most) return std::nullopt;
    const auto pause = first_pause * (1 << count_);
    failures_[count_++] = now;
    return now + pause;
  }

 private:
  std::array<time_point, most> failures_{};
  std::size_t count_ = 0;
};

}  // namespace kernd
