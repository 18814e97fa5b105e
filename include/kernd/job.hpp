#pragma once

#include "kernd/body_budget.hpp"
#include "kernd/text_buffer.hpp"

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <stop_token>
#include <string>
#include <string_view>

namespace kernd {

/// The largest execute body that an I/O thread opens to find its metadata, in bytes.
inline constexpr std::size_t small_body_bytes = 16 * 1024;

/// An execution that has not been decoded: the whole body of an execute request.
struct job_request {
  text_buffer body;
  /// What `body` takes of the budget for all bodies, given back when it is decoded or the job ends.
  body_budget::lease body_memory{};
};

/// The `metadata` member of an execute request; members it does not know are ignored.
struct job_metadata {
  std::optional<std::chrono::milliseconds> timeout;
  std::optional<int> priority;
  std::optional<std::string> tenant_id;
  std::optional<std::string> trace_id;
  std::optional<std::string> span_id;
};

/// What the caller knows before anything is decoded.
struct execution_context {
  std::chrono::steady_clock::time_point received;  ///< First byte of the request.
  std::chrono::steady_clock::time_point deadline;
  int priority = 5;  ///< 0–10, higher first.
  /// Requested when the client went away; only ever on the thread of the loop that awaits the job.
  std::stop_token cancelled;
  /// Gets the ids of the body's metadata as soon as the worker has read them, so that they are
  /// known however the job ends. Null when the caller has looked itself; else outlives the run.
  job_metadata* metadata = nullptr;
  std::string_view request_id = {};  ///< For `executor::running_jobs`: up to 128 bytes, copied.
};

/// What a job did on a device.
struct device_use {
  int ordinal;                     ///< Of the CUDA device.
  std::uint64_t memory_bytes;      ///< The most that it held there at a time.
  std::chrono::nanoseconds h2d{};  ///< The device's own times: copying there, running, back.
  std::chrono::nanoseconds compute{};
  std::chrono::nanoseconds d2h{};
};

struct job_output {
  text_buffer output;       ///< The kernel's output as JSON.
  std::string params_used;  ///< Members of a JSON object, without braces.
  job_metadata metadata;
  std::chrono::nanoseconds queue_wait{};
  std::chrono::nanoseconds decode{};
  std::chrono::nanoseconds compute{};
  std::chrono::nanoseconds encode{};
  std::optional<device_use> device{};  ///< Empty: the job ran on the CPU.
  std::size_t batch_size = 1;          ///< Jobs that were computed together, this one included.
};

}  // namespace kernd
