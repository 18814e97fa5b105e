#include "server/api/openapi_examples.hpp"

#include "kernd/arena.hpp"
#include "kernd/execute_body.hpp"
#include "server/api/execute_response.hpp"
#include "server/http/problem.hpp"

#include <nlohmann/json.hpp>

#include <algorithm>
#include <chrono>
#include <limits>
#include <string>
#include <utility>
#include <vector>

namespace kernd::api {

namespace {

using json = nlohmann::ordered_json;
using namespace std::chrono_literals;

constexpr std::string_view request_id = "7f3c9a52-6d0e-4b1f-9c84-2ad5e6b01f37";

/// Messages as the daemon words them.
std::vector<error> example_errors() {
  return {
      {errc::bad_request, "the request has 0 Host headers, exactly 1 is needed"},
      {errc::invalid_json, "not JSON at byte offset 1: unexpected end"},
      refuse_value(errc::invalid_request, "/inptu", "one of the members input, metadata",
                   "that name; did you mean `input`?"),
      invalid_input("/input/x/1", "number", "\"abc\""),
      {errc::permission_denied,
       "/api/v1/runtime/reload answers neither to browsers nor through proxies; the request has "
       "Origin"},
      {errc::not_found, "nothing is at /nothing"},
      {errc::kernel_not_found, "there is no kernel 'core/axyp'; did you mean `core/axpy`?"},
      {errc::actor_not_found, "there is no actor 'book-1'"},
      {errc::unknown_message_type, "no route for messages of type 9001"},
      {errc::method_not_allowed, "/api/v1/kernels allows GET, HEAD, OPTIONS"},
      {errc::request_timeout, "the head did not arrive within 10000 ms"},
      {errc::invalid_state_transition, "the daemon is Draining, not Running"},
      {errc::actor_not_active, "actor 'book-1' is deactivated and would not answer"},
      {errc::already_exists, "there is an actor 'book-1'"},
      {errc::reload_disabled, "runtime.hot_reload is false"},
      {errc::configuration_invalid,
       "flag: server.port is \"x\", expected an integer from 0 to 65535"},
      {errc::restart_required, "a restart is needed to change server.port"},
      {errc::actor_terminated, "actor 'book-1' has been terminated"},
      {errc::body_too_large, "the body is 70000 bytes, limit 65536"},
      {errc::message_too_large, "a message of 1048577 bytes; limit 1048576"},
      {errc::memory_limit_exceeded,
       "the job needs more memory than it may have: limit 1073741824 bytes"},
      {errc::uri_too_long, "the request target is 9000 bytes, limit 8192"},
      {errc::unsupported_media_type,
       "Content-Type is 'text/plain'; send application/json in UTF-8"},
      {errc::expectation_failed, "Expect is 'nothing', only '100-continue' is understood"},
      {errc::ring_kernel_rest_unsupported,
       "'core/echo' is a ring kernel, and ring.execute_over_rest is off; launch an actor of it and "
       "call that"},
      {errc::upgrade_required, "only version 13 of WebSockets is spoken here"},
      {errc::headers_too_large, "the request has more than 128 header fields"},
      {errc::queue_full, "the queue of all kernels is full: limit 1000 jobs"},
      {errc::execution_failed, "kernel graph/pagerank failed"},
      refuse_value(errc::non_finite_output, "/output/result/0", "finite number", "an infinity"),
      {errc::device_error, "device cuda:0 failed while it ran the job"},
      {errc::internal_error, "the request could not be completed"},
      {errc::unsupported_transfer_encoding,
       "Transfer-Encoding is 'gzip', only 'chunked' is understood"},
      {errc::service_unavailable, "draining: no new jobs are admitted"},
      {errc::backend_unavailable, "actors run on the CPU; this build has no other backend"},
      {errc::connection_limit, "all 1024 connections are in use"},
      {errc::memory_exhausted, "the process is out of memory"},
      {errc::execution_timeout, "no result within 30000 ms"},
      {errc::http_version_not_supported, "only HTTP/1.1 and HTTP/1.0 are spoken here"},
      {errc::max_hops_exceeded, "the message was passed on more than 16 times"},
  };
}

/// The defaults that apply to the example, as the members of an object.
std::string defaults_of(const kernel_entry& entry) {
  const text_buffer body{R"({"input":)" + std::string{entry.kernel.info.example.input} + "}"};
  json_reader reader{64};
  arena memory{std::numeric_limits<std::size_t>::max()};
  return decode_execute_body(reader, body, entry.input, memory, 1ms).value().params_used;
}

}  // namespace

json problem_examples() {
  json all;
  for (const error& e : example_errors()) {
    const http::problem_kind& kind = http::describe(e.code);
    all[std::string{kind.code}] = {
        {"summary", kind.title}, {"value", json::parse(http::problem_body(e, request_id).view())}};
  }
  return all;
}

json examples_named_in(std::string_view text) {
  constexpr std::string_view letters = "ABCDEFGHIJKLMNOPQRSTUVWXYZ_";
  json all = json::object();
  for (auto at = text.find_first_of(letters); at != text.npos;) {
    const auto end = std::min(text.find_first_not_of(letters, at), text.size());
    const std::string_view word = text.substr(at, end - at);
    for (const http::problem_kind& kind : http::problem_kinds()) {
      if (kind.code != word || kind.value == errc::cancelled) continue;
      all[std::string{word}] = {{"$ref", "#/components/examples/" + std::string{word}}};
    }
    at = text.find_first_of(letters, end);
  }
  return all;
}

json result_example(const kernel_entry& entry) {
  http::request asked;
  asked.request_id = request_id;
  job_output done;
  done.output = text_buffer{entry.kernel.info.example.output};
  done.params_used = defaults_of(entry);
  done.queue_wait = 21us;
  done.compute = 3us;
  const http::response answer = execute_response(asked, entry, std::move(done));
  std::string text;
  for (const text_buffer& part : answer.body) text += part.view();
  json result = json::parse(text);
  result["metadata"]["duration_us"] = 180;  // `asked` never came
  return result;
}

}  // namespace kernd::api
