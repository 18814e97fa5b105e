#include "kernd/gpu/twin.hpp"
#include "src/gpu/stage.hpp"

namespace kernd::gpu::detail {

namespace {

run_status attempt(twin_call* call, const void* const* in, void* const* out, std::size_t count,
                   context& on, const job_terms& terms, error& why, const char*& name) noexcept {
  try {
    on.begin(terms);
    auto called = call(in, out, count, on);
    on.finish();
    if (called) return run_status::done;
    why = std::move(called).error();
    return run_status::failed;
  } catch (...) {
    auto failed = failure_of_current_exception();
    why = std::move(failed.what);
    name = failed.cuda_error;
    return failed.status;
  }
}

}  // namespace

run_status run_job(twin_call* call, const void* const* in, void* const* out, std::size_t count,
                   context& on, const job_terms& terms, job_report& report, error& why) noexcept {
  const stage range{"job"};
  const char* name = nullptr;
  run_status status = attempt(call, in, out, count, on, terms, why, name);
  // What was queued before the failure may still read or write the job's memory: waited for here.
  if (status != run_status::done && on.is_lost()) {
    status = run_status::device_failed;
    why.code = errc::device_error;
    why.message = "device failed";  // short enough to need no memory
  }
  report = on.end();
  report.cuda_error = name;
  return status;
}

}  // namespace kernd::gpu::detail
