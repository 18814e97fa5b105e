#pragma once

#include "kernd/gpu/discovery.hpp"
#include "kernd/gpu/layout_hash.hpp"
#include "kernd/gpu/module.hpp"
#include "kernels/core/axpy.hpp"

#include <algorithm>
#include <atomic>
#include <condition_variable>
#include <cstddef>
#include <map>
#include <mutex>
#include <set>
#include <string>
#include <vector>

namespace kernd::gpu {

/// What the real module has behind this name is streams.
class context {
 public:
  int device;
};

}  // namespace kernd::gpu

namespace kernd::gpu::test {

/// Devices that exist only here, and a module that runs core/axpy on them: everything the daemon
/// decides about devices can be tried against it, and every call of it can be made to fail. One at
/// a time: what a module exports are functions without owner.
class fake_cuda {
 public:
  fake_cuda() { instance() = this; }
  ~fake_cuda() { instance() = nullptr; }
  fake_cuda(const fake_cuda&) = delete;
  fake_cuda& operator=(const fake_cuda&) = delete;

  /// As `find_cuda` reports it, with so many devices.
  cuda_report report(std::size_t devices = 1) {
    cuda_report found{.state = cuda_state::module_loaded, .found = "fake", .module = &info_};
    found.driver.version = 13000;
    for (int ordinal = 0; ordinal < static_cast<int>(devices); ++ordinal) {
      found.driver.devices.push_back({.name = "fake", .ordinal = ordinal, .memory_bytes = 1 << 30});
    }
    return found;
  }
  const module_info& module() const noexcept { return info_; }

  /// Before it is started.
  void set_max_batch(std::size_t count) { twin_.max_batch = count; }
  /// The next so many calls of `start`, `open`, `lock`, `memory`, `probe` or `reset` fail.
  void fail(const std::string& call, int times = 1) {
    const std::lock_guard lock{mutex_};
    failures_[call] = times;
  }
  /// The next runs end so.
  void end_runs(std::vector<run_status> how) {
    const std::lock_guard lock{mutex_};
    endings_ = std::move(how);
  }
  /// From now on runs wait inside the device until `release`.
  void hold() { set_held(true); }
  void release() { set_held(false); }
  /// From now on that call, as `fail` names it, waits until `let_go`.
  void hang_in(const std::string& call) {
    const std::lock_guard lock{mutex_};
    hangs_in_ = call;
  }
  void let_go() {
    hang_in({});
    changed_.notify_all();
  }
  void await_running(std::size_t count) {
    std::unique_lock lock{mutex_};
    changed_.wait(lock, [&] { return running_ >= count; });
  }
  /// Waits until that call was made so often.
  void await_calls(const std::string& call, int count) {
    std::unique_lock lock{mutex_};
    changed_.wait(lock, [&] { return calls_[call] >= count; });
  }
  int calls(const std::string& call) {
    const std::lock_guard lock{mutex_};
    return calls_[call];
  }
  std::size_t open_contexts() {
    const std::lock_guard lock{mutex_};
    return contexts_.size();
  }
  /// The device by which memory is locked; -1: none is.
  int locked_by() {
    const std::lock_guard lock{mutex_};
    return locked_by_;
  }

  std::size_t device_bytes_of_run = 1000;  ///< What a run asks `reserve` for.
  int last_priority = -1;
  std::size_t last_count = 0;

 private:
  static fake_cuda*& instance() {
    static fake_cuda* one = nullptr;
    return one;
  }

  void set_held(bool held) {
    {
      const std::lock_guard lock{mutex_};
      is_held_ = held;
    }
    changed_.notify_all();
  }

  /// Counts the call; false when it is to fail.
  bool note(const std::string& call, error* why) {
    std::unique_lock lock{mutex_};
    ++calls_[call];
    changed_.notify_all();
    changed_.wait(lock, [&] { return hangs_in_ != call; });
    auto& left = failures_[call];
    if (left == 0) return true;
    --left;
    if (why != nullptr) *why = {errc::device_error, call + " failed", std::nullopt, "fake"};
    return false;
  }

  static bool start(int, std::size_t, error* why) noexcept {
    return instance()->note("start", why);
  }
  static context* open(int device, error* why) noexcept {
    auto& me = *instance();
    if (!me.note("open", why)) return nullptr;
    const std::lock_guard lock{me.mutex_};
    return *me.contexts_.insert(new context{device}).first;
  }
  static void close(context* opened) noexcept {
    auto& me = *instance();
    const std::lock_guard lock{me.mutex_};
    me.contexts_.erase(opened);
    delete opened;
  }
  static bool lock(int device, void*, std::size_t bytes, error* why) noexcept {
    auto& me = *instance();
    if (!me.note("lock", why)) return false;
    const std::lock_guard guard{me.mutex_};
    if (me.locked_by_ < 0) me.locked_by_ = device;  // who has it locked already keeps it so
    return bytes > 0;
  }
  static void unlock(int device, void*) noexcept {
    auto& me = *instance();
    const std::lock_guard guard{me.mutex_};
    ++me.calls_["unlock"];
    if (me.locked_by_ == device) me.locked_by_ = -1;
  }
  static bool memory(int, device_memory* into, error* why) noexcept {
    if (!instance()->note("memory", why)) return false;
    *into = {.total = 1000, .free = 600, .used = 100, .reserved = 400, .peak = 200};
    return true;
  }
  static bool probe(int, error* why) noexcept { return instance()->note("probe", why); }
  static bool reset(int device, error* why) noexcept {
    auto& me = *instance();
    {
      const std::lock_guard guard{me.mutex_};
      if (me.locked_by_ == device) me.locked_by_ = -1;
    }
    return me.note("reset", why);
  }

  static run_status run(const void* const* in, void* const* out, std::size_t count, context*,
                        const job_terms* terms, job_report* report, error* why) noexcept {
    auto& me = *instance();
    auto how = run_status::done;
    {
      std::unique_lock lock{me.mutex_};
      ++me.running_;
      me.last_priority = terms->priority;
      me.last_count = count;
      me.changed_.notify_all();
      me.changed_.wait(lock, [&] { return !me.is_held_; });
      --me.running_;
      if (!me.endings_.empty()) {
        how = me.endings_.front();
        me.endings_.erase(me.endings_.begin());
      }
    }
    if (how == run_status::done && !terms->reserve(terms->owner, me.device_bytes_of_run)) {
      how = run_status::out_of_memory;
    }
    // A device may fail late, too: then the outputs' memory has been taken.
    if (how == run_status::done || how == run_status::device_failed) {
      for (std::size_t i = 0; i < count; ++i) {
        if (!run_one(in[i], out[i], *terms, *why)) return run_status::failed;
      }
    }
    if (how != run_status::done) {
      *why = {how == run_status::failed          ? errc::execution_failed
              : how == run_status::out_of_memory ? errc::memory_exhausted
                                                 : errc::device_error,
              "the fake said so"};
      if (how != run_status::failed) report->cuda_error = error_of(how);
      return how;
    }
    *report = {.h2d_us = 10,
               .compute_us = 20,
               .d2h_us = 30,
               .h2d_bytes = 100,
               .d2h_bytes = 200,
               .device_bytes = me.device_bytes_of_run,
               .cuda_error = nullptr};
    return how;
  }

  static const char* error_of(run_status how) noexcept {
    return how == run_status::out_of_memory ? "cudaErrorMemoryAllocation"
                                            : "cudaErrorIllegalAddress";
  }

  static bool run_one(const void* in, void* out, const job_terms& terms, error& why) noexcept {
    using kernels::axpy;
    const auto& from = *static_cast<const axpy::input*>(in);
    void* const place = terms.allocate(terms.owner, from.x.size * sizeof(float));
    if (place == nullptr) {
      why = {errc::memory_limit_exceeded, "no host memory"};
      return false;
    }
    auto& result = static_cast<axpy::output*>(out)->result;
    result = {static_cast<float*>(place), from.x.size};
    for (std::size_t i = 0; i < from.x.size; ++i) {
      result[i] = axpy::element(from.alpha, from.x[i], from.y[i]);
    }
    return true;
  }

  module_kernel twin_{
      "core/axpy", layout_hash(describe<kernels::axpy::input>(), describe<kernels::axpy::output>()),
      8, run};
  module_info info_{"fake", 13000, &twin_, 1,      start, open,
                    close,  lock,  unlock, memory, probe, reset};

  std::mutex mutex_;
  std::condition_variable changed_;
  std::map<std::string, int> calls_;
  std::map<std::string, int> failures_;
  std::vector<run_status> endings_;
  std::set<context*> contexts_;
  int locked_by_ = -1;
  std::size_t running_ = 0;
  bool is_held_ = false;
  std::string hangs_in_;
};

}  // namespace kernd::gpu::test
