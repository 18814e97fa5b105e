#pragma once

#include "kernd/deadline_list.hpp"
#include "kernd/error.hpp"
#include "kernd/job.hpp"
#include "kernd/registry.hpp"
#include "kernd/text_buffer.hpp"
#include "src/job_end.hpp"
#include "src/job_queue.hpp"

#include <boost/asio/io_context.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/use_awaitable.hpp>

#include <algorithm>
#include <array>
#include <atomic>
#include <cassert>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <new>
#include <optional>
#include <string_view>
#include <utility>

namespace kernd {

/// Who decided how a job ends for its caller: the worker, the deadline or the cancellation.
enum class job_verdict : std::uint8_t { pending, completed, timed_out, cancelled };

/// One admitted execution, shared by the worker that runs it and the coroutine that awaits it:
/// whoever is later ends its life.
class executor_job final : public job_queue_entry {
 public:
  using clock = std::chrono::steady_clock;
  enum class place : std::uint8_t { queued, running, done };

  executor_job(const kernel_entry& wanted, job_request request, const execution_context& context,
               boost::asio::io_context& io)
      : job_queue_entry{wanted.index},
        entry{wanted},
        received{context.received},
        deadline_at{context.deadline},
        loop{io},
        undecoded{std::move(request)},
        allowed{context.deadline - context.received},
        metadata{context.metadata},
        request_id_size_{std::min(context.request_id.size(), request_id_.size())} {
    std::copy_n(context.request_id.begin(), request_id_size_, request_id_.begin());
  }

  /// A copy, because the job may outlive the request; inside, because it costs no allocation.
  [[nodiscard]] std::string_view request_id() const noexcept {
    return {request_id_.data(), request_id_size_};
  }

  /// Decides how the job ends for its caller. Only the first call wins, and the winner calls
  /// `resume_caller`; with `completed`, after it has written `end`.
  bool settle(job_verdict verdict) noexcept {
    auto expected = job_verdict::pending;
    // relaxed: it only picks the winner, whose writes reach the caller through `resume_caller`
    return verdict_.compare_exchange_strong(expected, verdict, std::memory_order_relaxed);
  }

  /// Whether the worker has decided how the job ends.
  [[nodiscard]] bool is_completed() const noexcept {
    // relaxed: nothing else follows from it
    return verdict_.load(std::memory_order_relaxed) == job_verdict::completed;
  }

  /// Posts the end of `await` to the caller's loop. Allocates nothing.
  static void resume_caller(std::shared_ptr<executor_job> job);

  /// What the caller gets, once it was resumed.
  result<job_output> take_result();

  /// Moves the caller's deadline to `at`, from any thread.
  static void move_deadline(std::shared_ptr<executor_job> job, clock::time_point at);

  /// Hands the ids of `found` to the caller, from any thread, unless that has ended.
  static void tell(std::shared_ptr<executor_job> job, job_metadata found);

  /// Suspends the caller, which runs on `loop`'s thread, until `resume_caller`.
  auto await() {
    return boost::asio::async_initiate<const boost::asio::use_awaitable_t<>&, void()>(
        store_handler{*this}, boost::asio::use_awaitable);
  }

  const kernel_entry& entry;
  const clock::time_point received;
  const clock::time_point deadline_at;  // as admitted
  boost::asio::io_context& loop;
  clock::time_point admitted{};
  std::atomic<bool> stop{false};  // the kernel polls it

  // the worker's once it runs, else the caller's
  job_request undecoded;

  // written by the worker that settles, then the caller's
  job_end end;

  // guarded by the executor's mutex
  place where = place::queued;
  bool abandoned = false;
  std::shared_ptr<executor_job> self;  // while queued

  // confined to the loop's thread
  clock::duration allowed;      // from the first byte to the deadline
  deadline* waiting = nullptr;  // the caller's, while it awaits

  job_metadata* const metadata;  // the caller's, may be null; what it points to likewise

 private:
  using handler = boost::asio::async_result<boost::asio::use_awaitable_t<>, void()>::handler_type;

  struct store_handler {
    executor_job& job;
    void operator()(handler h) const { job.handler_.emplace(std::move(h)); }
  };

  /// Hands out the job's own memory, which its one posted completion needs.
  template <class T>
  struct post_memory {
    using value_type = T;
    executor_job* job;

    explicit post_memory(executor_job* owner) noexcept : job{owner} {}
    template <class U>
    post_memory(const post_memory<U>& other) noexcept : job{other.job} {}

    T* allocate([[maybe_unused]] std::size_t count) noexcept {
      static_assert(sizeof(T) <= sizeof(job->post_memory_) &&
                    alignof(T) <= alignof(std::max_align_t));
      assert(count == 1);
      return reinterpret_cast<T*>(job->post_memory_);
    }
    void deallocate(T*, std::size_t) noexcept {}
    template <class U>
    bool operator==(const post_memory<U>& other) const noexcept {
      return job == other.job;
    }
  };

  class completion;

  std::array<char, 128> request_id_;
  const std::size_t request_id_size_;
  std::atomic<job_verdict> verdict_{job_verdict::pending};
  std::optional<handler> handler_;  // confined to the loop's thread
  alignas(std::max_align_t) std::byte post_memory_[128];
};

/// Runs on the caller's loop, and so after the caller has suspended, however fast the worker was.
class executor_job::completion {
 public:
  using allocator_type = post_memory<std::byte>;

  explicit completion(std::shared_ptr<executor_job> job) : job_{std::move(job)} {}
  completion(completion&&) = default;
  completion& operator=(completion&&) = delete;
  /// Not called: the loop is destroyed. The handler owns the caller's frame, and that a reference
  /// to the job, so it must not stay.
  ~completion() {
    if (job_) static_cast<void>(take_handler());
  }

  void operator()() {
    auto resume = take_handler();
    job_.reset();
    if (resume) std::move (*resume)();
  }

  [[nodiscard]] allocator_type get_allocator() const noexcept { return allocator_type{job_.get()}; }

 private:
  std::optional<handler> take_handler() { return std::exchange(job_->handler_, std::nullopt); }

  std::shared_ptr<executor_job> job_;
};

inline result<job_output> executor_job::take_result() {
  // relaxed: `resume_caller` has ordered it
  switch (verdict_.load(std::memory_order_relaxed)) {
    case job_verdict::timed_out:
      return timeout_error(allowed);
    case job_verdict::cancelled:
      return cancelled_error();
    case job_verdict::pending:
    case job_verdict::completed:
      break;
  }
  return to_result(std::move(end));
}

inline void executor_job::resume_caller(std::shared_ptr<executor_job> job) {
  auto& loop = job->loop;
  boost::asio::post(loop, completion{std::move(job)});
}

inline void executor_job::move_deadline(std::shared_ptr<executor_job> job, clock::time_point at) {
  auto& loop = job->loop;
  boost::asio::post(loop, [job = std::move(job), at] {
    if (job->waiting == nullptr) return;
    job->allowed = at - job->received;
    deadline_list::of(job->loop).arm(*job->waiting, at);
  });
}

inline void executor_job::tell(std::shared_ptr<executor_job> job, job_metadata found) {
  if (!found.trace_id && !found.span_id && !found.tenant_id) return;
  auto& loop = job->loop;
  boost::asio::post(loop, [job = std::move(job), found = std::move(found)]() mutable {
    if (job->waiting != nullptr) *job->metadata = std::move(found);
  });
}

}  // namespace kernd
