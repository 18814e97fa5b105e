#pragma once

#include <boost/intrusive/set.hpp>

#include <chrono>
#include <cstddef>
#include <optional>
#include <vector>

namespace kernd {

struct job_queue_limits {
  std::size_t total;
  std::size_t per_kernel;
  std::chrono::nanoseconds ageing;  ///< Waiting this long counts as one step of priority.
};

/// What makes something queueable: a job derives from it. A linked entry must not be destroyed.
class job_queue_entry : public boost::intrusive::set_base_hook<> {
 public:
  using clock = std::chrono::steady_clock;

  explicit job_queue_entry(std::size_t kernel) : kernel_{kernel} {}

  [[nodiscard]] std::size_t kernel() const noexcept { return kernel_; }
  /// What it was queued with.
  [[nodiscard]] int priority() const noexcept { return priority_; }

  /// Before it is queued: lets it run in one batch with others of its kernel, and wait for them
  /// until `held_until` when nothing else waits.
  void join_batches(clock::time_point held_until) noexcept {
    joins_batches_ = true;
    held_until_ = held_until;
  }
  [[nodiscard]] bool joins_batches() const noexcept { return joins_batches_; }
  [[nodiscard]] clock::time_point held_until() const noexcept { return held_until_; }

 private:
  friend class job_queue;

  std::size_t kernel_;  // index in the registry
  int priority_ = 0;
  bool joins_batches_ = false;
  clock::time_point held_until_ = clock::time_point::min();
  clock::time_point
      rank_{};  // when it came, less what its priority is worth; the smallest goes first
};

/// Jobs that wait, bounded per kernel and in all.
///
/// Of one kernel the highest priority goes first, those of one priority in order of arrival, and
/// waiting raises a job's priority steadily, so that none starves. Kernels take turns by the time
/// that their jobs took: the one that had least goes first, where a step of priority is worth
/// `ageing`, and a kernel that had nothing to do gets nothing for it. So jobs of a slow kernel
/// never keep those of a fast one waiting for longer than one of them runs. This is start-time fair
/// queueing (Goyal, Vin, Cheng 1996) with the time known afterwards.
///
/// A batch is one turn: those that join it are taken with the job whose turn it is, in the order of
/// their kernel, and what the batch took is charged to it as a whole.
///
/// Operations take logarithmic time; `pop` and `held` look at every kernel; nothing allocates. Owns
/// no jobs; not synchronised.
class job_queue {
 public:
  enum class admission { accepted, kernel_full, total_full };

  job_queue(std::size_t kernels, const job_queue_limits& limits);

  /// Queues `entry`, which came at `now`, unless a limit is reached. `priority`: higher goes first.
  admission push(job_queue_entry& entry, int priority, job_queue_entry::clock::time_point now);

  /// Takes the entry whose turn it is; null when there is none.
  job_queue_entry* pop() noexcept;

  /// Takes the next entry of `kernel` when it joins batches; null when it does not or there is
  /// none.
  job_queue_entry* pop_to_join(std::size_t kernel) noexcept;

  /// The jobs that wait for others to join them: all of one kernel, since nothing else waits.
  struct held_jobs {
    std::size_t kernel;
    std::size_t count;
    job_queue_entry::clock::time_point until;  ///< At the latest; it may be past.
  };
  /// Nothing when some job need not wait: it does not join, or is of another kernel.
  [[nodiscard]] std::optional<held_jobs> held() const noexcept;

  /// Takes `entry`, which is queued here, out of its turn.
  void remove(job_queue_entry& entry) noexcept;

  /// A job of `kernel` kept a worker busy for `time`.
  void charge(std::size_t kernel, std::chrono::nanoseconds time) noexcept {
    kernels_[kernel].had += time;
  }

  [[nodiscard]] std::size_t size() const noexcept { return size_; }
  [[nodiscard]] std::size_t size_of(std::size_t kernel) const noexcept {
    return kernels_[kernel].waiting.size();
  }
  [[nodiscard]] const job_queue_limits& limits() const noexcept { return limits_; }

  /// For what is pushed from now on; what waits keeps its place.
  void set_limits(const job_queue_limits& limits) noexcept { limits_ = limits; }

 private:
  struct before {
    bool operator()(const job_queue_entry& a, const job_queue_entry& b) const noexcept {
      return a.rank_ < b.rank_;
    }
  };

  struct line {
    boost::intrusive::multiset<job_queue_entry, boost::intrusive::compare<before>> waiting;
    std::chrono::nanoseconds had{};  // worker time, and what others had while it was idle
    job_queue_entry::clock::time_point held_until{};  // of all since it was empty the earliest
  };

  line* next_line() noexcept;
  std::chrono::nanoseconds least_had() const noexcept;

  job_queue_limits limits_;
  std::vector<line> kernels_;  // by index
  /// Where a kernel begins that had nothing to do: beside the one that had least, not beside one
  /// that its priority took ahead.
  std::chrono::nanoseconds had_{};
  std::size_t size_ = 0;
};

}  // namespace kernd
