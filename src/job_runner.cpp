#include "src/job_runner.hpp"

#include "kernd/executor.hpp"

#include <exception>
#include <new>
#include <string>
#include <utility>

namespace kernd {

namespace {

using clock = std::chrono::steady_clock;

/// Writes the time from construction to destruction, also when an exception passes.
class stage_timer {
 public:
  explicit stage_timer(std::optional<std::chrono::nanoseconds>& into) : into_{into} {}
  stage_timer(const stage_timer&) = delete;
  stage_timer& operator=(const stage_timer&) = delete;
  ~stage_timer() { into_ = clock::now() - start_; }

  clock::time_point start() const noexcept { return start_; }

 private:
  std::optional<std::chrono::nanoseconds>& into_;
  clock::time_point start_ = clock::now();
};

std::chrono::nanoseconds from_us(double us) {
  return std::chrono::round<std::chrono::nanoseconds>(
      std::chrono::duration<double, std::micro>(us));
}

device_use use_of(const gpu::device_run& run) {
  const gpu::job_report& did = run.report;
  return device_use{run.ordinal, did.device_bytes, from_us(did.h2d_us), from_us(did.compute_us),
                    from_us(did.d2h_us)};
}

error kernel_failure(const kernel_entry& entry, const char* what) {
  return {.code = errc::execution_failed,
          .message = "kernel " + std::string{entry.kernel.info.id} + " failed",
          .internal = what};
}

}  // namespace

error job_runner::error_of_current_exception(const kernel_entry& entry) noexcept {
  try {
    try {
      throw;
    } catch (const memory_limit_error& e) {
      free_memory();  // the message needs some
      return {errc::memory_limit_exceeded, "the job needs more memory than it may have: limit " +
                                               std::to_string(e.limit_bytes()) + " bytes"};
    } catch (const std::bad_alloc&) {
      throw;
    } catch (const std::exception& e) {
      return kernel_failure(entry, e.what());
    } catch (...) {
      return kernel_failure(entry, "threw what is no std::exception");
    }
  } catch (...) {
    free_memory();
    memory_.release_kept();
    return {errc::memory_exhausted, "out of memory"};  // short enough to need none
  }
}

result<void> job_runner::decode(json_reader& reader, const kernel_entry& entry,
                                const text_buffer& body, const job_limits& limits, int priority,
                                const std::atomic<bool>& stop) {
  const stage_timer timer{times_.decode};
  priority_ = priority;
  stop_ = &stop;
  memory_.reset(limits.memory_bytes);
  reader.set_max_depth(limits.max_json_depth);
  auto decoded = decode_execute_body(reader, body, entry.input, memory_, limits.max_timeout);
  if (!decoded) return std::move(decoded).error();
  body_ = *std::move(decoded);
  auto valid = entry.kernel.validate(body_.input);
  if (!valid) return within("input", std::move(valid).error());
  return {};
}

std::size_t job_runner::compute(const kernel_entry& entry,
                                std::span<job_runner* const> jobs) noexcept {
  if (!jobs.empty() && jobs.front()->devices_ != nullptr) run_on_devices(entry, jobs);
  std::size_t ran = 0;
  for (job_runner* const job : jobs) {
    if (!job->is_computed_ && !job->failure_) {
      job->failure_ = job->guarded(entry, [&] { return job->run_on_cpu(entry); });
    }
    if (job->times_.compute) ++ran;
  }
  return ran;
}

/// Those of `jobs` whose place is a device, as few launches as it allows. Leaves to the CPU what
/// may run there after a device's failure.
void job_runner::run_on_devices(const kernel_entry& entry,
                                std::span<job_runner* const> jobs) noexcept {
  auto& devices = *jobs.front()->devices_;
  const std::size_t most = devices.max_batch(entry);
  if (most == 0) return;
  const auto is_stopped = [](const job_runner* job) {
    return job->stop_->load(std::memory_order_relaxed);
  };
  while (!jobs.empty()) {
    const auto ends = std::ranges::find_if(jobs, is_stopped);
    const auto waited_for = static_cast<std::size_t>(ends - jobs.begin());
    const auto together = jobs.first(std::min(most, waited_for));
    jobs = jobs.subspan(std::max<std::size_t>(together.size(), 1));
    if (together.empty() || run_together(entry, together) || together.size() == 1) continue;
    // The kernel has refused one of them, or memory was short.
    for (std::size_t i = 0; i < together.size(); ++i) run_together(entry, together.subspan(i, 1));
  }
}

/// One launch. False when it has failed and its jobs may be tried one by one; with a single job
/// that is then settled.
bool job_runner::run_together(const kernel_entry& entry,
                              std::span<job_runner* const> jobs) noexcept {
  job_runner& last = *jobs.back();  // the last to be reset: its arena holds all outputs
  if (last.failure_) return true;
  bool may_go_alone = false;
  last.failure_ = last.guarded(entry, [&]() -> result<void> {
    const auto before = last.memory_.mark();
    const auto in = last.memory_.allocate<const void*>(jobs.size());
    const auto out = last.memory_.allocate<void*>(jobs.size());
    const auto stops = last.memory_.allocate<const std::atomic<bool>*>(jobs.size());
    for (std::size_t i = 0; i < jobs.size(); ++i) {
      in[i] = jobs[i]->body_.input;
      stops[i] = jobs[i]->stop_;
    }
    const std::span<const void* const> inputs{in.data, jobs.size()};
    if (!last.devices_->takes(entry, inputs)) {
      last.memory_.rewind(before);
      return {};
    }
    int priority = 0;
    for (std::size_t i = 0; i < jobs.size(); ++i) {
      jobs[i]->computed_ = out[i] = last.memory_.allocate_bytes(entry.kernel.output->size_bytes);
      entry.kernel.output->construct(out[i]);
      priority = std::max(priority, jobs[i]->priority_);
    }
    const auto start = clock::now();
    const auto ran = last.devices_->run(entry, inputs, {out.data, jobs.size()}, last.memory_,
                                        priority, {stops.data, jobs.size()});
    const auto end = clock::now();
    if (ran) {
      for (job_runner* const job : jobs) job->computed_on(*ran, end);
      return {};
    }
    last.memory_.rewind(before);  // for the next try
    const errc why = ran.error().code;
    if (why == errc::cancelled) return {};  // the next step sees it, too
    may_go_alone = jobs.size() > 1 && why != errc::device_error;
    if (may_go_alone || last.devices_->falls_back(entry, why, jobs.size())) return {};
    for (job_runner* const job : jobs) {
      job->times_.compute_start = start;
      job->times_.compute = end - start;
    }
    for (job_runner* const job : jobs.first(jobs.size() - 1)) job->failure_ = ran.error();
    return ran.error();
  });
  return !may_go_alone;
}

void job_runner::computed_on(const gpu::device_run& run, clock::time_point end) noexcept {
  device_ = use_of(run);
  times_.compute_start = run.began;
  times_.compute = end - run.began;
  is_computed_ = true;
}

result<void> job_runner::run_on_cpu(const kernel_entry& entry) {
  if (stop_->load(std::memory_order_relaxed)) return cancelled_error();  // nobody reads it
  computed_ = memory_.allocate_bytes(entry.kernel.output->size_bytes);
  entry.kernel.output->construct(computed_);
  const stage_timer timer{times_.compute};
  times_.compute_start = timer.start();
  cpu_context context{memory_, *stop_};
  return entry.kernel.run_on_cpu(body_.input, computed_, context);
}

job_end job_runner::encode(const kernel_entry& entry) noexcept {
  if (failure_) return *std::move(failure_);
  job_output output;
  auto failure = guarded(entry, [&] { return write_output(entry, output); });
  if (failure) return *std::move(failure);
  return output;
}

result<void> job_runner::write_output(const kernel_entry& entry, job_output& output) {
  {
    const stage_timer timer{times_.encode};
    auto written = entry.output.encode(computed_, output.output, memory_);
    if (!written) return within("output", std::move(written).error());
  }
  output.params_used = std::move(body_.params_used);
  output.metadata = std::move(body_.metadata);
  output.decode = *times_.decode;
  output.compute = *times_.compute;
  output.encode = *times_.encode;
  output.device = device_;
  return {};
}

void job_runner::free_memory() noexcept {
  memory_.reset(memory_.limit_bytes());
  body_ = {};
  computed_ = nullptr;
}

void job_runner::reset() noexcept {
  free_memory();
  stop_ = nullptr;
  failure_.reset();
  device_.reset();
  is_computed_ = false;
  times_ = {};
}

result<job_output> run_now(const kernel_entry& entry, const job_request& request,
                           const executor_config& options, const limits_config& limits,
                           const std::atomic<bool>& stop, gpu::cuda_backend* devices) {
  const job_limits allowed{options, limits};
  json_reader reader{allowed.max_json_depth};
  job_runner runner{allowed, devices};
  auto failure = runner.guarded(entry, [&] {
    return runner.decode(reader, entry, request.body, allowed, execution_context{}.priority, stop);
  });
  if (failure) return *std::move(failure);
  job_runner* const alone = &runner;
  job_runner::compute(entry, {&alone, 1});
  return to_result(runner.encode(entry));
}

}  // namespace kernd
