#include "server/api/execute_response.hpp"

#include <charconv>
#include <chrono>
#include <cstdint>
#include <optional>
#include <string_view>
#include <utility>

namespace kernd::api {

namespace {

void append_number(text_buffer& out, std::string_view name, std::uint64_t value) {
  out.append(name);
  char* const at = out.prepare(24);
  out.commit(static_cast<std::size_t>(std::to_chars(at, at + 24, value).ptr - at));
}

void append_microseconds(text_buffer& out, std::string_view name, std::chrono::nanoseconds value) {
  const auto us = std::chrono::duration_cast<std::chrono::microseconds>(value).count();
  append_number(out, name, static_cast<std::uint64_t>(us));
}

void append_backend(text_buffer& out, const std::optional<device_use>& device) {
  if (device) {
    append_number(out, ",\"backend\":\"CUDA\",\"gpu_memory_bytes\":", device->memory_bytes);
  } else {
    out.append(",\"backend\":\"CPU\",\"gpu_memory_bytes\":null");
  }
}

void append_device(text_buffer& out, const std::optional<device_use>& device) {
  if (device) {
    append_number(out, ",\"device\":\"cuda:", static_cast<std::uint64_t>(device->ordinal));
    out.append("\"");
  } else {
    out.append(",\"device\":\"cpu\"");
  }
}

}  // namespace

http::response execute_response(const http::request& req, const kernel_entry& entry,
                                job_output output) {
  http::response answer;
  auto& [head, result, tail] = answer.body;
  head.reserve(128 + req.request_id.size());
  head.append("{\"request_id\":");
  http::append_quoted(head, req.request_id);
  head.append(",\"kernel_id\":\"");
  head.append(entry.kernel.info.id);
  head.append("\",\"output\":");

  result = std::move(output.output);

  tail.reserve(256 + output.params_used.size());
  tail.append(",\"metadata\":{");
  append_microseconds(tail, "\"duration_us\":", std::chrono::steady_clock::now() - req.received);
  append_backend(tail, output.device);
  tail.append(",\"trace_id\":");
  if (req.trace_id.empty())
    tail.append("null");
  else
    http::append_quoted(tail, req.trace_id);
  append_device(tail, output.device);
  if (entry.ring == nullptr) {
    append_microseconds(tail, ",\"queue_us\":", output.queue_wait);
    append_microseconds(
        tail, ",\"compute_us\":", output.device ? output.device->compute : output.compute);
  } else {
    tail.append(",\"queue_us\":null,\"compute_us\":null");  // an actor does not tell them apart
  }
  if (output.device) {
    append_microseconds(tail, ",\"h2d_us\":", output.device->h2d);
    append_microseconds(tail, ",\"d2h_us\":", output.device->d2h);
  } else {
    tail.append(",\"h2d_us\":null,\"d2h_us\":null");
  }
  append_number(tail, ",\"batch_size\":", output.batch_size);
  tail.append(",\"params_used\":{");
  tail.append(output.params_used);
  tail.append("}}}");

  return answer;
}

}  // namespace kernd::api
