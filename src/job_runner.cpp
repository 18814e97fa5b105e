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

result<void> job_runner::decode(const kernel_entry& entry, const text_buffer& body,
                                const job_limits& limits) {
  const stage_timer timer{times_.decode};
  memory_.reset(limits.memory_bytes);
  reader_.set_max_depth(limits.max_json_depth);
  auto decoded = decode_execute_body(reader_, body, entry.input, memory_, limits.max_timeout);
  if (!decoded) return std::move(decoded).error();
  body_ = *std::move(decoded);
  auto valid = entry.kernel.validate(body_.input);
  if (!valid) return within("input", std::move(valid).error());
  return {};
}

result<job_output> job_runner::compute(const kernel_entry& entry, const std::atomic<bool>& stop) {
  void* const value = memory_.allocate_bytes(entry.kernel.output->size_bytes);
  entry.kernel.output->construct(value);
  {
    const stage_timer timer{times_.compute};
    times_.compute_start = timer.start();
    cpu_context context{memory_, stop};
    auto ran = entry.kernel.run_on_cpu(body_.input, value, context);
    if (!ran) return std::move(ran).error();
  }
  job_output output;
  {
    const stage_timer timer{times_.encode};
    auto written = entry.output.encode(value, output.output, memory_);
    if (!written) return within("output", std::move(written).error());
  }
  output.params_used = std::move(body_.params_used);
  output.metadata = std::move(body_.metadata);
  output.decode = *times_.decode;
  output.compute = *times_.compute;
  output.encode = *times_.encode;
  return output;
}

void job_runner::free_memory() noexcept {
  memory_.reset(memory_.limit_bytes());
  body_ = {};
}

void job_runner::reset() noexcept {
  free_memory();
  times_ = {};
}

result<job_output> run_now(const kernel_entry& entry, const job_request& request,
                           const executor_config& options, const limits_config& limits,
                           const std::atomic<bool>& stop) {
  const job_limits allowed{options, limits};
  job_runner runner{allowed};
  return to_result(runner.guarded(entry, [&]() -> result<job_output> {
    auto decoded = runner.decode(entry, request.body, allowed);
    if (!decoded) return std::move(decoded).error();
    return runner.compute(entry, stop);
  }));
}

}  // namespace kernd
