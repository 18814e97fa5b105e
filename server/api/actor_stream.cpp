#include "server/api/actor_call.hpp"
#include "server/api/actor_json.hpp"
#include "server/api/actors.hpp"
#include "server/api/answer_queue.hpp"
#include "server/api/parameters.hpp"
#include "server/http/event_stream.hpp"
#include "server/http/problem.hpp"
#include "server/http/web_socket.hpp"

#include <algorithm>
#include <chrono>
#include <limits>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

namespace kernd::api {

namespace asio = boost::asio;

/// Where a stream begins.
struct stream_start {
  std::uint64_t after;
  bool was_named;  ///< By the client, which has what comes before it.
};

namespace {

using std::chrono::steady_clock;

constexpr std::size_t messages_per_turn = 64;
constexpr std::size_t message_memory_bytes = std::size_t{4} << 20;
constexpr std::size_t message_depth = 64;
/// Between two looks of a stream at an actor that says nothing, in case a notice was lost for want
/// of memory.
constexpr std::chrono::seconds longest_silence{60};

/// A message of the output, as text.
struct output_text {
  std::uint64_t position;
  std::string_view name;  ///< Of its type; literal.
  std::string text;
};

/// Follows an actor's output. What is sent is given back late, half a log behind, so that a client
/// whose connection broke can go on where it was; until then the actor has half its log to fill.
/// A client that only wants what comes from now on gives nothing back before something has come.
class output_follower {
 public:
  output_follower(actor of, const ring_entry& ring, stream_start start)
      : actor_{std::move(of)},
        ring_{ring},
        sent_{start.after},
        gives_back_{start.was_named},
        kept_{actor_.status().options.output_queue_capacity / 2} {}

  /// What is behind what was sent. Error: as `append_message`.
  result<std::vector<output_text>> next() {
    std::vector<output_text> texts;
    result<void> failure;
    const std::uint64_t acknowledged = gives_back_ && sent_ > kept_ ? sent_ - kept_ : 0;
    actor_.read_output(
        acknowledged, sent_, messages_per_turn, [&](std::uint64_t position, const message_view& m) {
          if (!failure) return;
          text_buffer text;
          text.append("{\"position\":");
          append_integer(text, position);
          text.push_back(',');
          failure = append_message(text, m.header, m.payload, ring_);
          text.push_back('}');
          const auto* type = ring_.find(m.header.type);
          texts.push_back(
              {position, type == nullptr ? "" : type->type.name, std::string{text.view()}});
        });
    if (!failure) return std::move(failure).error();
    return texts;
  }
  void sent(std::uint64_t position) noexcept {
    sent_ = position;
    gives_back_ = true;
  }

  /// Until there is more, or `gone`, or the actor's end.
  asio::awaitable<void> wait(std::stop_token gone) {
    return wait_for_output(actor_, sent_, steady_clock::now() + longest_silence, std::move(gone));
  }
  bool has_ended() { return actor_.wait(steady_clock::time_point{}); }

 private:
  actor actor_;
  const ring_entry& ring_;
  std::uint64_t sent_;
  bool gives_back_;
  const std::uint64_t kept_;
};

/// Where a client wants to go on: `Last-Event-ID`, or `?after=`, or at what comes from now on.
result<stream_start> first_position(const http::request& req, const actor& of) {
  constexpr std::int64_t largest = std::numeric_limits<std::int64_t>::max();
  const auto header = read_integer_header(req, "Last-Event-ID", 0, largest);
  if (!header) return header.error();
  std::string_view name = "Last-Event-ID";
  std::optional<std::int64_t> after = *header;
  if (!after) {
    const auto text = req.query_param("after");
    if (!text) return stream_start{of.output_range().second, false};
    name = "after";
    after = read_integer(*text, 0, largest);
    if (!after) {
      return error{errc::invalid_request, "after: integer from 0 to " + std::to_string(largest) +
                                              " expected, found '" +
                                              std::string{text->substr(0, 40)} + "'"};
    }
  }
  const auto position = static_cast<std::uint64_t>(*after);
  const auto reached = check_position(of, name, position);
  if (!reached) return reached.error();
  return stream_start{position, true};
}

/// What a WebSocket's client sent is answered with, when it is answered.
std::string failure_text(const error& e) {
  text_buffer text;
  text.append("{\"error\":{\"code\":");
  http::append_quoted(text, http::describe(e.code).code);
  text.append(",\"message\":");
  http::append_quoted(text, e.message);
  text.append("}}");
  return std::string{text.view()};
}

}  // namespace

// GET /actors/{actor}/stream, as server-sent events
asio::awaitable<result<void>> actor_api::follow(http::request& req, http::event_stream& events) {
  const auto found = find(req);
  if (!found) co_return found.error();
  const auto first = first_position(req, found->to);
  if (!first) co_return first.error();
  output_follower output{found->to, found->ring, *first};
  bool is_open = co_await events.open();
  while (is_open && !req.disconnected.stop_requested()) {
    const bool was_last = output.has_ended();  // before it is read: what came last is still sent
    const auto texts = output.next();
    if (!texts) co_return texts.error();
    const auto& lines = *texts;
    for (const output_text& m : lines) {
      const std::string id = std::to_string(m.position);
      const http::server_event event{.data = m.text, .event = m.name, .id = id};
      is_open = co_await events.write(event);
      if (!is_open) break;
      output.sent(m.position);
    }
    if (was_last && lines.empty()) break;
    if (is_open && lines.empty()) co_await output.wait(req.disconnected);
  }
  co_return result<void>{};
}

/// Reads what a client sends and hands it to the actor, which works on several at a time.
asio::awaitable<void> actor_api::read_socket(http::request& req, http::web_socket& socket,
                                             addressee whom, std::shared_ptr<answer_queue> shared) {
  answer_queue& answers = *shared;
  const answer_queue::user reader{answers};
  while (!answers.has_ended()) {
    const auto text = co_await socket.read();
    if (!text) co_return;
    auto answer = co_await take_message(req, *text, whom);
    answers.push(std::move(answer));
    while (answers.is_full() && !answers.has_ended()) co_await answers.wait();
  }
}

/// Answers in the order of the messages.
asio::awaitable<void> actor_api::answer_socket(http::request& req, http::web_socket& socket,
                                               addressee whom,
                                               std::shared_ptr<answer_queue> shared) {
  answer_queue& answers = *shared;
  const answer_queue::user answerer{answers};
  for (;;) {
    while (answers.is_empty() && !answers.has_ended()) co_await answers.wait();
    if (answers.is_empty()) co_return;
    auto next = answers.pop();
    if (next.call) next.text = co_await reply_text(std::move(next), whom, req.disconnected);
    const bool is_open = co_await socket.write(next.text);
    if (!is_open) co_return;
  }
}

/// A message that was sent, or called when its type has a reply, or why it was not.
asio::awaitable<socket_answer> actor_api::take_message(http::request& req, std::string_view text,
                                                       addressee whom) {
  const auto max_time = max_timeout_.load(std::memory_order_relaxed);
  arena memory{message_memory_bytes};
  json_reader reader{message_depth};
  const text_buffer padded{text};
  const auto body =
      decode_message_body(reader, padded, form_for(whom.ring, max_time, true), memory);
  if (!body) co_return socket_answer{failure_text(body.error())};
  const outgoing_message message{.type = body->type,
                                 .payload = body->payload,
                                 .priority = body->priority,
                                 .deadline = body->deadline};
  const auto timeout = body->timeout.value_or(default_timeout_.load(std::memory_order_relaxed));
  const auto patience = std::min(timeout, body->deadline.value_or(timeout));
  const auto deadline = steady_clock::now() + patience;
  if (whom.ring.find(body->type)->type.reply == 0) {
    const auto sent = co_await send_to_actor(whom.to, message, deadline, req.disconnected);
    if (!sent) co_return socket_answer{failure_text(sent.error())};
    co_return socket_answer{"{\"accepted\":{\"message_id\":\"" + std::to_string(*sent) + "\"}}"};
  }
  auto started = co_await start_call(whom.to, message, deadline, req.disconnected);
  if (!started) co_return socket_answer{failure_text(started.error())};
  co_return socket_answer{{}, std::move(*started), deadline};
}

/// What a call of the socket's client ended with.
asio::awaitable<std::string> actor_api::reply_text(socket_answer waiting, addressee whom,
                                                   std::stop_token gone) {
  const auto reply = co_await waiting.call->answer(waiting.deadline, std::move(gone));
  if (!reply) co_return failure_text(reply.error());
  text_buffer out;
  out.append("{\"reply\":{");
  const auto written = append_message(out, reply->header, reply->payload, whom.ring);
  if (!written) co_return failure_text(written.error());
  out.append("}}");
  co_return std::string{out.view()};
}

/// Sends what the actor emits.
asio::awaitable<void> actor_api::write_socket(http::request& req, http::web_socket& socket,
                                              addressee whom, stream_start first) {
  output_follower output{whom.to, whom.ring, first};
  bool is_open = true;
  while (is_open && !req.disconnected.stop_requested()) {
    const bool was_last = output.has_ended();
    const auto texts = output.next();
    if (!texts) {
      socket.close(http::close_code::internal_error, "the actor emitted what cannot be written");
      co_return;
    }
    const auto& lines = *texts;
    for (const output_text& m : lines) {
      const std::string text = "{\"event\":" + m.text + "}";
      is_open = co_await socket.write(text);
      if (!is_open) break;
      output.sent(m.position);
    }
    if (was_last && lines.empty()) {
      socket.close(http::close_code::normal, "the actor has ended");
      co_return;
    }
    if (is_open && lines.empty()) co_await output.wait(req.disconnected);
  }
}

// GET /actors/{actor}/stream, as a WebSocket
asio::awaitable<result<void>> actor_api::converse(http::request& req, http::web_socket& socket) {
  const auto found = find(req);
  if (!found) co_return found.error();
  const auto first = first_position(req, found->to);
  if (!first) co_return first.error();
  const bool is_open = co_await socket.accept();
  if (!is_open) co_return result<void>{};
  const auto loop = co_await asio::this_coro::executor;
  // Shared, because a loop that ends with the socket open destroys the coroutines in any order.
  const auto answers = std::make_shared<answer_queue>(loop);
  co_await socket.run(socket.run(read_socket(req, socket, *found, answers),
                                 answer_socket(req, socket, *found, answers)),
                      write_socket(req, socket, *found, *first));
  co_return result<void>{};
}

}  // namespace kernd::api
