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
                                const text_buffer& body, const job_limits& limits,
                                const std::atomic<bool>& stop) {
  const stage_timer timer{times_.decode};
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
  std::size_t ran = 0;
  for (job_runner* const job : jobs) {
    job->failure_ = job->guarded(entry, [&] { return job->run_kernel(entry); });
    if (job->times_.compute) ++ran;
  }
  return ran;
}

result<void> job_runner::run_kernel(const kernel_entry& entry) {
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
  times_ = {};
}

result<job_output> run_now(const kernel_entry& entry, const job_request& request,
                           const executor_config& options, const limits_config& limits,
                           const std::atomic<bool>& stop) {
  const job_limits allowed{options, limits};
  json_reader reader{allowed.max_json_depth};
  job_runner runner{allowed};
  auto failure = runner.guarded(
      entry, [&] { return runner.decode(reader, entry, request.body, allowed, stop); });
  if (failure) return *std::move(failure);
  job_runner* const alone = &runner;
  job_runner::compute(entry, {&alone, 1});
  return to_result(runner.encode(entry));
}

}  // namespace kernd
