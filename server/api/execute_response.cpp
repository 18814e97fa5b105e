#include "server/api/execute_response.hpp"

#include <charconv>
#include <chrono>
#include <cstdint>
#include <string_view>
#include <utility>

namespace kernd::api {

namespace {

void append_integer(text_buffer& out, std::string_view name, std::int64_t value) {
  out.append(name);
  char* const at = out.prepare(24);
  out.commit(static_cast<std::size_t>(std::to_chars(at, at + 24, value).ptr - at));
}

void append_microseconds(text_buffer& out, std::string_view name, std::chrono::nanoseconds value) {
  append_integer(out, name, std::chrono::duration_cast<std::chrono::microseconds>(value).count());
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
  tail.append(",\"backend\":\"CPU\",\"gpu_memory_bytes\":null,\"trace_id\":");
  if (req.trace_id.empty())
    tail.append("null");
  else
    http::append_quoted(tail, req.trace_id);
  tail.append(",\"device\":\"cpu\"");
  if (entry.ring == nullptr) {
    append_microseconds(tail, ",\"queue_us\":", output.queue_wait);
    append_microseconds(tail, ",\"compute_us\":", output.compute);
  } else {
    tail.append(",\"queue_us\":null,\"compute_us\":null");  // an actor does not tell them apart
  }
  append_integer(tail, ",\"h2d_us\":null,\"d2h_us\":null,\"batch_size\":",
                 static_cast<std::int64_t>(output.batch_size));
  tail.append(",\"params_used\":{");
  tail.append(output.params_used);
  tail.append("}}}");

  return answer;
}

}  // namespace kernd::api
