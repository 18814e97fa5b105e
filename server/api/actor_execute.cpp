#include "server/api/actor_execute.hpp"

#include "kernd/execute_body.hpp"
#include "server/api/actor_call.hpp"

#include <algorithm>
#include <cstring>
#include <string>
#include <utility>

namespace kernd::api {

namespace asio = boost::asio;

namespace {

constexpr std::size_t execute_memory_bytes = std::size_t{4} << 20;
constexpr std::size_t execute_depth = 64;
/// No message is as large; what is would not be opened on an event loop either.
constexpr std::size_t largest_execute_body = std::size_t{1} << 20;

message_priority priority_of(int execute_priority) {
  if (execute_priority <= 2) return message_priority::low;
  if (execute_priority <= 6) return message_priority::normal;
  if (execute_priority <= 8) return message_priority::high;
  return message_priority::critical;
}

result<actor> default_actor(ring_runtime& actors, const ring_kernel& kernel) {
  std::string id{kernel.info.id};
  std::replace(id.begin(), id.end(), '/', '.');
  for (;;) {
    if (auto found = actors.find(id)) {
      if (&found->kernel() == &kernel) return *std::move(found);
      return error{errc::already_exists, "the actor '" + id +
                                             "', which would execute it, is one of " +
                                             std::string{found->kernel().info.id}};
    }
    auto launched = actors.launch(kernel, id, {});
    // another request may have been faster
    if (launched || launched.error().code != errc::already_exists) return launched;
  }
}

/// The output: the reply as JSON.
result<text_buffer> encode_reply(const codec& output, const actor_reply& reply, arena& memory) {
  if (reply.payload.size() != output.type().size_bytes) {
    return error{errc::internal_error, "the actor gave another reply than it declares"};
  }
  void* const value = memory.allocate_bytes(reply.payload.size());
  std::memcpy(value, reply.payload.data(), reply.payload.size());
  text_buffer text;
  auto encoded = output.encode(value, text, memory);
  if (!encoded) return std::move(encoded).error();
  return text;
}

}  // namespace

asio::awaitable<result<job_output>> execute_on_actor(ring_runtime& actors,
                                                     const kernel_entry& entry, job_request request,
                                                     execution_context context,
                                                     std::chrono::milliseconds max_timeout) {
  if (request.body.size() > largest_execute_body) {
    co_return error{errc::message_too_large, "a message of " + std::to_string(request.body.size()) +
                                                 " bytes; limit " +
                                                 std::to_string(largest_execute_body)};
  }
  arena memory{execute_memory_bytes};
  json_reader reader{execute_depth};
  auto body = decode_execute_body(reader, request.body, entry.input, memory, max_timeout);
  if (!body) co_return std::move(body).error();
  auto to = default_actor(actors, entry.ring->kernel);
  if (!to) co_return std::move(to).error();

  const message_type& type = entry.ring->kernel.handled.front();
  const outgoing_message message{
      .type = type.type_id,
      .payload = {static_cast<const std::byte*>(body->input), type.type->size_bytes},
      .priority = priority_of(context.priority)};
  const auto reply = co_await call_actor(*to, message, context.deadline, context.cancelled);
  if (!reply) co_return reply.error();
  auto text = encode_reply(entry.output, *reply, memory);
  if (!text) co_return std::move(text).error();
  job_output output;
  output.output = std::move(*text);
  output.params_used = std::move(body->params_used);
  output.metadata = std::move(body->metadata);
  co_return output;
}

}  // namespace kernd::api
